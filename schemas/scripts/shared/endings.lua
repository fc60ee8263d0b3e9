-- endings.lua: what a client is told that Twilio told nobody. Whose URL Twilio itself has is told nothing of it.

local LAST_PLACE = 1000 -- behind all that Twilio tells of an attempt
local CALLS_MAY_WAIT_MS = 5000 -- for an event that Twilio may deliver later

-- Tells of an attempt's end that no event of Twilio's told of: the call came into this state, with this status at Twilio.
-- A failure of which Twilio itself has not told is corrected when it does. What the event says of the attempt stands in it:
-- the record is a further attempt's by the time that it is delivered.
local function tell_end(id, campaign, state, call_status, again)
  local to = receiver_of(id, campaign)
  if to and not to.tells then to = false end
  local task = fields_of(id, 'attempt_number', 'tries', 'sid', 'ended_ms', 'error')
  local attempt = task.attempt_number or '1'
  local event = {attempt = attempt, place = LAST_PLACE, final = true, more = again and true or nil, status = 'failed',
    call_sid = state ~= 'cancelled' and task.sid or nil, code = string.match(task.error or '', '%(error (%d+)%)$')}
  if state == 'cancelled' then
    if campaign and not task.tries then return end -- its numbers that never began give none
    event.status = 'canceled'
  elseif state == 'ended' and FINAL_STATUSES[call_status or ''] then
    event.status, event.correction, event.sid = call_status, is_told(id, attempt .. ':failed') or nil, true
    event.ended_ms = tonumber(task.ended_ms or '')
  elseif state ~= 'rejected' then
    event.outcome = 'unknown'
  end
  local certain = state == 'cancelled' or event.sid
  if is_told(id, attempt .. ':end') or not is_first(id, attempt .. (certain and ':end' or ':failed')) then return end
  tell(id, campaign, to, attempt .. (certain and ':end' or ':failed'), event)
end

-- Tells of a campaign that is over, each time that it is, or was paused by itself, with its counts as they are.
local function tell_campaign(id, what)
  local to, again = receiver_of(id), redis.call('HGET', P .. 'task:' .. id, 'reopened')
  local name = again and what .. ':' .. again or what
  if not is_first(id, name) then return end
  local flat, fields = redis.call('HGETALL', P .. 'task:' .. id), {}
  add_dispatched(id, flat)
  for index = 1, #flat, 2 do
    if not string.find(flat[index], 'metadata', 1, true) and not string.find(flat[index], '_url', 1, true) then
      fields[flat[index]] = flat[index + 1]
    end
  end
  local waits = now_ms - tonumber(fields.early_ms or 0) < CALLS_MAY_WAIT_MS
  tell(id, nil, to and (to.tells and to), name, {campaign = fields, place = now_ms, waits = waits or nil})
end
