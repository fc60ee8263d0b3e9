-- expiring.lua: what had not begun by its end.

local function expire_call(call, retention_ms)
  redis.call('HSET', P .. 'task:' .. call.id, 'reason', 'expired')
  if call.campaign then redis.call('ZREM', P .. 'again:' .. call.campaign, call.id) end
  become(call, 'cancelled', retention_ms)
end
