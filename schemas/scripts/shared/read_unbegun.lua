-- read_unbegun.lua: what is told of a row that never began.

local ENDED_UNBEGUN = {[MARKS.cancelled] = true, [MARKS.expired] = true, [MARKS.do_not_call] = true}

-- The record of a task as HGETALL gives it; of a row that never began, what it would be. Empty if there is no such task.
local function record_of(id)
  local flat = redis.call('HGETALL', P .. 'task:' .. id)
  if #flat > 0 then return flat end
  local campaign, place = row_named(id)
  local mark = campaign and mark_at(campaign, place)
  if mark ~= MARKS.waiting and not ENDED_UNBEGUN[mark] then return {} end
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'rank', 'created_ms', 'due_ms', 'client')
  local to, more = read_row(redis.call('LINDEX', P .. 'rows:' .. campaign, int(place - 1)) or '')
  return {'kind', 'bulk_call', 'bulk', campaign, 'state', mark == MARKS.waiting and 'waiting' or 'cancelled', 'to', to,
    'rank', its[1], 'created_ms', its[2], 'updated_ms', its[2], 'due_ms', its[3], 'client', its[4] or '',
    'reason', mark == MARKS.expired and 'expired' or mark == MARKS.do_not_call and 'do_not_call' or '', unpack(more)}
end
