-- bar.lua: a call on its way to a worker, of which begin.lua said that its number is not to be called, is cancelled for that.
--
-- ARGV     1 call id     2 how long a finished record is kept, milliseconds
-- Returns  '1' if it is; '0' if there is no such call any more, or it may be called again
write_though_full()
local call = call_of(ARGV[1])
if not call or call.state ~= 'dispatched' then return '0' end
local key = P .. 'task:' .. call.id
if not is_barred_call(key, call.campaign) then return '0' end
give_slot_back(call.id, call.campaign)
redis.call('HSET', key, 'reason', 'do_not_call')
return become(call, 'cancelled', ARGV[2]) and '1' or '0'
