-- reopening.lua: a campaign that was finished goes on.

local function reopen(campaign)
  local key = P .. 'task:' .. campaign
  local its = redis.call('HMGET', key, 'state', 'expires_ms')
  if its[1] == 'finished' then
    redis.call('HSET', key, 'state', 'active')
    redis.call('HINCRBY', key, 'reopened', 1)
    if its[2] then redis.call('ZADD', P .. 'closing', its[2], campaign) end
    -- Its sets were planned no further while it was finished.
    if redis.call('HEXISTS', key, 'unplanned') + redis.call('EXISTS', P .. 'sets:' .. campaign) > 0 then plan_anew(campaign) end
  end
  keep_campaign(campaign)
  redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
end
