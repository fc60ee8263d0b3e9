-- expiring.lua: what had not begun by its end.

local function expire_call(call, retention_ms)
  redis.call('HSET', P .. 'task:' .. call.id, 'reason', 'expired')
  if call.campaign then redis.call('ZREM', P .. 'again:' .. call.campaign, call.id) end
  become(call, 'cancelled', retention_ms)
end

local function expire_row(campaign, place, retention_ms)
  set_mark(campaign, place, MARKS.expired)
  redis.call('HINCRBY', P .. 'ended', 'canceled', 1)
  seek_next(campaign, redis.call('HGET', P .. 'task:' .. campaign, 'next'))
  recount(campaign, nil, 'canceled', retention_ms)
  rejoin(campaign)
end
