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
