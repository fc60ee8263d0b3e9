-- drain.lua: the operator stops the admission of calls, or lets it go on. Calls are accepted and followed meanwhile.
--
-- ARGV     1 drain | resume | accept (the mark of a copy is taken off, and it is drained instead)
-- Returns  '1' if that changed anything
write_though_full()
if ARGV[1] == 'accept' and redis.call('EXISTS', P .. 'copy') == 0 then return '0' end
local resume, changed = ARGV[1] == 'resume', redis.call('HSETNX', P .. 'drain', 'since_ms', int(now_ms))
-- A write each time, so that WAIT after it waits for the replicas again.
redis.call('HSET', P .. 'drain', 'since_ms', redis.call('HGET', P .. 'drain', 'since_ms'))
if ARGV[1] == 'accept' then changed = redis.call('DEL', P .. 'copy') end
if resume then
  changed = 1 - changed
  redis.call('DEL', P .. 'drain')
end
nudge()
return tostring(changed)
