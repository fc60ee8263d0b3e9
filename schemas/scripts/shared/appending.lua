-- appending.lua: rows come into a campaign.

-- Where it is found once a number of those rows is to be forgotten.
local function note_answer(campaign, digest, kept_ms)
  local answers = P .. 'answers:' .. campaign
  redis.call('RPUSH', answers, digest)
  redis.call('PEXPIRE', answers, int(math.max(redis.call('PTTL', answers), tonumber(kept_ms))))
end

-- Rows that this run was given, from ARGV[first] on, come behind those that there are; `ends` if some end by themselves.
local function append_rows(campaign, first, ends)
  for from = first, #ARGV, 500 do -- unpack cannot push a thousand values at once on every build
    redis.call('RPUSH', P .. 'rows:' .. campaign, unpack(ARGV, from, math.min(from + 499, #ARGV)))
  end
  redis.call('APPEND', P .. 'marks:' .. campaign, string.rep(MARKS.waiting, #ARGV - first + 1))
  redis.call('HSETNX', P .. 'task:' .. campaign, 'next', '0')
  redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'unplanned', 'expires_ms')
  if its[2] then redis.call('ZADD', P .. 'closing', its[2], campaign) end
  if its[1] or ends or redis.call('EXISTS', P .. 'sets:' .. campaign) == 1 then plan_anew(campaign) end
end
