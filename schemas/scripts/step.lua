-- step.lua: a step of what is to be done with more rows of a campaign than one run may: a sweep takes one after another.
--
-- ARGV     1 how long a finished record is kept, milliseconds
-- Returns  '1' if a further step has something to do now
write_though_full()
local id = redis.call('ZRANGEBYSCORE', P .. 'steps', '-inf', int(now_ms), 'LIMIT', 0, 1)[1]
if not id then return '0' end
local its = redis.call('HMGET', P .. 'task:' .. id, 'state', 'expired', 'untimed')
local expires = its[1] == 'active' and its[2]
if expires or its[1] == 'cancelled' then
  end_retry(id)
  cancel_rows(id, ARGV[1], expires and 'expired')
elseif its[3] then
  time_anew(id)
elseif redis.call('EXISTS', P .. 'retry:' .. id) == 1 then
  retry_rows(id, ARGV[1])
else
  redis.call('ZREM', P .. 'steps', id)
end
return redis.call('EXISTS', P .. 'steps') == 1 and '1' or '0'
