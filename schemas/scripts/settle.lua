-- settle.lua: every change of a call's state after begin.lua, and news of a call that Twilio has.
--
-- ARGV     1 call id
--          2 new state      3 states it may come from, ',waiting,dispatched,'
--          4 SequenceNumber of the news, '' if it has none
--          5 call SID, '' if not learnt
--          6 when to look at the call next, milliseconds from now
--          7 how long a finished record is kept, milliseconds
--          8 pause of the whole account, microseconds; 0: none
--          9 the news as Twilio posted it, to be passed on to the client; '' for none
--          10 attempt that this is about, '' for any: an older one has nothing to say any more
--          11 how much later than planned its request can have reached Twilio, microseconds, '' if that is not known
--          12.. fields and values to set
-- Returns  {verdict, state, '1' if the call is to be hung up, '1' if there is news to pass on};
--          verdict: done | late (the call had ended: only what was missing is filled in) | moved (its state is another) |
--          taken (the SID belongs to another call) | gone (no such call)
local id, to, sequence, key = ARGV[1], ARGV[2], ARGV[4], P .. 'task:' .. ARGV[1]
local task = redis.call('HMGET', key, 'state', 'bulk', 'sequence', 'rank', 'due_ms', 'hang_up', 'call_status', 'tries', 'leaves_us')
local from, campaign, hang_up = task[1], task[2], task[6] or '0'
if not from then return {'gone', '', '0', '0'} end
if campaign and redis.call('EXISTS', P .. 'task:' .. campaign) == 0 then campaign = nil end -- it has expired
if ARGV[5] ~= '' then
  local owner = redis.call('GET', P .. 'sid:' .. ARGV[5])
  if owner and owner ~= id then return {'taken', from, hang_up, '0'} end
end
local late = from == 'ended' and (to == 'ended' or to == 'placed')
local outdated = ARGV[10] ~= '' and ARGV[10] ~= task[8]
if outdated or not late and not string.find(ARGV[3], ',' .. from .. ',', 1, true) then return {'moved', from, hang_up, '0'} end
if ARGV[11] ~= '' and task[9] then note_arrived(id, campaign, task[8], task[9] + ARGV[11]) end

local relayed = ARGV[9] ~= '' and relay(id, campaign, sequence, ARGV[9]) or '0'
if ARGV[5] ~= '' then name_call(id, ARGV[5], ARGV[7]) end
local stale = sequence ~= '' and task[3] and tonumber(sequence) <= tonumber(task[3])
if sequence ~= '' and not stale then redis.call('HSET', key, 'sequence', sequence) end
local call_status = task[7]
for index = 12, #ARGV, 2 do
  local field, value = ARGV[index], ARGV[index + 1]
  if field ~= 'call_status' then
    redis.call(late and 'HSETNX' or 'HSET', key, field, value)
  elseif not late and not stale and comes_after(value, call_status) then
    call_status = value
    redis.call('HSET', key, field, value)
  end
end
if late then return {'late', from, hang_up, relayed} end

if to == 'waiting' and (hang_up == '1' or (campaign and redis.call('HGET', P .. 'task:' .. campaign, 'state') ~= 'active')) then
  to = 'cancelled'
end
redis.call('HSET', key, 'state', to, 'updated_ms', int(now_ms))
if to ~= from then redis.call('HSET', key, 'since_ms', int(now_ms)) end
if from == 'unknown' then redis.call('HDEL', key, 'error') end
if to == 'placed' then redis.call('DEL', P .. 'halts') end
leave_slots(id)
if tonumber(ARGV[8]) > 0 then redis.call('HSET', P .. 'pace:account', 'paused_us', int(now_us + ARGV[8])) end
if LIVE[to] then
  if FINAL[from] then redis.call('PERSIST', key) end
  redis.call('SADD', P .. 'live', id)
  local hang_up_now = to == 'placed' and from ~= to and hang_up == '1'
  check_in(id, hang_up_now and 0 or tonumber(ARGV[6]), hang_up)
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
  if (to == 'placed' or to == 'ended') and from ~= 'placed' then redis.call('HINCRBY', P .. 'task:' .. campaign, 'placed', 1) end
  local old, new = count_of(from, task[7]), count_of(to, call_status)
  if old ~= new then recount(campaign, old, new, ARGV[7]) end
  rejoin(campaign)
end
if LIVE[from] ~= LIVE[to] then nudge() end
return {'done', to, hang_up, relayed}
