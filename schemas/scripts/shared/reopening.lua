-- reopening.lua: a campaign that was finished goes on.

local function reopen(campaign)
  local key = P .. 'task:' .. campaign
  local its = redis.call('HMGET', key, 'state', 'idem')
  if its[1] == 'finished' then
    redis.call('HSET', key, 'state', 'active')
    redis.call('HINCRBY', key, 'reopened', 1)
    if its[2] then redis.call('PERSIST', P .. 'idem:' .. its[2]) end
  end
  keep_campaign(campaign)
  redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
end
