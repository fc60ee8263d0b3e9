-- take_from.lua: how a campaign's next call begins.

-- At so many calls that wait again one run looks: windows may have closed for very many.
local again_left = ROWS_AT_ONCE

-- The first that waits again and may leave then; those whose windows are closed wait for their opening.
local function take_again(campaign, horizon_ms, at_ms)
  local again = P .. 'again:' .. campaign
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', again, '-inf', int(horizon_ms), 'LIMIT', 0, math.min(100, again_left))) do
    again_left = again_left - 1
    local opens_ms, closes_ms = opening_of(campaign, place_of(campaign, id))
    if not opens_ms or opens_ms <= at_ms and at_ms < closes_ms then
      redis.call('ZREM', again, id)
      return id
    end
    redis.call('ZADD', again, int(math.max(opens_ms, now_ms + 2000)), id)
  end
end

-- The campaign's next call, whose record begins here unless it waited before; nil if it has none, stopped or is full. What
-- waits again goes first, unless a number is wanted that was never refused.
local function take_from(campaign, slot_us, horizon_ms, fresh_first)
  local key, slot_ms = P .. 'task:' .. campaign, math.max(now_ms, slot_us / 1000)
  if redis.call('EXISTS', P .. 'numbers:' .. campaign) == 1 then move_rows(campaign) end
  local task = redis.call('HMGET', key, 'state', 'delay_us', 'live', 'max_live', 'paused', 'unplanned', 'expired')
  local full = tonumber(task[3] or 0) >= tonumber(task[4] or 0)
  local may_go = task[1] == 'active' and not (task[5] or task[6] or task[7] or full)
  local id = may_go and (fresh_first and take_row(campaign, slot_ms) or take_again(campaign, horizon_ms, slot_ms) or take_row(campaign, slot_ms))
  if id then
    set_mark(campaign, place_of(campaign, id), MARKS.dispatched)
    redis.call('HINCRBY', key, 'live', 1)
    note_waiting(campaign, -1)
    redis.call('HSET', key, 'free_us', int(slot_us + task[2]), 'updated_ms', int(now_ms))
  end
  rejoin(campaign, id and 0 or now_ms) -- else others of its line go first
  return id
end
