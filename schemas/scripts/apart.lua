-- apart.lua: a call that a restore left in doubt, and that Twilio's list cannot decide, is never put back.
--
-- ARGV     1 call id
-- Returns  '1' if it was such a call
if not redis.call('HGET', P .. 'task:' .. ARGV[1], 'restored') then return '0' end
redis.call('HSET', P .. 'task:' .. ARGV[1], 'restored', 'apart')
return '1'
