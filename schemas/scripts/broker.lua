-- broker.lua: which Redis this is, by a mark that the first part to ask leaves: two URLs may name the same one.
--
-- ARGV     1 the mark, if there is none yet
-- Returns  the mark
write_though_full()
redis.call('SET', P .. 'broker', ARGV[1], 'NX')
return redis.call('GET', P .. 'broker')
