-- health.lua: the figures of GET /health. Changes nothing.
--
-- ARGV     1 age up to which a worker's pulse is fresh, milliseconds     2 the same for a beat's
-- Returns  {workers with a fresh pulse, beats with a fresh pulse, due calls that wait, why the account is halted or '',
--          '1' while the operator lets no call go or '0'}
return {
  redis.call('ZCOUNT', P .. 'workers', int(now_ms - ARGV[1]), '+inf'),
  redis.call('ZCOUNT', P .. 'beats', int(now_ms - ARGV[2]), '+inf'),
  redis.call('ZCARD', P .. 'ready:calls') + redis.call('ZCARD', P .. 'ready:campaigns')
    + redis.call('ZCOUNT', P .. 'later', '-inf', int(now_ms)),
  redis.call('HGET', P .. 'halt', 'reason') or '',
  tostring(redis.call('EXISTS', P .. 'drain')),
}
