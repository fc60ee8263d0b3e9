-- opening.lua: the last gate looks whether a call's windows are open.

-- Whether it was planned under another policy (CALLING_WINDOWS): then it has no opening until a sweep plans it anew.
local function is_outdated(key, policy) return (redis.call('HGET', key, 'planned_by') or '') ~= policy end

-- From when on the call may leave, and before when: by its own windows, or by those of its set.
local function span_of(id, campaign, policy)
  local own = redis.call('HMGET', P .. 'task:' .. id, 'opens_ms', 'closes_ms', 'expires_ms')
  if not campaign then
    if not is_outdated(P .. 'task:' .. id, policy) then return tonumber(own[1] or 0), over_ms_of(own[2], own[3]) end
    redis.call('HSET', P .. 'task:' .. id, 'closes_ms', '1')
    return 0, 0
  end
  if is_outdated(P .. 'task:' .. campaign, policy) then
    plan_anew(campaign)
    return 0, 0
  end
  local opens_ms, closes_ms = opening_of(campaign, place_of(campaign, id))
  local expires_ms = over_ms_of(own[3], redis.call('HGET', P .. 'task:' .. campaign, 'expires_ms'))
  return opens_ms or 0, over_ms_of(closes_ms, expires_ms)
end

-- How long the call that would leave then must wait instead, in microseconds; nil if it may leave.
local function held_by_windows_us(id, campaign, leaves_us, policy)
  local opens_ms, over_ms = span_of(id, campaign, policy)
  if over_ms and leaves_us >= over_ms * 1000 then return FORGOTTEN_US end
  return opens_ms * 1000 > leaves_us and opens_ms * 1000 - leaves_us or nil
end
