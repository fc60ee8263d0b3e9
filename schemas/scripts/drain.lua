-- drain.lua: the operator stops the admission of calls, or lets it go on. Calls are accepted and followed meanwhile.
--
-- ARGV     1 drain | resume
-- Returns  '1' if that changed anything
local changed
if ARGV[1] == 'drain' then
  changed = redis.call('HSETNX', P .. 'drain', 'since_ms', int(now_ms))
else
  changed = redis.call('DEL', P .. 'drain')
end
nudge()
return tostring(changed)
