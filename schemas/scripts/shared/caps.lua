-- caps.lua: how often a number may be called in 24 hours, for each client by itself.
--
-- called:<digest>   zset, attempts that were handed to Twilio by the millisecond at which; the digest is of client and number

local CAP_MS = 86400000

local function attempts_of(key, campaign)
  local its = redis.call('HMGET', key, 'to', 'client', 'attempt_number')
  local client = its[2] or campaign and redis.call('HGET', P .. 'task:' .. campaign, 'client') or ''
  return P .. 'called:' .. redis.sha1hex(client .. '|' .. (its[1] or '')), ':' .. (its[3] or '1')
end

-- The millisecond from which on the number may be called again; nil if it may be now. An attempt that is made again,
-- because Twilio surely did not process it, counts once.
local function capped_until_ms(key, campaign, id, most)
  if tonumber(most) == 0 then return nil end
  local name, attempt = attempts_of(key, campaign)
  local found, others = redis.call('ZRANGEBYSCORE', name, int(now_ms - CAP_MS), '+inf', 'WITHSCORES'), {}
  for index = 1, #found, 2 do
    if found[index] ~= id .. attempt then table.insert(others, math.min(tonumber(found[index + 1]), now_ms)) end
  end
  return others[#others - most + 1] and others[#others - most + 1] + CAP_MS
end

local function note_attempt(key, campaign, id, most)
  if tonumber(most) == 0 then return end
  local name, attempt = attempts_of(key, campaign)
  redis.call('ZREMRANGEBYSCORE', name, '-inf', int(now_ms - CAP_MS))
  redis.call('ZADD', name, int(now_ms), id .. attempt)
  redis.call('PEXPIRE', name, int(CAP_MS))
end
