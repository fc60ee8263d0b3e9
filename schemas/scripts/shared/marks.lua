-- marks.lua: the byte of a campaign's row, which tells what became of it: schemas/campaigns/marks.py spells them.

-- What a call's record comes to. A row that was attempted keeps its last attempt's mark if no further one is made.
local function mark_of(state, call_status, hang_up, answered_by, reason, last_mark)
  if state == 'waiting' then return MARKS.again end
  if state == 'dispatched' then return MARKS.dispatched end
  if LIVE[state] then return MARKS.live end
  if state == 'cancelled' then return last_mark or MARKS[reason] or MARKS.cancelled end
  if state == 'rejected' then return MARKS.failed end
  if state ~= 'ended' then return MARKS.unknown end
  if hang_up == '1' and (call_status == 'completed' or call_status == 'canceled') then return MARKS.hung_up end
  if call_status == 'canceled' then return MARKS.failed end
  if call_status ~= 'completed' then
    return FINAL_STATUSES[call_status] and MARKS[(string.gsub(call_status, '-', '_'))] or MARKS.unknown
  end
  local by = answered_by or ''
  return (string.find(by, '^machine') or string.find(by, '^fax')) and MARKS.machine or MARKS.answered
end

-- The place of a campaign's call in the order given.
local function place_of(campaign, id) return tonumber(string.sub(id, #campaign + 2)) end

local function set_mark(campaign, place, mark)
  local marks = P .. 'marks:' .. campaign
  if place <= redis.call('STRLEN', marks) then redis.call('SETRANGE', marks, int(place - 1), mark) end
end

-- Marks the row of a call as its record stands.
local function mark_call(campaign, id)
  local its = redis.call('HMGET', P .. 'task:' .. id, 'state', 'call_status', 'hang_up', 'answered_by', 'reason', 'last_mark')
  if its[1] then set_mark(campaign, place_of(campaign, id), mark_of(unpack(its, 1, 6))) end
end
