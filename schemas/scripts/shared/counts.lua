-- counts.lua: how many of a campaign's calls came to what.

-- Under which of its campaign's counts a call in this state stands; nil while it waits.
local function count_of(state, call_status)
  if LIVE[state] then return 'live' end
  if state == 'ended' then return (string.gsub(call_status or 'unknown', '-', '_')) end
  return ({rejected = 'failed', unknown = 'unknown', cancelled = 'canceled'})[state]
end

-- A call of the campaign moved from one count to another.
local function recount(campaign, old, new, retention_ms)
  local key = P .. 'task:' .. campaign
  if old then redis.call('HINCRBY', key, old, -1) end
  if new then redis.call('HINCRBY', key, new, 1) end
  redis.call('HSET', key, 'updated_ms', int(now_ms))
  local settled = 0
  for _, count in ipairs(redis.call('HMGET', key, 'completed', 'busy', 'no_answer', 'failed', 'canceled', 'unknown')) do
    settled = settled + tonumber(count or 0)
  end
  if settled == tonumber(redis.call('HGET', key, 'total')) then
    if redis.call('HGET', key, 'state') == 'active' then redis.call('HSET', key, 'state', 'finished') end
    expire(campaign, retention_ms)
  end
end
