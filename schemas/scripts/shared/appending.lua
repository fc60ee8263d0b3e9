-- appending.lua: rows come into a campaign.

-- Rows that this run was given, from ARGV[first] on, come behind those that there are.
local function append_rows(campaign, first)
  for from = first, #ARGV, 500 do -- unpack cannot push a thousand values at once on every build
    redis.call('RPUSH', P .. 'rows:' .. campaign, unpack(ARGV, from, math.min(from + 499, #ARGV)))
  end
  redis.call('APPEND', P .. 'marks:' .. campaign, string.rep(MARKS.waiting, #ARGV - first + 1))
  redis.call('HSETNX', P .. 'task:' .. campaign, 'next', '0')
  redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
  local its, ends = redis.call('HMGET', P .. 'task:' .. campaign, 'unplanned', 'expires_ms'), false
  for index = first, #ARGV do ends = ends or string.find(ARGV[index], '\30%d+$') or string.find(ARGV[index], '^%[') end
  if its[2] then redis.call('ZADD', P .. 'closing', its[2], campaign) end
  if its[1] or ends or redis.call('EXISTS', P .. 'sets:' .. campaign) == 1 then plan_anew(campaign) end
end
