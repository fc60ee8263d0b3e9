-- campaigns.lua: what scripts that move a campaign's calls share.

-- Puts a campaign back in line if it may start another call now or later.
local function rejoin(campaign)
  if redis.call('ZSCORE', P .. 'later', campaign) or redis.call('ZSCORE', P .. 'ready:campaigns', campaign) then return end
  local task = redis.call('HMGET', P .. 'task:' .. campaign, 'state', 'live', 'max_live', 'free_us')
  local full = tonumber(task[2] or 0) >= tonumber(task[3] or 0)
  if task[1] == 'active' and not full and redis.call('EXISTS', P .. 'numbers:' .. campaign) == 1 then
    redis.call('ZADD', P .. 'later', int(math.ceil(tonumber(task[4] or 0) / 1000)), campaign)
  end
end

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
