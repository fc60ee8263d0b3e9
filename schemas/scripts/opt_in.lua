-- opt_in.lua: a number is taken off a do-not-call list; the proof that it was on it stays.
--
-- ARGV     1 list     2 the number     3 name of the key, or ''     4 why     5 name of this run, which may be sent twice
-- Returns  '1', or '0' if it is not on the list
write_though_full()
local list, number = ARGV[1], ARGV[2]
local packed = redis.call('HGET', P .. 'optout:' .. list, number)
if packed then redis.call('HSET', P .. 'optout:' .. list, number, packed) end -- a write, so that WAIT waits for the replicas
local told = {at_ms = int(now_ms), by = ARGV[3], reason = ARGV[4], source = 'api', run = ARGV[5]}
return opt_in(list, number, told) and '1' or '0'
