-- figures.lua: the gauges of GET /metrics. Changes nothing, and costs the same however much waits.
--
-- ARGV     1 age up to which a worker's pulse is fresh, milliseconds     2 the same for a beat's
-- Returns  {due tasks in line, tasks due later, live calls, microseconds until the account's next free slot,
--          calls with events to pass on, workers with a fresh pulse, beats with one, 1 if the account is halted};
--          a campaign counts as one task
local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local free_us = math.max(tonumber(account[1] or 0), tonumber(account[2] or 0))
local ripe = redis.call('ZCOUNT', P .. 'later', '-inf', int(now_ms))
return {
  redis.call('ZCARD', P .. 'ready:calls') + redis.call('ZCARD', P .. 'ready:campaigns') + ripe,
  redis.call('ZCARD', P .. 'later') - ripe,
  redis.call('SCARD', P .. 'live'),
  int(math.max(0, free_us - now_us)),
  redis.call('ZCARD', P .. 'relays'),
  redis.call('ZCOUNT', P .. 'workers', int(now_ms - ARGV[1]), '+inf'),
  redis.call('ZCOUNT', P .. 'beats', int(now_ms - ARGV[2]), '+inf'),
  redis.call('EXISTS', P .. 'halt'),
}
