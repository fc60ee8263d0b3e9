-- append.lua: further rows come behind those of a campaign, which goes on if it was finished.
--
-- ARGV     1 campaign's id
--          2 deadline, microseconds of Redis's clock; 0: none. A run that comes later changes nothing
--          3 digest by which a repetition of the request is known     4 fingerprint of the request's body
--          5 how long it is known, milliseconds     6 most numbers that one UTC day accepts; 0: any
--          7 most numbers of its client that wait; 0: any     8 what is told of rows that were left out
--          9 name of the key by which they are added, '' without one     10 '1' if some have ends of their own
--          11 name of this run, which may be sent twice     12.. the rows, a thousand at most
-- Returns  {verdict, when the day ends if it is full, ARGV[8] as it was at first};
--          verdict: done | replayed | mismatch | late | gone (no such task) | single (it is no campaign) |
--          over (cancelled, or it expired) | forgetting (one of the numbers is being forgotten) | large (it would have too many rows) | crowded (too many of its client's wait) | full (the day has no room)
local id, answer = ARGV[1], P .. 'idem:' .. ARGV[3]
local key, count = P .. 'task:' .. id, #ARGV - 11
local known = redis.call('HMGET', answer, 'fingerprint', 'skipped', 'run')
local function told(verdict, ends_ms) return {verdict, ends_ms or '', known[2] or ARGV[8]} end
if known[1] then
  redis.call('HSET', answer, 'fingerprint', known[1]) -- a write, so that WAIT after it waits for the replicas again
  if known[1] ~= ARGV[4] then return told('mismatch') end
  if known[3] ~= ARGV[11] then redis.call('HSET', answer, 'heard', '1') end -- so that nobody takes it back any more
  return told('replayed')
end
if tonumber(ARGV[2]) > 0 and now_us > tonumber(ARGV[2]) then return told('late') end
local task = redis.call('HMGET', key, 'kind', 'state', 'total', 'client', 'expires_ms', 'created_ms')
if not task[1] then return told(row_named(id) and 'single' or 'gone') end
if task[1] ~= 'bulk' then return told('single') end
if task[2] ~= 'active' and task[2] ~= 'finished' or tonumber(task[5] or math.huge) <= now_ms then return told('over') end
if task[3] + count > MOST_ROWS then return told('large') end
for at = 12, redis.call('EXISTS', P .. 'forgetting') == 1 and #ARGV or 0 do
  if is_to_be_forgotten((read_row(ARGV[at])), task[4] or '', task[6]) then return told('forgetting') end
end
local most_waiting = tonumber(ARGV[7])
if most_waiting > 0 and waiting_of(task[4] or '') + count > most_waiting then return told('crowded') end
local ends_ms = tonumber(ARGV[6]) > 0 and count_in_day(count, tonumber(ARGV[6]))
if ends_ms then return told('full', ends_ms) end

redis.call('HSET', answer, 'fingerprint', ARGV[4], 'id', id, 'created_ms', int(now_ms), 'start_ms', int(now_ms),
  'skipped', ARGV[8], 'first', task[3], 'count', count, 'run', ARGV[11])
redis.call('PEXPIRE', answer, ARGV[5])
note_answer(id, ARGV[3], ARGV[5])
move_rows(id)
append_rows(id, 12, ARGV[10] == '1')
redis.call('HINCRBY', key, 'total', count)
redis.call('HSET', key, 'updated_ms', int(now_ms))
if not redis.call('HGET', key, 'counted') then begin_counting(id, 0) end
note_waiting(id, count)
reopen(id)
rejoin(id)
nudge()
log(id, nil, 'added', cjson.encode({by = ARGV[9], count = count}))
return told('done')
