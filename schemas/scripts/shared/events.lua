-- events.lua: what Twilio tells of a call, in which order it counts, and who is told.

-- Whether a status of Twilio's is further on than another. `unknown` is told only when nothing else can be.
local PROGRESS = {queued = 0, initiated = 1, ringing = 2, ['in-progress'] = 3, unknown = -1}
local function comes_after(status, known)
  return not known or status == 'unknown' or (PROGRESS[status] or 4) > (PROGRESS[known] or 4)
end

-- Who answered is told between in-progress and the end.
local VERDICT_PLACE = 2.5

-- Logs what Twilio posted of a call, and keeps it for the call's client; '1' unless the client wants none, or has it.
-- Without a SequenceNumber it is who answered.
local function relay(id, campaign, sequence, body, attempt)
  local to = receiver_of(id, campaign)
  local its = redis.call('HMGET', P .. 'task:' .. id, 'attempt_number', 'state')
  attempt = attempt or its[1] or '1'
  local status = sequence ~= '' and string.match('&' .. body, '&CallStatus=([%w-]+)')
  local event = {body = body, attempt = attempt, sequence = tonumber(sequence), place = tonumber(sequence) or VERDICT_PLACE,
    final = FINAL_STATUSES[status or ''], correction = is_told(id, attempt .. ':failed') or nil}
  local name = attempt .. ':' .. (sequence ~= '' and sequence or 'verdict')
  event.more = event.final and its[2] ~= 'ended' and follows(id, campaign, status) and true or nil
  if event.final or sequence == '' then
    if not is_first(id, event.final and attempt .. ':end' or name) then return '0' end
  elseif redis.call('HEXISTS', P .. 'events:' .. id, name) == 1 or event.sequence <= ordered_up_to(id, attempt) then
    return '0'
  end
  tell(id, campaign, to, name, event)
  return to and '1' or '0'
end
