-- zone.lua: some rows of a campaign come into sets, by the zones in which each may be called, and some have an end.
--
-- ARGV     1 campaign's id     2 how many rows stand before them     3 a letter for each of them
--          4 how many of the ARGV that follow are letters and zones of sets that may be new; then place, expires_ms, ...
-- Returns  how many rows are in sets now
write_though_full()
local id, from, letters = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local last = 4 + tonumber(ARGV[4])
if redis.call('STRLEN', P .. 'sets:' .. id) ~= from or redis.call('HGET', P .. 'task:' .. id, 'state') ~= 'active' then
  return redis.call('STRLEN', P .. 'sets:' .. id)
end
for index = 5, last, 2 do
  if redis.call('HSETNX', P .. 'zones:' .. id, ARGV[index], ARGV[index + 1]) == 1 then
    redis.call('HSET', P .. 'zones:' .. id, ARGV[index] .. ':next', int(from), ARGV[index] .. ':opens_ms', '0', ARGV[index] .. ':closes_ms', '0')
  end
end
for index = last + 1, #ARGV, 2 do redis.call('ZADD', P .. 'closing', ARGV[index + 1], id .. '-' .. ARGV[index]) end
return redis.call('APPEND', P .. 'sets:' .. id, letters)
