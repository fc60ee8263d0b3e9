-- checks.lua: puts back what is stuck, and hands out a call whose look-up at Twilio is due, to one sweep only.
--
-- ARGV     1 lease: another sweep may have the call, or the probe, after this many milliseconds, if this one dies
--          2 how long a finished record is kept, milliseconds
-- Returns  {now_ms, name of the probe of a held account if the sweep is to read something as one, else '',
--          {id, the state that it was stuck in, ...} of calls that were put back since the last sweep, id, fields of its
--          record}; without the last two the sweep has nothing more to do
local lease_ms, retention_ms = tonumber(ARGV[1]), ARGV[2]
redis.call('DEL', P .. 'asked:sweep')
redis.call('DEL', P .. 'halt', P .. 'halts', P .. 'sweeps') -- of versions before 2
nudge()
local held = redis.call('HMGET', P .. 'hold', 'stage', 'probe_ms', 'since_us', 'probes')
local probe = held[1] == 'read' and tonumber(held[2]) <= now_ms and held[3] .. ':' .. held[4] or ''
if probe ~= '' then redis.call('HSET', P .. 'hold', 'probe_ms', int(now_ms + lease_ms)) end
if redis.call('EXISTS', P .. 'copy') == 1 then return {int(now_ms), '', {}} end
rescue(retention_ms)
local answer = {int(now_ms), probe, redis.call('LRANGE', P .. 'rescued', 0, -1)}
redis.call('DEL', P .. 'rescued')

redis.call('ZREMRANGEBYSCORE', P .. 'leases', '-inf', int(now_ms))
if redis.call('ZCARD', P .. 'leases') >= MOST_LOOK_UPS then return answer end
while true do
  local id = redis.call('ZRANGEBYSCORE', P .. 'checks', '-inf', int(now_ms), 'LIMIT', 0, 1)[1]
  if not id then return answer end
  local task = redis.call('HGETALL', P .. 'task:' .. id)
  local its = #task > 0 and fields_of(id, 'state', 'bulk', 'v') or {}
  local stuck = (its.state == 'dispatched' or its.state == 'dialling') and tonumber(its.v or 0) <= VERSION
  if stuck then -- versions before 2 kept those here, too
    redis.call('ZREM', P .. 'checks', id)
    rescue_and_tell(id, retention_ms)
  elseif #task == 0 then
    call_of(id)
  else
    redis.call('ZADD', P .. 'checks', int(now_ms + lease_ms), id)
    redis.call('ZADD', P .. 'leases', int(now_ms + lease_ms), id)
    local from = its.bulk and redis.call('HEXISTS', P .. 'task:' .. id, 'from') == 0 and redis.call('HGET', P .. 'task:' .. its.bulk, 'from')
    if from then
      table.insert(task, 'from')
      table.insert(task, from)
    end
    table.insert(answer, id)
    table.insert(answer, task)
    return answer
  end
end
