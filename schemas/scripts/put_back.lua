-- put_back.lua: a worker has a call that it cannot begin: its slot is too far off, or Twilio is not reached.
--
-- ARGV     1 call id     2 how long a finished record is kept, milliseconds     3 how long no call goes, microseconds
-- Returns  '1' if it was still that worker's to put back
write_though_full()
if redis.call('HGET', P .. 'task:' .. ARGV[1], 'state') ~= 'dispatched' then return '0' end
pause_account(tonumber(ARGV[3]))
return rescue_call(ARGV[1], ARGV[2]) and '1' or '0'
