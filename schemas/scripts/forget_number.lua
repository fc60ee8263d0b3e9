-- forget_number.lua: from now on no call to the number begins that was accepted before, and sweeps remove every trace of it.
--
-- ARGV     1 id of the job     2 the number     3 whose tasks: `all`, or `of:` and a client
--          4 how long what came of the job is kept once it is done, milliseconds     5 where to go on looking: '0', or what was returned
-- Returns  {'started' | 'live' (Twilio has a call to the number, or may have it: nothing is begun) | 'looking' (nothing is
--          begun yet: run it again), where to go on looking}
--
-- A call that comes to live behind its back is waited for by the steps.
write_though_full()
local id, number, whose = ARGV[1], ARGV[2], ARGV[3]
local key = P .. 'forget:' .. id
local state = redis.call('HGET', key, 'state')
if state then
  redis.call('HSET', key, 'state', state) -- a write, so that WAIT after it waits for the replicas again
  return {'started', '0'}
end
local seen = redis.call('SSCAN', P .. 'live', ARGV[5], 'COUNT', 500)
for _, call in ipairs(seen[2]) do
  local task = redis.call('HMGET', P .. 'task:' .. call, 'to', 'state', 'client', 'bulk')
  local concerns = task[1] == number and (whose == 'all' or whose == 'of:' .. client_of(task[3], task[4]))
  if concerns and task[2] ~= 'dispatched' then return {'live', '0'} end
end
if seen[1] ~= '0' then return {'looking', seen[1]} end
redis.call('HSET', key, 'state', 'running', 'number', number, 'whose', whose, 'started_ms', int(now_ms), 'cursor', '0',
  'round', '1', 'blanked', '0', 'kept_ms', ARGV[4])
redis.call('HSET', P .. 'forgetting', number .. '|' .. whose, int(now_ms))
-- One job after another is worked off, a name's second behind every other name's first.
local head_ms = redis.call('ZRANGE', P .. 'forgets', 0, 0, 'WITHSCORES')[2] or now_ms - 1000
local next_ms = (redis.call('HGET', P .. 'forget_turns', whose) or 0) + 0.001
local turn_ms = string.format('%.3f', math.min(now_ms, math.max(head_ms, next_ms)))
redis.call('HSET', P .. 'forget_turns', whose, turn_ms)
redis.call('PEXPIRE', P .. 'forget_turns', 86400000)
redis.call('ZADD', P .. 'forgets', turn_ms, id)
nudge()
return {'started', '0'}
