-- requeue.lua: the operator puts a call back that a restore left unknown, so that it is dialled after all.
--
-- The one way back from `unknown`, which the table of states has not: no other script may take it.
--
-- ARGV     1 call id     2 how long a finished record is kept, milliseconds     3 '1' to do it, '' to ask only
-- Returns  '1' if it is, or was, to be put back
local call = call_of(ARGV[1])
if not call or call.state ~= 'unknown' or call.to == '' then return '0' end -- who was forgotten is not called
local key = P .. 'task:' .. call.id
if redis.call('HGET', key, 'restored') ~= '1' or call.hang_up == '1' or call.campaign_state == 'cancelled' then return '0' end
if ARGV[3] ~= '1' then return '1' end
if call.campaign then reopen(call.campaign) end
keep_on(call.id)
redis.call('ZREM', P .. 'doubt:' .. call.from .. ':' .. call.to, call.id)
redis.call('HINCRBY', key, 'attempt_number', call.attempt_number and 1 or 2)
redis.call('HDEL', key, 'restored', 'doubt', 'call_status', 'error')
redis.call('HSET', key, 'state', 'waiting', 'updated_ms', int(now_ms), 'since_ms', int(now_ms))
if call.campaign then
  mark_call(call.campaign, call.id)
  recount(call.campaign, 'unknown', nil, ARGV[2])
  wait_again(call.campaign, call.id, now_ms)
else
  wait_in_line(call.id, now_ms)
end
nudge()
return '1'
