-- account.lua: the operator says that the calls here are of another Twilio account from now on.
--
-- ARGV     1 the account
-- Returns  {'1', or '0' if calls are live, which only the account that placed them can follow; the account of the calls here}
local owner = redis.call('GET', P .. 'account')
if owner ~= ARGV[1] and redis.call('SCARD', P .. 'live') > 0 then return {'0', owner or ''} end
redis.call('SET', P .. 'account', ARGV[1])
return {'1', ARGV[1]}
