-- restore.lua: a task of a copy: whatever may have been dialled since the copy was taken is in doubt from now on.
--
-- ARGV     1 task id     2 how long a finished record is kept, milliseconds     3 most numbers of a campaign at once
-- Returns  how many calls it put in doubt; as many as ARGV[3]: there may be more of that campaign
--
-- In doubt is what was on its way to Twilio, and what would have been by now but for pace and limits. What was accepted
-- after the copy cannot have been dialled elsewhere.
local id, retention_ms, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local copy_ms = tonumber(redis.call('HGET', P .. 'copy', 'at_ms') or 0)
local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'state', 'created_ms', 'due_ms', 'rank', 'client', 'bulk')
if copy_ms == 0 or not task[1] or tonumber(task[3]) > copy_ms then return 0 end

local function doubt(call_id)
  local call = call_of(call_id)
  local before = call.state
  if not become(call, 'confirming', retention_ms) then return 0 end
  if before == 'waiting' then
    if call.bulk then redis.call('ZREM', P .. 'again:' .. call.bulk, call_id) else leave_line(call_id, 'c', task[5], task[6]) end
    if call.campaign then rejoin(call.campaign) end
  end
  redis.call('HSET', P .. 'task:' .. call_id, 'restored', '1', 'doubt', 'It may have been dialled since the copy was taken')
  return 1
end

if task[1] ~= 'bulk' then
  if task[2] == 'waiting' and tonumber(task[4]) > now_ms then return 0 end
  if redis.call('HGET', P .. 'task:' .. id, 'restored') or FINAL[task[2]] or task[2] == 'placed' then return 0 end
  if task[2] == 'confirming' then
    redis.call('HSET', P .. 'task:' .. id, 'restored', '1')
    return 1
  end
  return doubt(id)
end
if task[2] ~= 'active' or tonumber(task[4]) > now_ms then return 0 end
move_rows(id)
local count = 0
while count < most do
  local call_id = take_row(id)
  if not call_id then break end
  redis.call('HSET', P .. 'task:' .. call_id, 'state', 'waiting')
  doubt(call_id)
  count = count + 1
end
return count
