-- halt.lua: no call is admitted while the account itself is refused; a probe finds out when that is over.
--
-- ARGV     1 halt | probed (still refused) | resume     2 reason of a halt, a sentence
-- Returns  milliseconds until the next probe
--
-- Each halt or failed probe doubles the gap to the next probe, from half a second to 30 s, until a call is placed.
local halted = redis.call('EXISTS', P .. 'halt') == 1
if ARGV[1] == 'resume' then redis.call('DEL', P .. 'halt') end
if halted ~= (ARGV[1] == 'probed') then
  nudge()
  return 0
end
local gap_ms = math.min(30000, 250 * 2 ^ math.min(redis.call('INCR', P .. 'halts'), 10))
redis.call('HSETNX', P .. 'halt', 'since_ms', int(now_ms))
redis.call('HSETNX', P .. 'halt', 'reason', ARGV[2])
redis.call('HSET', P .. 'halt', 'probe_ms', int(now_ms + gap_ms))
nudge()
return gap_ms
