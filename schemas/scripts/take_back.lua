-- take_back.lua: takes back an acceptance that no replica confirmed and that no client has heard of.
--
-- ARGV     1 task id
-- Returns  '1' if nothing of the task is left; '0' if a call of it is already on its way to Twilio
local id = ARGV[1]
local key = P .. 'task:' .. id
local task = redis.call('HMGET', key, 'state', 'idem', 'dialled', 'created_ms', 'total')
if not task[1] then return '1' end
local waits = task[1] == 'waiting' or task[1] == 'dispatched' or task[1] == 'active'
if not waits or task[3] then return '0' end
for _, name in ipairs({'later', 'ready:calls', 'ready:campaigns', 'slots:account', 'slots:singles', 'checks'}) do
  redis.call('ZREM', P .. name, id)
end
redis.call('SREM', P .. 'live', id)
redis.call('DEL', key, P .. 'numbers:' .. id)
if task[2] then redis.call('DEL', P .. 'idem:' .. task[2]) end
local day = P .. 'day:' .. math.floor(task[4] / 86400000)
if redis.call('EXISTS', day) == 1 then redis.call('DECRBY', day, task[5] or 1) end
return '1'
