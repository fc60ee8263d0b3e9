-- pause.lua: no further call of a task begins, or they go on again. What is on its way to Twilio is not touched.
--
-- ARGV     1 task id     2 pause | resume     3 why it is paused, a sentence; '' if somebody wanted it so
--          4 name of the key by which that was said, '' without one
-- Returns  {verdict, '1' if it is paused now, why, id, ...}; verdict: done | already (it was so) | over (it has ended) |
--          part (it is a call of a campaign) | gone (no such task). The ids are of calls whose request had left, and is not
--          answered; while they are dialling it may just be leaving
write_though_full()
local id, key, wanted = ARGV[1], P .. 'task:' .. ARGV[1], ARGV[2] == 'pause'
local task = redis.call('HMGET', key, 'kind', 'state', 'paused', 'rank', 'client', 'due_ms', 'later_ms')
local bulk, leaving = task[1] == 'bulk', {}

local function told(verdict)
  local its = redis.call('HMGET', key, 'paused', 'paused_reason')
  return {verdict, its[1] or '0', its[2] or '', unpack(leaving)}
end

if task[1] == 'bulk_call' or not task[1] and row_named(id) then return told('part') end
if not task[1] then return told('gone') end
if bulk and task[2] ~= 'active' or FINAL[task[2]] then return told('over') end
for _, call in ipairs(wanted and redis.call('SMEMBERS', P .. 'live') or {}) do
  local its = call == id or bulk and string.sub(call, 1, #id + 1) == id .. '-'
  local state = its and redis.call('HGET', P .. 'task:' .. call, 'state')
  if state == 'dialling' or state == 'confirming' then table.insert(leaving, call) end
end
if wanted == (task[3] == '1') then
  redis.call('HSET', key, 'state', task[2]) -- a write, so that WAIT after it waits for the replicas again
  return told('already')
end
if wanted then
  redis.call('HSET', key, 'paused', '1', 'paused_reason', ARGV[3], 'updated_ms', int(now_ms))
else
  redis.call('HDEL', key, 'paused', 'paused_reason')
  redis.call('DEL', P .. 'recent:' .. id)
  redis.call('HSET', key, 'updated_ms', int(now_ms))
end
if bulk then
  rejoin(id)
elseif task[2] == 'waiting' and wanted then
  local stood_ms = redis.call('ZSCORE', P .. 'line:' .. line_of('c', task[4], task[5]), id)
  leave_line(id, 'c', task[4], task[5])
  wait_in_line(id, stood_ms or task[6])
elseif task[2] == 'waiting' then
  wait_in_line(id, task[7] or task[6])
  redis.call('HDEL', key, 'later_ms')
  end_counting(id)
end
nudge()
log_deed(id, nil, wanted and 'paused' or 'resumed', ARGV[4])
return told('done')
