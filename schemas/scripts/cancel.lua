-- cancel.lua: after it no further call of the task is placed; calls that Twilio may have are marked to be hung up.
--
-- ARGV     1 task id     2 how long a finished record is kept, milliseconds
--          3 name of the key by which that was said, '' without one
-- Returns  {verdict, how many calls' requests had left and are not answered yet, id, ...}
--          verdict: done (now, or by an earlier cancel) | over (it ended otherwise, or there is no such task).
--          The ids are of calls whose request may just be leaving: none leaves any more once their state is no longer
--          `dialling`
write_though_full()
local id, retention_ms = ARGV[1], ARGV[2]
local key, leaving, left = P .. 'task:' .. id, {}, 0

-- Whether nothing of the call will be placed, or go on, because somebody cancelled it; its log gets the deed, if it is new.
local function cancel_call(call, campaign, deed)
  local task = redis.call('HMGET', P .. 'task:' .. call, 'state', 'hang_up', 'reason')
  local state = task[1]
  local waits = state == 'waiting' or state == 'dispatched'
  if deed and (waits or LIVE[state] and task[2] ~= '1') then log_deed(call, campaign, deed, ARGV[3]) end
  if waits then
    if campaign then redis.call('LREM', P .. 'numbers:' .. campaign, 1, call) end -- where versions before 2 kept it
    end_waiting(call, campaign, retention_ms)
    if campaign then rejoin(campaign) end
    return true
  end
  if LIVE[state] then
    if state ~= 'placed' then left = left + 1 end
    if state == 'dialling' then table.insert(leaving, call) end
    redis.call('HSET', P .. 'task:' .. call, 'hang_up', '1') -- a write each time, so that WAIT waits for the replicas again
    if task[2] ~= '1' then redis.call('HSET', P .. 'task:' .. call, 'updated_ms', int(now_ms)) end
    if state == 'placed' then check_in(call, 0, '1') end
    return true
  end
  if state == 'cancelled' and not task[3] or task[2] == '1' then
    redis.call('HSET', P .. 'task:' .. call, 'state', state)
    return true
  end
  return false
end

local function told(done) return {done and 'done' or 'over', tostring(left), unpack(leaving)} end

local task = redis.call('HMGET', key, 'kind', 'state', 'bulk', 'rank', 'client', 'live')
nudge()
if task[1] and task[1] ~= 'bulk' then
  return told(cancel_call(id, task[3], 'cancelled'))
end
if not task[1] then
  local campaign, place = row_named(id)
  local waited = campaign and mark_at(campaign, place) == MARKS.waiting
  if waited then log_deed(id, campaign, 'cancelled', ARGV[3]) end
  return told(campaign and cancel_row(campaign, place, retention_ms))
end
if task[2] == 'finished' and tonumber(task[6] or 0) == 0 then return told(false) end -- else Twilio corrected what was unknown

redis.call('HSET', key, 'state', 'cancelled')
move_rows(id)
leave_line(id, 'b', task[4], task[5])
redis.call('ZREM', P .. 'campaigns', id)
end_retry(id)
for _, call in ipairs(redis.call('SMEMBERS', P .. 'live')) do
  if string.sub(call, 1, #id + 1) == id .. '-' then cancel_call(call, id) end
end
if task[2] ~= 'cancelled' then
  redis.call('HSET', key, 'updated_ms', int(now_ms))
  log_deed(id, nil, 'cancelled', ARGV[3])
  cancel_rows(id, retention_ms)
end
return told(true)
