-- blanking.lua: what is removed of a call or a row whose number is forgotten.

-- What was said to the request's Idempotency-Key is given to no one any more: it keeps others from dialling again.
local function forget_answer(digest)
  local answer = P .. 'idem:' .. (digest or '')
  if digest and redis.call('EXISTS', answer) == 1 then redis.call('HSET', answer, 'fingerprint', '') end
end

-- Nor what was said to the one by which this row came into its campaign later; the digest of the campaign's own.
local function forget_answers(campaign, place)
  for _, digest in ipairs(redis.call('LRANGE', P .. 'answers:' .. campaign, 0, -1)) do
    local its = redis.call('HMGET', P .. 'idem:' .. digest, 'first', 'count')
    if its[1] and place > tonumber(its[1]) and place <= its[1] + its[2] then forget_answer(digest) end
  end
  return redis.call('HGET', P .. 'task:' .. campaign, 'idem')
end

-- Of attempts before the newest one stays what stays of that: not what was pressed, or why it failed.
local function blank_attempts(key)
  local sound, attempts = pcall(cjson.decode, redis.call('HGET', key, 'attempts') or '')
  if not sound then return redis.call('HDEL', key, 'attempts') end
  for _, attempt in ipairs(attempts) do attempt.digits, attempt.error = nil, nil end
  redis.call('HSET', key, 'attempts', cjson.encode(attempts))
end

-- Nothing is left of whom the call was to, or of what was to be said and was pressed.
local function blank_call(id, campaign)
  leave_mail(id, campaign)
  blank_attempts(P .. 'task:' .. id)
  redis.call('HSET', P .. 'task:' .. id, 'to', '')
  redis.call('HDEL', P .. 'task:' .. id, 'metadata', 'webhook_url', 'status_callback_url', 'digits', 'error', 'doubt',
    'external_id', 'variables', 'send_digits', 'recording_sid', 'undelivered', 'retrying', 'kept_metadata')
  redis.call('DEL', P .. 'events:' .. id, P .. 'relay:' .. id, P .. 'undelivered:' .. id)
  redis.call('ZREM', P .. 'relays', id)
end

-- Whether it was, which cannot be while Twilio may have the call; one that waits is cancelled.
local function cancel_and_blank(id, campaign, retention_ms)
  local call = call_of(id) or {state = 'ended'} -- of a damaged record nothing goes on
  if call.state == 'waiting' or call.state == 'dispatched' then
    local line = redis.call('HMGET', P .. 'task:' .. id, 'rank', 'client')
    if campaign then redis.call('ZREM', P .. 'again:' .. campaign, id) else leave_line(id, 'c', line[1], line[2]) end
    become(call, 'cancelled', retention_ms)
  end
  if FINAL[call.state] then blank_call(id, campaign) end
  return FINAL[call.state]
end

-- Whether the row was blanked, and whether that had not been done with its call. Its place stays, so that those behind
-- keep theirs.
local function blank_row(campaign, place, retention_ms)
  local id, mark = campaign .. '-' .. int(place), mark_at(campaign, place)
  local to = redis.call('HGET', P .. 'task:' .. id, 'to')
  if to and not cancel_and_blank(id, campaign, retention_ms) then return false end
  redis.call('LSET', P .. 'rows:' .. campaign, int(place - 1), '')
  if mark == MARKS.waiting then end_row(campaign, place, MARKS.cancelled, retention_ms) end
  return true, to ~= ''
end
