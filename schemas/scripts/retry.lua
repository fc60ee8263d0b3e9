-- retry.lua: what came to certain outcomes is tried again; rows that are still to be tried are left alone, and so are those
-- whose numbers are on a do-not-call list.
--
-- ARGV     1 task id     2 deadline, microseconds of Redis's clock; 0: none. A run that comes later begins nothing
--          3 digest by which a repetition of the request is known     4 fingerprint of the request's body
--          5 how long it is known, milliseconds     6 most numbers that one UTC day accepts; 0: any
--          7 marks of what is tried again     8 from when on, milliseconds; '': now plus ARGV[9]     9 delay, milliseconds
--          10 how long a finished record is kept, milliseconds     11 name of the key by which it was said, '' without one
--          12 most numbers of its client that wait; 0: any
-- Returns  {verdict, how many are tried again, '1' if it goes on with the next run, when the day ends if it is full};
--          verdict: done | replayed | mismatch | late | busy (an earlier retry goes on first) | past (the time is) | gone |
--          part (a call of a campaign) | over (cancelled) | expired (the task's own time is over) | behind (it is then) |
--          full (the day is) | crowded (too many of its client's numbers would wait)
write_though_full()
local id, wanted, retention_ms = ARGV[1], ARGV[7], ARGV[10]
local key, answer, job = P .. 'task:' .. id, P .. 'idem:' .. ARGV[3], P .. 'retry:' .. id
local known = redis.call('HMGET', answer, 'fingerprint', 'count')
local function told(verdict, ends_ms)
  local more = redis.call('HGET', job, 'digest') == ARGV[3] and '1' or '0'
  return {verdict, redis.call('HGET', answer, 'count') or '0', more, ends_ms or ''}
end

if known[1] then
  redis.call('HSET', answer, 'fingerprint', known[1]) -- a write, so that WAIT after it waits for the replicas again
  if known[1] ~= ARGV[4] then return told('mismatch') end
  if redis.call('HGET', job, 'digest') ~= ARGV[3] then return told('replayed') end
  retry_rows(id, retention_ms)
  return told('done')
end
if tonumber(ARGV[2]) > 0 and now_us > tonumber(ARGV[2]) then return told('late') end
local due_ms = tonumber(ARGV[8]) or now_ms + tonumber(ARGV[9])
if ARGV[8] ~= '' and due_ms <= now_ms then return told('past') end
local task = fields_of(id, 'kind', 'state', 'expires_ms', 'hang_up', 'client', 'reason', 'last_mark')
if task.kind == 'bulk_call' or not task.kind and row_named(id) then return told('part') end
if not task.kind then return told('gone') end
local expires_ms = tonumber(task.expires_ms or math.huge)
if expires_ms <= math.max(now_ms, due_ms) then return told(expires_ms <= now_ms and 'expired' or 'behind') end
local unmade = task.state == 'cancelled' and not (task.reason and task.last_mark) -- else its attempts count
if unmade or task.hang_up == '1' then return told('over') end
if redis.call('EXISTS', job) == 1 then
  retry_rows(id, retention_ms)
  return told('busy')
end

local bulk, mark, count = task.kind == 'bulk', nil, 0
if bulk then
  move_rows(id)
  local _, found = string.gsub(redis.call('GET', P .. 'marks:' .. id) or '', '[' .. wanted .. ']', '')
  count = found
else
  local its = redis.call('HMGET', key, 'state', 'call_status', 'hang_up', 'answered_by', 'reason', 'last_mark')
  mark = mark_of(unpack(its, 1, 6))
  count = fits(wanted, mark) and not is_barred_call(key) and 1 or 0
end
local most_waiting = tonumber(ARGV[12])
if most_waiting > 0 and count > 0 and waiting_of(task.client or '') + count > most_waiting then return told('crowded') end
local counts = tonumber(ARGV[6]) > 0 and count > 0
local ends_ms = counts and count_in_day(count, tonumber(ARGV[6]))
if ends_ms then return told('full', ends_ms) end
redis.call('HSET', answer, 'fingerprint', ARGV[4], 'id', id, 'created_ms', int(now_ms), 'start_ms', int(now_ms), 'count', 0)
redis.call('PEXPIRE', answer, ARGV[5])
if count > 0 then log_deed(id, nil, 'retried', ARGV[11]) end
if bulk and count > 0 then
  redis.call('HSET', job, 'digest', ARGV[3], 'marks', wanted, 'due_ms', int(due_ms), 'place', 0, 'count', 0,
    'last', redis.call('STRLEN', P .. 'marks:' .. id), 'counted', counts and count or 0, 'counted_ms', int(now_ms))
  retry_rows(id, retention_ms)
elseif count > 0 and try_again(id, mark, due_ms) then
  redis.call('HSET', answer, 'count', 1)
  wait_in_line(id, due_ms)
  nudge()
elseif counts then
  count_back(count, now_ms)
end
return told('done')
