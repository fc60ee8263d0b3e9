-- rescue.lua: what needs no Twilio to go on: messages that got lost, and workers that ended while they dialled.

local MOST_RESCUED, MOST_TOLD = 50, 500

-- Puts one call back if it is stuck; returns the state that it was stuck in, nil if it was not.
local function rescue_call(id, retention_ms)
  local call = call_of(id)
  if not call then return nil end
  local stuck = call.state
  redis.call('ZREM', P .. 'stuck', id)
  if tonumber(redis.call('HGET', P .. 'task:' .. id, 'v') or 0) > VERSION then
    check_in(id, 0)
  elseif stuck == 'dispatched' then
    wait(call, tonumber(call.due_ms), retention_ms)
    note_probe(id, 'later')
    return stuck
  elseif stuck == 'dialling' then
    become(call, 'confirming', retention_ms)
    redis.call('HSET', P .. 'task:' .. id, 'doubt', 'The worker ended while it was dialling')
    check_in(id, 0)
    note_probe(id, 'unknown')
    return stuck
  end
end

-- Puts one call back, and keeps for the sweep's log that it was stuck.
local function rescue_and_tell(id, retention_ms)
  local stuck = rescue_call(id, retention_ms)
  if not stuck then return end
  redis.call('RPUSH', P .. 'rescued', id, stuck)
  redis.call('LTRIM', P .. 'rescued', -2 * MOST_TOLD, -1)
end

-- Puts back what is stuck, some at a time.
local function rescue(retention_ms)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'stuck', '-inf', int(now_ms), 'LIMIT', 0, MOST_RESCUED)) do
    rescue_and_tell(id, retention_ms)
  end
end
