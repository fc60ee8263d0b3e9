-- forget.lua: removes a finished task's record for good; of a campaign, its calls' too.
--
-- ARGV     1 task id
--          2 how long a SID stays taken, milliseconds: as long as another call may be in doubt and looked for
-- Returns  forgotten | going on (it is not finished) | gone (no such task)
--
-- An Idempotency-Key stays until its day is over: it holds digests only, and a repeated request must not dial again.
local id = ARGV[1]
local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'state', 'live', 'dialled')
if not task[1] then return 'gone' end

local function forget(call)
  local sid = redis.call('HGET', P .. 'task:' .. call, 'sid')
  if sid then redis.call('PEXPIRE', P .. 'sid:' .. sid, ARGV[2]) end
  redis.call('DEL', P .. 'task:' .. call, P .. 'relay:' .. call)
  redis.call('ZREM', P .. 'relays', call)
end

if task[1] ~= 'bulk' then
  if not FINAL[task[2]] then return 'going on' end
  forget(id)
  return 'forgotten'
end
if task[2] == 'active' or tonumber(task[3] or 0) > 0 then return 'going on' end
for number = 1, tonumber(task[4] or 0) do forget(id .. '-' .. number) end
forget(id)
redis.call('DEL', P .. 'numbers:' .. id, P .. 'left:' .. id)
return 'forgotten'
