-- postpone.lua: looks at a call again later, if nothing happened to it meanwhile.
--
-- ARGV     1 call id     2 the state it was seen in, '' for any     3 milliseconds from now
-- Returns  '1' if it will be looked at
write_though_full()
if ARGV[2] ~= '' and redis.call('HGET', P .. 'task:' .. ARGV[1], 'state') ~= ARGV[2] then return '0' end
check_in(ARGV[1], tonumber(ARGV[3]))
nudge()
return '1'
