-- take_back.lua: takes back an acceptance that no replica confirmed and that no client has heard of.
--
-- ARGV     1 task id
-- Returns  '1' if nothing of the task is left; '0' if a call of it is already on its way to Twilio, or a client has
--          heard of it by its Idempotency-Key
local id = ARGV[1]
local key = P .. 'task:' .. id
local task = redis.call('HMGET', key, 'state', 'idem', 'heard', 'created_ms', 'total', 'rank', 'client', 'tries')
if not task[1] then
  nudge() -- replicas get it too, so that WAIT after it waits for them
  return '1'
end
local rows = task[5] and redis.call('GET', P .. 'marks:' .. id) or ''
local begun = string.find(rows, '[^' .. MARKS.waiting .. ']') -- not by `next`: before it some may wait for their windows
local waits = task[1] == 'waiting' or task[1] == 'dispatched' or task[1] == 'active'
if not waits or begun or task[3] or task[8] then return '0' end
leave_line(id, task[5] and 'b' or 'c', task[6], task[7])
for _, name in ipairs({'slots:account', 'slots:singles', 'stuck', 'checks', 'closing'}) do redis.call('ZREM', P .. name, id) end
redis.call('SREM', P .. 'live', id)
leave_closing(id)
if task[5] then drop_ends(id, 1, tonumber(task[5])) end
unlist_task(id, task[7])
end_counting(id)
for _, name in ipairs({'rows:', 'marks:', 'sets:', 'zones:'}) do redis.call('DEL', P .. name .. id) end
redis.call('DEL', key)
redis.call('ZREM', P .. 'campaigns', id)
if task[2] then redis.call('DEL', P .. 'idem:' .. task[2]) end
local day = P .. 'day:' .. math.floor(task[4] / 86400000)
if redis.call('EXISTS', day) == 1 then redis.call('DECRBY', day, task[5] or 1) end
return '1'
