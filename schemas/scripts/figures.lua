-- figures.lua: the gauges of GET /metrics. Changes nothing, and costs the same however much waits.
--
-- ARGV     none
-- Returns  {due tasks in line, tasks due later, live calls, microseconds until the account's next free slot,
--          calls with events to pass on, workers with a fresh pulse, beats with one, 1 if the account is held,
--          {outcome, calls that ended so, ...} since these records began};
--          a campaign counts as one task
local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local free_us = math.max(tonumber(account[1] or 0), tonumber(account[2] or 0))
local due, later = in_line()
return {
  due,
  later,
  redis.call('SCARD', P .. 'live'),
  int(math.max(0, free_us - now_us)),
  redis.call('SCARD', P .. 'untold'),
  redis.call('ZCOUNT', P .. 'workers', int(now_ms - WORKER_FRESH_MS), '+inf'),
  redis.call('ZCOUNT', P .. 'beats', int(now_ms - BEAT_FRESH_MS), '+inf'),
  redis.call('EXISTS', P .. 'hold'),
  redis.call('HGETALL', P .. 'ended'),
}
