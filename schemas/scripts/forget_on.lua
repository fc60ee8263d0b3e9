-- forget_on.lua: a step of removing every trace of a number: looks at a thousand records and rows at most, or a little more.
--
-- ARGV     1 how long a finished record is kept, milliseconds
-- Returns  '1' if a further step has something to do now
--
-- A row that begins behind a round's back has a record before the next one: two rounds find all.
write_though_full()
local FEW, PAUSE_MS = 10, 5000
local id = redis.call('ZRANGEBYSCORE', P .. 'forgets', '-inf', int(now_ms), 'LIMIT', 0, 1)[1]
if not id then return '0' end
local key, retention_ms = P .. 'forget:' .. id, ARGV[1]
local job = redis.call('HMGET', key, 'number', 'whose', 'cursor', 'round', 'started_ms', 'live', 'kept_ms')
local number, whose, cursor, looked_at = job[1], job[2], job[3], 0
local rows_left = P .. 'forget_rows:' .. id -- campaigns that the scan met
if not number then
  redis.call('ZREM', P .. 'forgets', id)
  return '1'
end

local function note_blanked(done, counts, digest)
  if done then
    if counts then redis.call('HINCRBY', key, 'blanked', 1) end
    forget_answer(digest)
  else
    redis.call('HSET', key, 'live', job[4])
  end
end

local function visit(task_id)
  local task = fields_of(task_id, 'kind', 'bulk', 'to', 'client', 'created_ms', 'idem')
  if not task.created_ms or not was_there(task.created_ms, job[5]) or task.kind ~= 'bulk' and task.to ~= number then return end
  if whose ~= 'all' and whose ~= 'of:' .. client_of(task.client, task.bulk) then return end
  if task.kind == 'bulk' then return redis.call('RPUSH', rows_left, task_id) end
  note_blanked(cancel_and_blank(task_id, task.bulk, retention_ms), true, task.idem)
end

-- Looks at some rows of the first campaign that is to be looked at; how many.
local function visit_rows()
  local campaign, from = redis.call('LINDEX', rows_left, 0), tonumber(redis.call('HGET', key, 'row') or 0)
  move_rows(campaign)
  local rows = redis.call('LRANGE', P .. 'rows:' .. campaign, int(from), int(from + ROWS_AT_ONCE - 1))
  for index, text in ipairs(rows) do
    if read_row(text) == number then
      local done, counts = blank_row(campaign, from + index, retention_ms)
      note_blanked(done, counts, done and forget_answers(campaign, from + index))
    end
  end
  local more = #rows == ROWS_AT_ONCE
  redis.call('HSET', key, 'row', more and int(from + #rows) or '0')
  if not more then redis.call('LPOP', rows_left) end
  return #rows
end

local begins = cursor == '0' and job[4] == '1' and redis.call('EXISTS', rows_left) == 0
if begins and forget_opt_outs(number, whose) then return '1' end
repeat
  if redis.call('EXISTS', rows_left) == 1 then
    looked_at = looked_at + visit_rows()
  else
    local found = redis.call('SCAN', cursor, 'MATCH', P .. 'task:*', 'COUNT', FEW)
    cursor, looked_at = found[1], looked_at + FEW
    for _, name in ipairs(found[2]) do visit(string.sub(name, #P + 6)) end
    redis.call('HSET', key, 'cursor', cursor)
  end
until cursor == '0' and redis.call('EXISTS', rows_left) == 0 or looked_at >= ROWS_AT_ONCE
if cursor ~= '0' or redis.call('EXISTS', rows_left) == 1 then return '1' end
for _, streak in ipairs({'ambiguous', 'unknown'}) do redis.call('ZREM', P .. 'streak:' .. streak, number) end
local live = redis.call('HGET', key, 'live') == job[4]
if tonumber(job[4]) < 2 or live then
  redis.call('HINCRBY', key, 'round', 1)
  if live then redis.call('ZADD', P .. 'forgets', int(now_ms + PAUSE_MS), id) end
  return live and '0' or '1'
end
if forget_opt_outs(number, whose) then return '1' end -- it came onto a list meanwhile, and went off again, very often
redis.call('HDEL', key, 'number', 'cursor', 'round', 'live', 'row', 'kept_ms')
redis.call('HSET', key, 'state', 'done', 'done_ms', int(now_ms))
redis.call('PEXPIRE', key, job[7] or retention_ms) redis.call('ZREM', P .. 'forgets', id)
local field = number .. '|' .. whose
if redis.call('HGET', P .. 'forgetting', field) == job[5] then redis.call('HDEL', P .. 'forgetting', field) end
return '1'
