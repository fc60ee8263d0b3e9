-- cancelling.lua: how what waits of a cancelled task ends.

-- A call that waits, or is on its way to a worker, and has a record.
local function end_waiting(call, campaign, retention_ms, reason)
  local its = redis.call('HMGET', P .. 'task:' .. call, 'rank', 'client', 'state', 'last_mark')
  redis.call('HSET', P .. 'task:' .. call, 'state', 'cancelled', 'updated_ms', int(now_ms))
  if reason then redis.call('HSET', P .. 'task:' .. call, 'reason', reason) end
  leave_slots(call)
  leave_all(call)
  redis.call('HINCRBY', P .. 'ended', 'canceled', 1)
  expire(call, retention_ms)
  tell_end(call, campaign, 'cancelled')
  if campaign then
    redis.call('ZREM', P .. 'again:' .. campaign, call)
    mark_call(campaign, call)
    recount(campaign, count_of(its[3]), count_of('cancelled', nil, nil, its[4]), retention_ms)
  else
    leave_line(call, 'c', its[1], its[2])
    end_counting(call)
  end
end

-- A row that never began ends without.
local function end_row(campaign, place, mark, retention_ms)
  set_mark(campaign, place, mark)
  redis.call('HINCRBY', P .. 'ended', 'canceled', 1)
  seek_next(campaign, redis.call('HGET', P .. 'task:' .. campaign, 'next'))
  recount(campaign, nil, 'canceled', retention_ms)
  rejoin(campaign)
end

-- Such a row; whether nothing of it will be dialled because somebody cancelled it.
local function cancel_row(campaign, place, retention_ms)
  local mark = mark_at(campaign, place)
  if mark ~= MARKS.waiting and mark ~= MARKS.cancelled then return false end
  set_mark(campaign, place, MARKS.cancelled) -- a write each time, so that WAIT waits for the replicas again
  if mark == MARKS.waiting then end_row(campaign, place, MARKS.cancelled, retention_ms) end
  return true
end

-- Ends rows that wait of a campaign that was cancelled, or for this reason, as many as one run may; what is left is for
-- the sweep's steps.
local function cancel_rows(campaign, retention_ms, reason)
  local key, marks = P .. 'task:' .. campaign, P .. 'marks:' .. campaign
  local waiting = redis.call('ZRANGE', P .. 'again:' .. campaign, 0, math.ceil(ROWS_AT_ONCE / 5) - 1) -- each takes as long as some rows
  for _, call in ipairs(waiting) do end_waiting(call, campaign, retention_ms, reason) end
  local at, room = tonumber(redis.call('HGET', key, 'next') or 0), ROWS_AT_ONCE - 5 * #waiting
  local page = room > 0 and redis.call('GETRANGE', marks, int(at), int(at + room - 1)) or ''
  local marked, count = string.gsub(page, MARKS.waiting, MARKS[reason or 'cancelled'])
  if count > 0 then
    redis.call('SETRANGE', marks, int(at), marked)
    drop_ends(campaign, at + 1, #page)
    redis.call('HINCRBY', P .. 'ended', 'canceled', count)
    seek_next(campaign, at + #page)
    recount(campaign, nil, 'canceled', retention_ms, count)
  end
  local left = redis.call('EXISTS', P .. 'again:' .. campaign) == 1
  if left or tonumber(redis.call('HGET', key, 'next') or 0) < redis.call('STRLEN', marks) then
    redis.call('ZADD', P .. 'steps', int(now_ms), campaign)
    return nudge()
  end
  redis.call('ZREM', P .. 'steps', campaign)
  end_counting(campaign)
  recount(campaign, nil, nil, retention_ms)
  local goes_on = redis.call('HGET', key, 'state') == 'active' -- else that it is finished was told just now
  if not reason or goes_on then tell_campaign(campaign, reason or 'cancelled') end
end
