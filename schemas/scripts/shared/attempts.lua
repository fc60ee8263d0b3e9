-- attempts.lua: what is over is tried again: its last attempt moves into the list of those before.

-- Of one attempt: schemas/campaigns/attempts.py reads the first ones.
local OF_ATTEMPT = {'sid', 'call_status', 'started_ms', 'ended_ms', 'duration_seconds', 'answered_by', 'digits', 'error',
  'doubt', 'hang_up', 'reason', 'ambiguous', 'ambiguous_us', 'put_off', 'refused_us', 'restored', 'recording_sid', 'last_mark', 'judged',
  'uncounted', 'kept_metadata'}
local TOLD_OF_ATTEMPT = 8

local function fits(wanted, mark) return string.find(wanted, mark, 1, true) ~= nil end

-- The call, which is over with that mark, waits again from this millisecond on; whether it does. Not what somebody
-- cancelled, what was forgotten, what a newer version wrote, or what had as many attempts as there may be.
local function try_again(id, mark, due_ms)
  local key = P .. 'task:' .. id
  local its = redis.call('HMGET', key, 'to', 'v', 'attempt_number', 'attempts', unpack(OF_ATTEMPT))
  local attempt, handed = tonumber(its[3] or 1), mark ~= MARKS.expired
  local ended = fields_of(id, 'state', 'hang_up', 'reason')
  if ended.hang_up == '1' or ended.state == 'cancelled' and not ended.reason then return false end
  if its[1] == '' or tonumber(its[2] or 0) > VERSION or handed and attempt >= MOST_ATTEMPTS then return false end
  if handed and ended.state ~= 'cancelled' then -- else its last attempt stands there, and the one that was to follow was none
    local attempts, last = its[4] and cjson.decode(its[4]) or {}, {}
    for index = 1, TOLD_OF_ATTEMPT do last[OF_ATTEMPT[index]] = its[4 + index] or nil end
    table.insert(attempts, last)
    redis.call('HSET', key, 'attempts', cjson.encode(attempts))
  end
  -- One whose end was told is no more, though it was never handed over.
  if handed or is_told(id, int(attempt) .. ':end') then redis.call('HSET', key, 'attempt_number', int(attempt + 1)) end
  redis.call('HDEL', key, unpack(OF_ATTEMPT))
  redis.call('HSET', key, 'state', 'waiting', 'due_ms', int(due_ms), 'updated_ms', int(now_ms), 'since_ms', int(now_ms))
  if handed then redis.call('HSET', key, 'last_mark', mark) end
  keep_on(id)
  return true
end

-- What ended is tried again by itself, after its delay, or (without one) when its windows open next.
local function try_by_itself(call, mark, retention_ms)
  local key, of = P .. 'task:' .. call.id, P .. 'task:' .. (call.campaign or call.id)
  local delay_seconds = redis.call('HGET', of, 'retry_seconds')
  local due_ms = now_ms + 1000 * tonumber(delay_seconds or 0)
  if not delay_seconds then
    local opens_ms, closes_ms = unpack(redis.call('HMGET', key, 'opens_ms', 'closes_ms'))
    if call.campaign then opens_ms, closes_ms = opening_of(call.campaign, place_of(call.campaign, call.id)) end
    opens_ms = tonumber(opens_ms or 0)
    due_ms = math.max(now_ms, opens_ms > now_ms and opens_ms or tonumber(closes_ms or 0)) -- they may have closed meanwhile
  end
  if not try_again(call.id, mark, due_ms) then return end
  redis.call('HSET', key, 'uncounted', '1')
  if call.sid then redis.call('PEXPIRE', P .. 'sid:' .. call.sid, retention_ms) end
  call.state = 'waiting'
  if not call.campaign then return wait_in_line(call.id, due_ms) end
  set_mark(call.campaign, place_of(call.campaign, call.id), MARKS.again)
  wait_again(call.campaign, call.id, due_ms)
end
