-- give_up.lua: it could not be learnt whether Twilio took a call.
--
-- ARGV     1 call id     2 tries of the record as it was seen     3 what is told of it, a sentence
--          4 how long a finished record is kept, milliseconds
-- Returns  '1' if the call was in doubt
write_though_full()
local call = call_of(ARGV[1])
if not call or call.state ~= 'confirming' or ARGV[2] ~= (call.tries or '0') then return '0' end
become(call, 'unknown', ARGV[4])
redis.call('HSET', P .. 'task:' .. call.id, 'error', ARGV[3], 'call_status', 'unknown')
remain_in_doubt(call)
return '1'
