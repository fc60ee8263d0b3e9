-- counts.lua: how many of a campaign's calls came to what.

-- Under which of its campaign's counts a call in this state stands; nil while it waits. What a cancel hung up, '1', was
-- canceled; what Twilio canceled by itself failed.
local function count_of(state, call_status, hung_up, last_mark)
  return COUNT_OF_MARK[mark_of(state, call_status, hung_up, nil, nil, last_mark)]
end

-- It is over: it expires, rows and all.
local function expire_campaign(campaign, retention_ms)
  end_counting(campaign)
  expire(campaign, retention_ms)
  for _, name in ipairs({'rows:', 'marks:', 'sets:', 'zones:', 'recent:'}) do redis.call('PEXPIRE', P .. name .. campaign, retention_ms) end
  redis.call('ZREM', P .. 'campaigns', campaign)
  leave_closing(campaign)
end

-- Calls of the campaign, one if it is not said how many, moved from one count to another.
local function recount(campaign, old, new, retention_ms, by)
  local key = P .. 'task:' .. campaign
  by = by or 1
  if old then redis.call('HINCRBY', key, old, -by) end
  if new then redis.call('HINCRBY', key, new, by) end
  if not old and new then note_waiting(campaign, -by) elseif old and not new then note_waiting(campaign, by) end
  redis.call('HSET', key, 'updated_ms', int(now_ms))
  if new == 'live' then keep_campaign(campaign) end
  local settled = 0
  for index, count in ipairs(redis.call('HMGET', key, unpack(COUNTS))) do
    if COUNTS[index] ~= 'live' then settled = settled + tonumber(count or 0) end
  end
  if settled == tonumber(redis.call('HGET', key, 'total')) then
    if redis.call('HGET', key, 'state') == 'active' then
      redis.call('HSET', key, 'state', 'finished')
      tell_campaign(campaign, 'finished')
    end
    expire_campaign(campaign, retention_ms)
  end
end
