-- accept.lua: makes one task (a call or a campaign) durable and puts it in the queue. The only way in.
--
-- ARGV     1 task id
--          2 deadline, microseconds of Redis's clock; 0: none. A script that runs later than this (Redis hung and
--            came back) changes nothing: its client has been told 503 already
--          3 digest of the client's Idempotency-Key, '' without one
--          4 fingerprint of the request's body
--          5 due, milliseconds since 1970; '': now plus ARGV[6]
--          6 delay, milliseconds
--          7 interval of the single pace, microseconds, for the estimate; 0 for a campaign
--          8 most numbers that one UTC day accepts, a campaign's all; 0: any
--          9 how many of the ARGV that follow are fields and values of the record; numbers to dial come after them
-- Returns  {verdict, task id, created_ms, start_ms, '1' if calls.dispatch is to be sent};
--          verdict: accepted | replayed | mismatch | late | past (it was due before now) |
--          full (the day has no room for all of it; start_ms is its end); only the first changes anything
local id, digest = ARGV[1], ARGV[3]
local task = P .. 'task:' .. id
local known = redis.call('HMGET', task, 'created_ms', 'start_ms')
if known[1] then
  redis.call('HSET', task, 'created_ms', known[1]) -- a write, so that WAIT after it waits for the replicas again
  return {'accepted', id, known[1], known[2], '1'}
end
if digest ~= '' then
  local first = redis.call('HMGET', P .. 'idem:' .. digest, 'fingerprint', 'id', 'created_ms', 'start_ms')
  if first[1] then
    redis.call('HSET', P .. 'idem:' .. digest, 'id', first[2]) -- likewise
    return {first[1] == ARGV[4] and 'replayed' or 'mismatch', first[2], first[3], first[4], '0'}
  end
end
if tonumber(ARGV[2]) > 0 and now_us > tonumber(ARGV[2]) then return {'late', id, int(now_ms), int(now_ms), '0'} end

local due_ms = tonumber(ARGV[5])
if due_ms and due_ms <= now_ms then return {'past', id, int(now_ms), int(now_ms), '0'} end
due_ms = due_ms or now_ms + tonumber(ARGV[6])
local free_us = tonumber(redis.call('HGET', P .. 'pace:account', 'free_us') or 0)
local start_ms = due_ms
local interval_us = tonumber(ARGV[7])
if interval_us > 0 then
  free_us = math.max(free_us, tonumber(redis.call('HGET', P .. 'pace:singles', 'free_us') or 0))
  local ahead = redis.call('ZCARD', P .. 'ready:calls')
  start_ms = math.max(due_ms, math.floor((math.max(now_us, free_us) + ahead * interval_us) / 1000))
end

local last_field, most_a_day = 9 + tonumber(ARGV[9]), tonumber(ARGV[8])
if most_a_day > 0 then
  local day = math.floor(now_ms / 86400000)
  local count, ends_ms = math.max(1, #ARGV - last_field), int((day + 1) * 86400000)
  if tonumber(redis.call('GET', P .. 'day:' .. day) or 0) + count > most_a_day then
    return {'full', id, int(now_ms), ends_ms, '0'}
  end
  redis.call('INCRBY', P .. 'day:' .. day, count)
  redis.call('PEXPIREAT', P .. 'day:' .. day, ends_ms)
end
redis.call('HSET', task, 'v', VERSION, 'created_ms', int(now_ms), 'updated_ms', int(now_ms), 'due_ms', int(due_ms),
  'start_ms', int(start_ms), unpack(ARGV, 10, last_field))
if digest ~= '' then
  redis.call('HSET', task, 'idem', digest)
  redis.call('HSET', P .. 'idem:' .. digest, 'fingerprint', ARGV[4], 'id', id,
    'created_ms', int(now_ms), 'start_ms', int(start_ms))
end
for first = last_field + 1, #ARGV, 500 do -- unpack cannot push a thousand values at once on every build
  redis.call('RPUSH', P .. 'numbers:' .. id, unpack(ARGV, first, math.min(first + 499, #ARGV)))
end

if due_ms > now_ms then
  redis.call('ZADD', P .. 'later', int(due_ms), id)
  nudge()
  return {'accepted', id, int(now_ms), int(start_ms), '0'}
end
line_up(last_field < #ARGV and 'ready:campaigns' or 'ready:calls', id, redis.call('HGET', task, 'rank'), now_us / 1000)
if free_us <= now_us then return {'accepted', id, int(now_ms), int(start_ms), ask('dispatch')} end
nudge() -- the pace lets it go later: a beat wakes it then
return {'accepted', id, int(now_ms), int(start_ms), '0'}
