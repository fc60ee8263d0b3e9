-- caps.lua: how often a number may be called in 24 hours, for each client by itself; and whether the UTC day has room for an
-- attempt that followed by itself, whose record says `uncounted`: others were counted when they were asked for.
--
-- called:<digest>   zset, attempts that were handed to Twilio by the millisecond at which; the digest is of client and number

local CAP_MS = 86400000

local function attempts_of(key, campaign)
  local its = redis.call('HMGET', key, 'to', 'client', 'attempt_number')
  local client = its[2] or campaign and redis.call('HGET', P .. 'task:' .. campaign, 'client') or ''
  return P .. 'called:' .. redis.sha1hex(client .. '|' .. (its[1] or '')), ':' .. (its[3] or '1')
end

-- The millisecond from which on the call may go; nil if it may now. An attempt that is made again,
-- because Twilio surely did not process it, counts once.
local function capped_until_ms(key, campaign, id, most, most_a_day)
  if tonumber(most_a_day) > 0 and redis.call('HEXISTS', key, 'uncounted') == 1 then
    local ends_ms = count_in_day(1, tonumber(most_a_day), true)
    if ends_ms then return tonumber(ends_ms) end
  end
  if tonumber(most) == 0 then return nil end
  local name, attempt = attempts_of(key, campaign)
  local found, others = redis.call('ZRANGEBYSCORE', name, int(now_ms - CAP_MS), '+inf', 'WITHSCORES'), {}
  for index = 1, #found, 2 do
    if found[index] ~= id .. attempt then table.insert(others, math.min(tonumber(found[index + 1]), now_ms)) end
  end
  return others[#others - most + 1] and others[#others - most + 1] + CAP_MS
end

local function note_attempt(key, campaign, id, most, most_a_day)
  if tonumber(most_a_day) > 0 and redis.call('HDEL', key, 'uncounted') == 1 then count_in_day(1, tonumber(most_a_day)) end
  if tonumber(most) == 0 then return end
  local name, attempt = attempts_of(key, campaign)
  redis.call('ZREMRANGEBYSCORE', name, '-inf', int(now_ms - CAP_MS))
  redis.call('ZADD', name, int(now_ms), id .. attempt)
  redis.call('PEXPIRE', name, int(CAP_MS))
end
