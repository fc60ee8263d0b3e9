-- pulse.lua: a worker says that it lives, or that it leaves.
--
-- ARGV     1 name of the worker     2 '1' if it leaves
-- Returns  the time, milliseconds
if ARGV[2] == '1' then
  redis.call('ZREM', P .. 'workers', ARGV[1])
else
  redis.call('ZADD', P .. 'workers', int(now_ms), ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', int(now_ms - 60000))
return int(now_ms)
