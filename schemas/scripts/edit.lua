-- edit.lua: a task gets other values of some fields, unless somebody edited it meanwhile. What was admitted keeps what it had.
--
-- ARGV     1 task id     2 number of its last edit as it was seen; '' if that does not matter
--          3 name of this edit, by which a repetition is known     4 name of the key by which it was made, '' without one
--          5 how many of the ARGV that follow are fields and values to set; fields to remove come after them
-- Returns  {verdict, number of its last edit}; verdict: done | stale (somebody edited it meanwhile) | gone (no such task) |
--          part (it is a call of a campaign) | over (it has ended) | begun, past (it cannot begin at another time, or at that one)
write_though_full()
local id = ARGV[1]
local key = P .. 'task:' .. id
local task = fields_of(id, 'kind', 'state', 'edits', 'edited_by', 'rank', 'client', 'due_ms', 'created_ms', 'tries', 'free_us',
  'attempt_number', 'closes_ms', 'delay_us', 'metadata')
local function told(verdict) return {verdict, redis.call('HGET', key, 'edits') or '0'} end
if task.kind == 'bulk_call' or not task.kind and row_named(id) then return told('part') end
if not task.kind then return told('gone') end
if task.edited_by == ARGV[3] then
  redis.call('HSET', key, 'edited_by', ARGV[3]) -- a write, so that WAIT after it waits for the replicas again
  return told('done')
end
local bulk = task.kind == 'bulk'
if bulk and task.state ~= 'active' or FINAL[task.state] then return told('over') end
if ARGV[2] ~= '' and ARGV[2] ~= (task.edits or '0') then return told('stale') end

local last, edited = 5 + tonumber(ARGV[5]), {}
for at = 6, last, 2 do edited[ARGV[at]] = ARGV[at + 1] end
local begins_ms = tonumber(edited.due_ms)
if begins_ms then
  local fresh = task.state == 'waiting' and tonumber(task.tries or 0) == 0 and tonumber(task.attempt_number or 1) == 1
  if bulk then fresh = not task.free_us end -- no number of it had its slot yet
  if not fresh then return told('begun') end
  if begins_ms <= now_ms and begins_ms ~= tonumber(task.created_ms) then return told('past') end
end
local stood_ms = redis.call('ZSCORE', P .. 'line:' .. line_of(bulk and 'b' or 'c', task.rank, task.client), id)
leave_line(id, bulk and 'b' or 'c', task.rank, task.client)
redis.call('HSET', key, 'edited_by', ARGV[3], 'updated_ms', int(now_ms), unpack(ARGV, 6, last))
if #ARGV > last then redis.call('HDEL', key, unpack(ARGV, last + 1)) end
for _, call in ipairs(redis.call('HGET', key, 'metadata') ~= task.metadata and redis.call('SMEMBERS', P .. 'live') or {}) do
  local its = call == id or bulk and string.sub(call, 1, #id + 1) == id .. '-'
  if its then redis.call('HSETNX', P .. 'task:' .. call, 'kept_metadata', task.metadata or '{}') end
end
if edited.delay_us and task.free_us then -- the gap is from when the last one began
  redis.call('HINCRBY', key, 'free_us', int(edited.delay_us - task.delay_us))
end
local its_end = redis.call('HGET', key, 'expires_ms')
if tonumber(its_end or math.huge) > now_ms and redis.call('HDEL', key, 'expired') == 1 then -- it was put off: what is added goes
  redis.call('HINCRBY', key, 'reopened', 1)
end
redis.call('HINCRBY', key, 'edits', 1)
if begins_ms and task.closes_ms then redis.call('HSET', key, 'closes_ms', '1') end
if bulk then
  local unplanned = redis.call('HEXISTS', key, 'unplanned') == 1
  if unplanned then leave_closing(id) end
  if its_end then redis.call('ZADD', P .. 'closing', its_end, id) end
  if unplanned then
    redis.call('DEL', P .. 'sets:' .. id, P .. 'zones:' .. id)
    plan_anew(id)
  end
  rejoin(id)
elseif task.state == 'waiting' then
  local later_ms = redis.call('HGET', key, 'later_ms')
  wait_in_line(id, begins_ms or tonumber(stood_ms or later_ms or task.due_ms))
end
log_deed(id, nil, 'edited', ARGV[4])
nudge()
return told('done')
