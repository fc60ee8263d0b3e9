-- pulse.lua: a worker says that it lives, or that it leaves.
--
-- ARGV     1 name of the worker     2 '1' if it leaves
-- Returns  the time, milliseconds
write_though_full()
redis.call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', int(now_ms - 60000))
if ARGV[2] == '1' then
  redis.call('ZREM', P .. 'workers', ARGV[1])
else
  local before_ms = tonumber(redis.call('ZSCORE', P .. 'workers', ARGV[1]) or 0)
  if now_ms - before_ms > WORKER_FRESH_MS then -- nobody took what was sent meanwhile, or it got lost
    redis.call('DEL', P .. 'asked:dispatch', P .. 'asked:sweep')
    nudge()
  end
  redis.call('ZADD', P .. 'workers', int(now_ms), ARGV[1])
end
return int(now_ms)
