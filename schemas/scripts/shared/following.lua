-- following.lua: whether a further attempt follows by itself, as the client's `retry` wants.

-- The mark of a call that ended with that status at Twilio, if it is tried again; nil if it is not.
local function follows(id, campaign, status)
  local own = redis.call('HMGET', P .. 'task:' .. id, 'hang_up', 'answered_by', 'attempt_number', 'retry_most', 'retry_marks',
    'expires_ms', 'to', 'v')
  local its = campaign and redis.call('HMGET', P .. 'task:' .. campaign, 'retry_most', 'retry_marks', 'expires_ms', 'state') or {}
  local most = math.min(MOST_ATTEMPTS, tonumber(its[1] or own[4] or 0))
  if own[1] == '1' or own[7] == '' or tonumber(own[8] or 0) > VERSION then return nil end
  if campaign and its[4] ~= 'active' or tonumber(own[3] or 1) >= most then return nil end
  if math.min(tonumber(own[6] or math.huge), tonumber(its[3] or math.huge)) <= now_ms then return nil end
  local mark = mark_of('ended', status, own[1], own[2])
  return string.find(its[2] or own[5] or '', mark, 1, true) and mark or nil
end
