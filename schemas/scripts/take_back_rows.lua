-- take_back_rows.lua: takes back rows that append.lua brought and of which no client has heard: those that have not begun
-- never will.
--
-- ARGV     1 campaign's id     2 digest by which that request is known     3 how long a finished record is kept, milliseconds
-- Returns  '1' if none of them goes; '0' if some began, or a client has heard of them by its Idempotency-Key
write_though_full()
local id, answer, retention_ms = ARGV[1], P .. 'idem:' .. ARGV[2], ARGV[3]
local its = redis.call('HMGET', answer, 'first', 'count', 'heard', 'created_ms')
if not its[1] or redis.call('EXISTS', P .. 'task:' .. id) == 0 then
  nudge() -- replicas get it too, so that WAIT after it waits for them
  return '1'
end
if its[3] then return '0' end
local first, count = tonumber(its[1]), tonumber(its[2])
local marks = redis.call('GETRANGE', P .. 'marks:' .. id, int(first), int(first + count - 1))
local marked, back = string.gsub(marks, MARKS.waiting, MARKS.cancelled)
redis.call('DEL', answer)
if back == 0 then return '0' end
redis.call('SETRANGE', P .. 'marks:' .. id, int(first), marked)
redis.call('HINCRBY', P .. 'ended', 'canceled', back)
seek_next(id, redis.call('HGET', P .. 'task:' .. id, 'next'))
recount(id, nil, 'canceled', retention_ms, back)
rejoin(id)
nudge()
local day = P .. 'day:' .. math.floor(its[4] / 86400000)
if redis.call('EXISTS', day) == 1 then redis.call('DECRBY', day, back) end
return back == count and '1' or '0'
