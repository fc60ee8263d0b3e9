-- health.lua: the figures of GET /health. Changes nothing.
--
-- ARGV     1 client whose waiting calls are counted; none: everybody's
-- Returns  {workers with a fresh pulse, beats with a fresh pulse, due calls that wait, why the account is held or '',
--          '1' while the operator lets no call go or '0', when the copy was taken that these records are or '0',
--          {name, what it told, ...} of web processes, workers and beats}
local told = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', P .. 'parts', int(now_ms - PART_FRESH_MS), '+inf')) do
  table.insert(told, name)
  table.insert(told, redis.call('HGET', P .. 'told', name))
end
return {
  redis.call('ZCOUNT', P .. 'workers', int(now_ms - WORKER_FRESH_MS), '+inf'),
  redis.call('ZCOUNT', P .. 'beats', int(now_ms - BEAT_FRESH_MS), '+inf'),
  (in_line(ARGV[1])),
  redis.call('HGET', P .. 'hold', 'reason') or '',
  tostring(redis.call('EXISTS', P .. 'drain')),
  redis.call('HGET', P .. 'copy', 'at_ms') or '0',
  told,
}
