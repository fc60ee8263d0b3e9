-- checks.lua: hands out a call whose check is due, to one sweep only.
--
-- ARGV     1 name of the sweep
--          2 lease: another sweep may have the call after this many milliseconds, if this one dies
-- Returns  {now_ms, '1' if the halted account is to be probed, id, fields of its record}; without the last two the
--          sweep has nothing more to do
local due_ms = now_ms + ARGV[2]
local probe_ms = redis.call('HGET', P .. 'halt', 'probe_ms')
local probe = probe_ms and tonumber(probe_ms) <= now_ms
if probe then redis.call('HSET', P .. 'halt', 'probe_ms', int(due_ms)) end
local answer = {int(now_ms), probe and '1' or '0'}
redis.call('DEL', P .. 'asked:sweep')
redis.call('ZREMRANGEBYSCORE', P .. 'sweeps', '-inf', int(now_ms))
redis.call('ZREM', P .. 'sweeps', ARGV[1])
nudge()
if redis.call('ZCARD', P .. 'sweeps') >= MOST_SWEEPS then return answer end
while true do
  local id = redis.call('ZRANGEBYSCORE', P .. 'checks', '-inf', int(now_ms), 'LIMIT', 0, 1)[1]
  if not id then return answer end
  local task = redis.call('HGETALL', P .. 'task:' .. id)
  if #task > 0 then
    redis.call('ZADD', P .. 'checks', int(due_ms), id)
    redis.call('ZADD', P .. 'sweeps', int(due_ms), ARGV[1])
    local campaign = redis.call('HGET', P .. 'task:' .. id, 'bulk')
    local from = campaign and redis.call('HGET', P .. 'task:' .. campaign, 'from')
    table.insert(answer, id)
    table.insert(answer, task)
    if from then
      table.insert(task, 'from')
      table.insert(task, from)
    end
    return answer
  end
  redis.call('ZREM', P .. 'checks', id)
end
