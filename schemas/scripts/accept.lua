-- accept.lua: makes one task (a call or a campaign) durable and puts it in the queue. The only way in.
--
-- ARGV     1 task id
--          2 deadline, microseconds of Redis's clock; 0: none. Later (Redis hung) nothing changes: 503 has been told already
--          3 digest of the client's Idempotency-Key, '' without one
--          4 fingerprint of the request's body
--          5 due, milliseconds since 1970; '': now plus ARGV[6]
--          6 delay, milliseconds
--          7 interval of the single pace, microseconds, for the estimate; 0 for a campaign
--          8 most numbers that one UTC day accepts, a campaign's all; 0: any
--          9 most numbers of its client that wait, this task's too; 0: any
--          10 '1' for a dry run: nothing is written; without a key     11 '1' if some of a campaign's rows have ends of their own
--          12 how many of the ARGV that follow are fields and values of the record; a campaign's rows come after them
-- Returns  {verdict, task id, created_ms, start_ms, '1' if calls.dispatch is to be sent, of a replayed one its `skipped`};
--          verdict: accepted | replayed | mismatch | late | past (it was due before now) |
--          barred (the number is on a do-not-call list) | full (the day has no room for all of it; start_ms is its end) |
--          crowded (too many of its client's wait); only the first changes anything
local function given(field, first, last)
  for index = first, last, 2 do
    if ARGV[index] == field then return ARGV[index + 1] end
  end
end

local id, digest, task = ARGV[1], ARGV[3], P .. 'task:' .. ARGV[1]
local function refused(verdict) return {verdict, id, int(now_ms), int(now_ms), '0'} end
local known = redis.call('HMGET', task, 'created_ms', 'start_ms')
if known[1] then
  redis.call('HSET', task, 'created_ms', known[1]) -- a write, so that WAIT after it waits for the replicas again
  return {'accepted', id, known[1], known[2], '1'}
end
if digest ~= '' then
  local first = redis.call('HMGET', P .. 'idem:' .. digest, 'fingerprint', 'id', 'created_ms', 'start_ms', 'skipped')
  if first[1] then
    redis.call('HSET', P .. 'idem:' .. digest, 'id', first[2]) -- likewise
    if first[1] == ARGV[4] and redis.call('EXISTS', P .. 'task:' .. first[2]) == 1 then
      redis.call('HSET', P .. 'task:' .. first[2], 'heard', '1') -- so that nobody takes it back any more
    end
    first[5] = redis.call('HGET', P .. 'task:' .. first[2], 'skipped') or first[5] or ''
    return {first[1] == ARGV[4] and 'replayed' or 'mismatch', first[2], first[3], first[4], '0', first[5]}
  end
end
if tonumber(ARGV[2]) > 0 and now_us > tonumber(ARGV[2]) then return refused('late') end
local due_ms = tonumber(ARGV[5])
if due_ms and due_ms <= now_ms then return refused('past') end
due_ms = due_ms or now_ms + tonumber(ARGV[6])
local last_field, most_a_day, most_waiting, dry = 12 + tonumber(ARGV[12]), tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10] == '1'
local count = math.max(1, #ARGV - last_field)
local to, client = given('to', 13, last_field), given('client', 13, last_field) or ''
if most_waiting > 0 and waiting_of(client) + count > most_waiting then return refused('crowded') end
if to and is_barred(to, client) then return refused('barred') end
local ends_ms = most_a_day > 0 and count_in_day(count, most_a_day, dry)
if ends_ms or dry then return {ends_ms and 'full' or 'accepted', id, int(now_ms), ends_ms or int(due_ms), '0'} end
redis.call('HSET', task, 'v', VERSION, 'created_ms', int(now_ms), 'updated_ms', int(now_ms), 'due_ms', int(due_ms),
  unpack(ARGV, 13, last_field))
local campaign = last_field < #ARGV
if campaign then
  begin_counting(id, count)
  append_rows(id, last_field + 1, ARGV[11] == '1')
end
local whose = redis.call('HMGET', task, 'rank', 'client', 'paused', 'unplanned')
local goes_ms = math.max(due_ms, tonumber(given('opens_ms', 13, last_field) or 0))
local free_us, start_ms, interval_us = tonumber(redis.call('HGET', P .. 'pace:account', 'free_us') or 0), goes_ms, tonumber(ARGV[7])
if interval_us > 0 then
  free_us = math.max(free_us, tonumber(redis.call('HGET', P .. 'pace:singles', 'free_us') or 0))
  local calls = ahead(whose[1], whose[2], now_us / 1000)
  start_ms = math.max(goes_ms, math.floor((math.max(now_us, free_us) + calls * interval_us) / 1000))
end
redis.call('HSET', task, 'start_ms', int(start_ms))
list_task(id, whose[2], now_ms)
if digest ~= '' then
  redis.call('HSET', task, 'idem', digest)
  redis.call('HSET', P .. 'idem:' .. digest, 'fingerprint', ARGV[4], 'id', id,
    'created_ms', int(now_ms), 'start_ms', int(start_ms))
end
local at_ms = goes_ms > now_ms and goes_ms or now_us / 1000
if whose[3] or whose[4] then return {'accepted', id, int(now_ms), int(start_ms), '0'} end -- until it is resumed, or planned
local is_next = campaign and stand(line_of('b', whose[1], whose[2]), id, at_ms) or not campaign and wait_in_line(id, at_ms)
local goes_now = goes_ms <= now_ms and free_us <= now_us
if is_next and not goes_now then nudge() end -- a beat wakes it then
return {'accepted', id, int(now_ms), int(start_ms), goes_now and ask('dispatch') or '0'}
