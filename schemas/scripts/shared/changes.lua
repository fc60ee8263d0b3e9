-- changes.lua: a call comes into another state, and what follows from that.

-- What scripts that change a call's state know of it; nil, and nothing is left of it anywhere, if its record has vanished.
local function call_of(id)
  local call = fields_of(id, 'state', 'bulk', 'to', 'from', 'from_given', 'sid', 'call_status', 'tries', 'attempt_number',
    'leaves_us', 'arrives_us', 'dialled_ms', 'hang_up', 'due_ms', 'ambiguous_us', 'talk_ms', 'last_mark')
  if not call.state then
    leave_all(id)
    leave_slots(id)
    return nil
  end
  call.id, call.leaves_us = id, tonumber(call.leaves_us or (call.dialled_ms or 0) * 1000)
  local campaign = call.bulk and fields_of(call.bulk, 'state', 'from', 'from_given')
  call.campaign = campaign and campaign.state and call.bulk
  call.campaign_state = campaign and campaign.state
  call.from = call.from or campaign and campaign.from or ''
  call.from_given = (campaign and campaign.from_given or call.from_given) == '1'
  return call
end

-- Whether the call came into this state, which the table of states allows it or not. `status` is what Twilio calls it.
local function become(call, to, retention_ms, status)
  local id, from, key = call.id, call.state, P .. 'task:' .. call.id
  if not (MAY_BECOME[from] or {})[to] then return false end
  redis.call('HSET', key, 'state', to, 'updated_ms', int(now_ms), unpack(to ~= from and {'since_ms', int(now_ms)} or {}))
  if FINAL[from] then redis.call('HDEL', key, 'error') end
  leave_slots(id)
  if from == 'waiting' and not call.campaign then end_counting(id) end
  note_talk(call, to, status or call.call_status)
  redis.call('ZREM', P .. 'stuck', id)
  if LIVE[to] then
    if FINAL[from] then keep_on(id) end
    redis.call('SADD', P .. 'live', id)
  else
    leave_all(id)
  end
  local again = to == 'ended' and follows(id, call.campaign, status or call.call_status)
  if FINAL[to] then
    redis.call('HINCRBY', P .. 'ended', count_of(to, status or call.call_status, call.hang_up, call.last_mark), 1)
    if not again then expire(id, retention_ms) end
    tell_end(id, call.campaign, to, status or call.call_status, again)
  end
  if call.campaign then
    if TALKS[from] and (FINAL[to] or from == 'placed' and to ~= 'placed') then note_lasted(call) end
    if (to == 'placed' or to == 'ended') and from ~= 'placed' then
      redis.call('HINCRBY', P .. 'task:' .. call.campaign, 'placed', 1)
    end
    mark_call(call.campaign, id)
    local old = count_of(from, call.call_status, call.hang_up, call.last_mark)
    local new = not again and count_of(to, status or call.call_status, call.hang_up, call.last_mark) or nil
    if old ~= new then recount(call.campaign, old, new, retention_ms) end
    if not again then stop_if_bad(call, to, status or call.call_status) end
    rejoin(call.campaign)
  end
  if LIVE[from] ~= LIVE[to] then (FINAL[to] and not again and nudge_for_lines or nudge)() end
  call.state = to
  if again then try_by_itself(call, again, retention_ms) end
  return true
end

-- Whether somebody cancelled the call meanwhile, or its campaign, or that is over.
local function unwanted(call) return call.hang_up == '1' or call.bulk and call.campaign_state ~= 'active' end

-- The call waits again, from this millisecond on, unless it is unwanted.
local function wait(call, due_ms, retention_ms)
  if unwanted(call) then return become(call, 'cancelled', retention_ms) end
  if become(call, 'waiting', retention_ms) then
    redis.call('HDEL', P .. 'task:' .. call.id, 'kept_metadata') -- what waits says what it is to say now
    if call.campaign then wait_again(call.campaign, call.id, due_ms) else wait_in_line(call.id, due_ms) end
  end
end

-- Twilio has the call, which was in that state before: when it is looked at, or hung up at once because it was cancelled.
local function follow(call, before, milliseconds)
  if call.hang_up ~= '1' and before ~= 'placed' and call.campaign_state == 'cancelled' then
    call.hang_up = '1'
    redis.call('HSET', P .. 'task:' .. call.id, 'hang_up', '1')
  end
  check_in(call.id, call.hang_up == '1' and before ~= 'placed' and 0 or milliseconds, call.hang_up)
end
