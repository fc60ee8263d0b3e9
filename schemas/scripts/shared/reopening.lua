-- reopening.lua: a campaign that was finished, or had expired, goes on.

local function reopen(campaign)
  local key = P .. 'task:' .. campaign
  local its = redis.call('HMGET', key, 'state', 'expires_ms', 'due_ms')
  -- Its end may lie ahead again, and its beginning: the clock was set back.
  local goes_on = tonumber(its[2] or 0) > now_ms and redis.call('HDEL', key, 'expired') == 1
  if goes_on then redis.call('HSET', key, 'due_ms', int(math.min(tonumber(its[3]), now_ms))) end
  if its[1] == 'finished' then
    redis.call('HSET', key, 'state', 'active')
    goes_on = true
  end
  if goes_on then
    redis.call('HINCRBY', key, 'reopened', 1)
    if its[2] then redis.call('ZADD', P .. 'closing', its[2], campaign) end
    -- Its sets were planned no further meanwhile.
    if redis.call('HEXISTS', key, 'unplanned') + redis.call('EXISTS', P .. 'sets:' .. campaign) > 0 then plan_anew(campaign) end
  end
  keep_campaign(campaign)
  redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
end
