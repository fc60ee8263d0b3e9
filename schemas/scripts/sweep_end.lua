-- sweep_end.lua: a sweep has done its share; another may take its place.
--
-- ARGV     1 name of the sweep
-- Returns  nothing
redis.call('ZREM', P .. 'sweeps', ARGV[1])
nudge()
