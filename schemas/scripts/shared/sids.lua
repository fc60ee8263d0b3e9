-- sids.lua: by which SID Twilio knows a call.

-- Twilio knows the call by this SID; another one that it had stays taken for as long as a record is kept.
local function name_call(call, sid, retention_ms)
  if call.sid == sid then return end
  if call.sid then redis.call('PEXPIRE', P .. 'sid:' .. call.sid, retention_ms) end
  redis.call('SET', P .. 'sid:' .. sid, call.id)
  redis.call('HSET', P .. 'task:' .. call.id, 'sid', sid)
  redis.call('ZREM', P .. 'doubt:' .. call.from .. ':' .. call.to, call.id)
  local left_ms = redis.call('PTTL', P .. 'task:' .. call.id)
  if left_ms > 0 then redis.call('PEXPIRE', P .. 'sid:' .. sid, left_ms) end
  call.sid = sid
end
