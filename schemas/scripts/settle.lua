-- settle.lua: every change of a call's state after begin.lua, and news of a call that Twilio has.
--
-- ARGV     1 call id
--          2 new state      3 states it may come from, ',waiting,dispatched,'
--          4 SequenceNumber of the news, '' if it has none
--          5 call SID, '' if not learnt
--          6 when to look at the call next, milliseconds from now
--          7 how long a finished record is kept, milliseconds
--          8 pause of the whole account, microseconds; 0: none
--          9.. fields and values to set
-- Returns  {verdict, state, '1' if the call is to be hung up}; verdict: done | moved (its state is another) |
--          stale (older than what is known) | taken (the SID belongs to another call) | gone (no such call)
local id, to = ARGV[1], ARGV[2]
local RANK = {queued = 0, initiated = 1, ringing = 2, ['in-progress'] = 3,
  completed = 4, busy = 4, failed = 4, ['no-answer'] = 4, canceled = 4, unknown = -1}

local key = P .. 'task:' .. id
local task = redis.call('HMGET', key, 'state', 'bulk', 'sequence', 'rank', 'due_ms', 'hang_up', 'call_status')
local from, campaign, hang_up = task[1], task[2], task[6] or '0'
if not from then return {'gone', '', '0'} end
if not string.find(ARGV[3], ',' .. from .. ',', 1, true) then return {'moved', from, hang_up} end
if ARGV[4] ~= '' and task[3] and tonumber(ARGV[4]) <= tonumber(task[3]) then return {'stale', from, hang_up} end
if ARGV[5] ~= '' then
  local owner = redis.call('GET', P .. 'sid:' .. ARGV[5])
  if owner and owner ~= id then return {'taken', from, hang_up} end
  redis.call('SET', P .. 'sid:' .. ARGV[5], id)
  redis.call('HSET', key, 'sid', ARGV[5])
end
if to == 'waiting' and hang_up == '1' then to = 'cancelled' end
if campaign and to == 'waiting' and redis.call('HGET', P .. 'task:' .. campaign, 'state') ~= 'active' then to = 'cancelled' end

local call_status = task[7]
for index = 9, #ARGV, 2 do
  local field, value = ARGV[index], ARGV[index + 1]
  if field ~= 'call_status' then
    redis.call('HSET', key, field, value)
  elseif value == 'unknown' or (RANK[value] or 0) > (RANK[call_status] or -2) then
    call_status = value
    redis.call('HSET', key, 'call_status', value)
  end
end
if ARGV[4] ~= '' then redis.call('HSET', key, 'sequence', ARGV[4]) end
redis.call('HSET', key, 'state', to, 'updated_ms', int(now_ms))
if to ~= from then redis.call('HSET', key, 'since_ms', int(now_ms)) end
redis.call('ZREM', P .. 'slots:account', id)
redis.call('ZREM', P .. 'slots:singles', id)
if tonumber(ARGV[8]) > 0 then redis.call('HSET', P .. 'pace:account', 'paused_us', int(now_us + ARGV[8])) end

if LIVE[to] then
  if FINAL[from] then redis.call('PERSIST', key) end
  redis.call('SADD', P .. 'live', id)
  local check_ms = (to == 'placed' and from ~= to and hang_up == '1') and 0 or tonumber(ARGV[6])
  redis.call('ZADD', P .. 'checks', int(now_ms + check_ms), id)
  if check_ms == 0 then nudge() end
else
  redis.call('SREM', P .. 'live', id)
  redis.call('ZREM', P .. 'checks', id)
end
if to == 'waiting' then
  if campaign then redis.call('LPUSH', P .. 'numbers:' .. campaign, id)
  else line_up('ready:calls', id, task[4], task[5]) end
elseif FINAL[to] then
  expire(id, ARGV[7])
end
if campaign then
  if to == 'placed' and from ~= 'placed' then redis.call('HINCRBY', P .. 'task:' .. campaign, 'placed', 1) end
  local old, new = count_of(from, task[7]), count_of(to, call_status)
  if old ~= new then recount(campaign, old, new, ARGV[7]) end
  rejoin(campaign)
end
if LIVE[from] ~= LIVE[to] then nudge() end
return {'done', to, hang_up}
