-- records.lua: reading a record, and what follows from its being live or finished.

-- Some fields of a record by name; false for one that it has not.
local function fields_of(id, ...)
  local values, fields = redis.call('HMGET', P .. 'task:' .. id, ...), {}
  for index, name in ipairs({...}) do fields[name] = values[index] end
  return fields
end

-- The record is finished: it expires, and with it what points to it. An Idempotency-Key lives 24 h at least.
local function expire(id, retention_ms)
  local key = P .. 'task:' .. id
  redis.call('PEXPIRE', key, retention_ms)
  redis.call('PEXPIRE', P .. 'relay:' .. id, retention_ms)
  redis.call('PEXPIRE', P .. 'events:' .. id, retention_ms)
  for _, name in ipairs({'log:', 'undelivered:', 'troubled:'}) do redis.call('PEXPIRE', P .. name .. id, retention_ms) end
  local names = redis.call('HMGET', key, 'sid', 'idem', 'created_ms')
  if names[1] then redis.call('PEXPIRE', P .. 'sid:' .. names[1], retention_ms) end
  if names[2] then redis.call('PEXPIREAT', P .. 'idem:' .. names[2], int(math.max(now_ms, names[3] + 86400000))) end
end

-- The record was finished and goes on: nothing of it ends any more. SIDs of earlier attempts do.
local function keep_on(id)
  for _, name in ipairs({'task:', 'relay:', 'events:', 'log:', 'undelivered:', 'troubled:'}) do redis.call('PERSIST', P .. name .. id) end
  local names = redis.call('HMGET', P .. 'task:' .. id, 'sid', 'idem')
  if names[1] then redis.call('PERSIST', P .. 'sid:' .. names[1]) end
  if names[2] then redis.call('PERSIST', P .. 'idem:' .. names[2]) end
end

-- When the sweep looks at a live call; one that is to be hung up is never looked at later than planned.
local function check_in(id, milliseconds, hang_up)
  redis.call('ZREM', P .. 'leases', id)
  -- What is to be hung up now goes before all others, of which there may be thousands.
  local at_ms = hang_up == '1' and milliseconds == 0 and 0 or now_ms + milliseconds
  redis.call('ZADD', P .. 'checks', hang_up == '1' and 'LT' or 'CH', int(at_ms), id)
  if milliseconds == 0 then nudge() end
end

-- Nobody looks at the call any more, and it takes up nothing.
local function leave_all(id)
  redis.call('SREM', P .. 'live', id)
  for _, name in ipairs({'checks', 'leases', 'stuck', 'closing'}) do redis.call('ZREM', P .. name, id) end
end
