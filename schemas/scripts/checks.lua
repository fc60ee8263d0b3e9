-- checks.lua: hands out the calls whose check is due, each to one sweep only.
--
-- ARGV     1 most calls to hand out
--          2 lease: another sweep may have them after this many milliseconds, if this one dies
-- Returns  {now_ms, '1' if the halted account is to be probed, id, fields of its record, id, fields, ...}
local probe_ms = redis.call('HGET', P .. 'halt', 'probe_ms')
local probe = probe_ms and tonumber(probe_ms) <= now_ms
if probe then redis.call('HSET', P .. 'halt', 'probe_ms', int(now_ms + ARGV[2])) end
local taken = {int(now_ms), probe and '1' or '0'}
redis.call('DEL', P .. 'asked:sweep')
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'checks', '-inf', int(now_ms), 'LIMIT', 0, ARGV[1])) do
  local task = redis.call('HGETALL', P .. 'task:' .. id)
  if #task == 0 then
    redis.call('ZREM', P .. 'checks', id)
  else
    redis.call('ZADD', P .. 'checks', int(now_ms + ARGV[2]), id)
    local campaign = redis.call('HGET', P .. 'task:' .. id, 'bulk')
    if campaign then
      table.insert(task, 'from')
      table.insert(task, redis.call('HGET', P .. 'task:' .. campaign, 'from') or '')
    end
    table.insert(taken, id)
    table.insert(taken, task)
  end
end
nudge()
return taken
