-- relay_done.lua: records one attempt to deliver news.
--
-- ARGV     1 call id     2 SequenceNumber     3 delivered | failed | refused | later
--            (refused: no attempt will ever be made; later: none was made this time)
--          4 milliseconds until the next attempt, if it was not delivered
--          5 age at which news is given up, milliseconds
-- Returns  delivered | kept | given up | gone (somebody else recorded it)
local id, sequence, verdict = ARGV[1], ARGV[2], ARGV[3]
local key, queue = P .. 'task:' .. id, P .. 'relay:' .. id
local news = redis.call('ZRANGEBYSCORE', queue, sequence, sequence)[1]
if not news or redis.call('EXISTS', key) == 0 then return 'gone' end
if verdict == 'later' then
  redis.call('ZADD', P .. 'relays', int(now_ms + ARGV[4]), id)
  return 'kept'
end
local arrived_ms = tonumber(string.sub(news, 1, string.find(news, '|', 1, true) - 1))
if verdict == 'failed' and now_ms - arrived_ms < tonumber(ARGV[5]) then
  redis.call('HINCRBY', key, 'relay_tries', 1)
  redis.call('ZADD', P .. 'relays', int(now_ms + ARGV[4]), id)
  return 'kept'
end
if verdict ~= 'delivered' then redis.call('HINCRBY', key, 'undelivered', 1) end
redis.call('HDEL', key, 'relay_tries')
redis.call('HSET', key, 'relayed', sequence)
redis.call('ZREM', queue, news)
if redis.call('EXISTS', queue) == 1 then
  redis.call('ZADD', P .. 'relays', int(now_ms), id)
else
  redis.call('ZREM', P .. 'relays', id)
end
return verdict == 'delivered' and 'delivered' or 'given up'
