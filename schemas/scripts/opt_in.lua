-- opt_in.lua: a number is taken off a do-not-call list; the proof that it was on it stays.
--
-- ARGV     1 list     2 the number     3 name of the key, or ''     4 why
-- Returns  '1', or '0' if it is not on the list
write_though_full()
local told = {at_ms = int(now_ms), by = ARGV[3], reason = ARGV[4], source = 'api'}
return opt_in(ARGV[1], ARGV[2], told) and '1' or '0'
