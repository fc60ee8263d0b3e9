-- cancel.lua: after it no further call of the task is placed; calls that Twilio may have are marked to be hung up.
--
-- ARGV     1 task id
--          2 state a campaign gets: cancelled | stopped      3 reason shown as its error, '' for none
--          4 how long a finished record is kept, milliseconds
-- Returns  {verdict, id, id, ...}; verdict: done | over (already ended, or no such task). The ids are of calls whose
--          request may just be leaving: none leaves any more once their state is no longer `dialling`
local id, retention_ms = ARGV[1], ARGV[4]
local leaving = {}
local key = P .. 'task:' .. id

local function end_waiting(call)
  redis.call('HSET', P .. 'task:' .. call, 'state', 'cancelled', 'updated_ms', int(now_ms))
  redis.call('ZREM', P .. 'later', call)
  redis.call('ZREM', P .. 'ready:calls', call)
  leave_slots(call)
  redis.call('ZREM', P .. 'checks', call)
  redis.call('SREM', P .. 'live', call)
  expire(call, retention_ms)
end

-- Returns whether the call was still going on.
local function cancel_call(call, campaign)
  local state = redis.call('HGET', P .. 'task:' .. call, 'state')
  if state == 'waiting' or state == 'dispatched' then
    end_waiting(call)
    if campaign then
      redis.call('LREM', P .. 'numbers:' .. campaign, 1, call)
      recount(campaign, count_of(state), 'canceled', retention_ms)
      rejoin(campaign)
    end
    return true
  end
  if not LIVE[state] then return false end
  if state == 'dialling' then table.insert(leaving, call) end
  redis.call('HSET', P .. 'task:' .. call, 'hang_up', '1', 'updated_ms', int(now_ms))
  if state == 'placed' then redis.call('ZADD', P .. 'checks', int(now_ms), call) end
  return true
end

local task = redis.call('HMGET', key, 'kind', 'state', 'bulk')
nudge()
if task[1] and task[1] ~= 'bulk' then
  return {cancel_call(id, task[3]) and 'done' or 'over', unpack(leaving)}
end
if task[2] ~= 'active' then return {'over'} end

redis.call('HSET', key, 'state', ARGV[2], 'updated_ms', int(now_ms))
if ARGV[3] ~= '' then redis.call('HSET', key, 'error', ARGV[3]) end
redis.call('ZREM', P .. 'later', id)
redis.call('ZREM', P .. 'ready:campaigns', id)
local numbers = P .. 'numbers:' .. id
for _, item in ipairs(redis.call('LRANGE', numbers, 0, 99)) do -- calls that wait again stand at the head
  if string.sub(item, 1, 1) ~= '+' then end_waiting(item) end
end
redis.call('HINCRBY', key, ARGV[2] == 'stopped' and 'failed' or 'canceled', redis.call('LLEN', numbers))
redis.call('DEL', numbers)
for _, call in ipairs(redis.call('SMEMBERS', P .. 'live')) do
  local hang_up = ARGV[2] == 'cancelled' or redis.call('HGET', P .. 'task:' .. call, 'state') == 'dispatched'
  if hang_up and string.sub(call, 1, #id + 1) == id .. '-' then cancel_call(call, id) end
end
recount(id, nil, nil, retention_ms)
return {'done', unpack(leaving)}
