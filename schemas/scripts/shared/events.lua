-- events.lua: what Twilio tells of a call, in which order it counts, and who is told.

-- Whether a status of Twilio's is further on than another. `unknown` is told only when nothing else can be.
local PROGRESS = {queued = 0, initiated = 1, ringing = 2, ['in-progress'] = 3, unknown = -1}
local function comes_after(status, known)
  return not known or status == 'unknown' or (PROGRESS[status] or 4) > (PROGRESS[known] or 4)
end

-- What was written about a record that is finished already goes when the record does.
local function expire_with(id, name)
  local left_ms = redis.call('PTTL', P .. 'task:' .. id)
  if left_ms > 0 then redis.call('PEXPIRE', P .. name, left_ms) end
end

-- Twilio knows the call by this SID; another one that it had stays taken for as long as a record is kept.
local function name_call(id, sid, retention_ms)
  local key = P .. 'task:' .. id
  local before = redis.call('HGET', key, 'sid')
  if before and before ~= sid then redis.call('PEXPIRE', P .. 'sid:' .. before, retention_ms) end
  redis.call('SET', P .. 'sid:' .. sid, id)
  redis.call('HSET', key, 'sid', sid)
  expire_with(id, 'sid:' .. sid)
end

-- Keeps news for the call's client; '1' unless the client wants none, or has it.
local function relay(id, campaign, sequence, body)
  local key, queue = P .. 'task:' .. id, P .. 'relay:' .. id
  local task = redis.call('HMGET', key, 'status_callback_url', 'relayed')
  local wanted = task[1] or (campaign and redis.call('HGET', P .. 'task:' .. campaign, 'status_callback_url'))
  if not wanted or tonumber(sequence) <= tonumber(task[2] or -1) then return '0' end
  if redis.call('ZCOUNT', queue, sequence, sequence) > 0 then return '0' end
  redis.call('ZADD', queue, sequence, int(now_ms) .. '|' .. body)
  expire_with(id, 'relay:' .. id)
  redis.call('ZADD', P .. 'relays', 'NX', int(now_ms), id)
  return '1'
end
