-- cap.lua: a call on its way to a worker, whose number was called as often as it may be, or whose day is full, waits until
-- it may go.
--
-- ARGV     1 call id     2 how long a finished record is kept, milliseconds
--          3 most attempts at one number that a client makes in 24 hours     4 most numbers that one UTC day accepts; 0: any
-- Returns  '1' if it waits; '0' if there is no such call any more, or it may go now
write_though_full()
local call = call_of(ARGV[1])
if not call or call.state ~= 'dispatched' then return '0' end
local key = P .. 'task:' .. call.id
local until_ms = capped_until_ms(key, call.campaign, call.id, ARGV[3], ARGV[4])
if not until_ms then return '0' end
give_slot_back(call.id, call.campaign)
redis.call('HSET', key, 'capped_ms', int(until_ms))
wait(call, until_ms, ARGV[2])
return '1'
