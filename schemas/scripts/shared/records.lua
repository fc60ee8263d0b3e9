-- records.lua: which states mean what, and what follows from a record's being live or finished.

local LIVE = {dispatched = true, dialling = true, confirming = true, placed = true}
local FINAL = {ended = true, rejected = true, unknown = true, cancelled = true}

-- The record is finished: it expires, and with it what points to it. An Idempotency-Key lives 24 h at least.
local function expire(id, retention_ms)
  local key = P .. 'task:' .. id
  redis.call('PEXPIRE', key, retention_ms)
  redis.call('PEXPIRE', P .. 'relay:' .. id, retention_ms)
  local names = redis.call('HMGET', key, 'sid', 'idem', 'created_ms')
  if names[1] then redis.call('PEXPIRE', P .. 'sid:' .. names[1], retention_ms) end
  if names[2] then redis.call('PEXPIREAT', P .. 'idem:' .. names[2], int(math.max(now_ms, names[3] + 86400000))) end
end

-- When the sweep looks at a live call; one that is to be hung up is never looked at later than planned.
local function check_in(id, milliseconds, hang_up)
  redis.call('ZADD', P .. 'checks', hang_up == '1' and 'LT' or 'CH', int(now_ms + milliseconds), id)
  if milliseconds == 0 then nudge() end
end
