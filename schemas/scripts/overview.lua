-- overview.lua: the queue as the operator sees it, all of it at one instant. Changes nothing; reads each live call.
--
-- ARGV     1 most campaigns to name
--          2.. the ranks
-- Returns  {now_ms,
--           {tasks not due, calls with events to pass on},
--           {due calls of each rank}, {due campaigns of each rank},
--           {free_us and paused_us of the account's pace, free_us of the single pace}, '0' for what is not set,
--           {why the account is held, probe_ms of the hold, since_ms of the drain}, '' for what is not set,
--           {workers with a fresh pulse}, {beats with one},
--           {state, live calls in it, ...}, 'gone' for those whose record is,
--           {{id, numbers not dialled, live calls, most live calls}, ...}: campaigns that are due, then others with live calls}
local most = tonumber(ARGV[1])
local function fresh(name, age_ms) return redis.call('ZRANGEBYSCORE', P .. name, int(now_ms - age_ms), '+inf') end

local campaigns, named = {}, {}
local function name_campaign(id)
  if named[id] or #campaigns >= most then return end
  named[id] = true
  local task = redis.call('HMGET', P .. 'task:' .. id, 'live', 'max_live')
  table.insert(campaigns, {id, waiting_rows(id) - redis.call('ZCARD', P .. 'again:' .. id), task[1] or '0', task[2] or '0'})
end

local not_due, due = 0, {c = {}, b = {}}
for index = 2, #ARGV do due.c[index - 1], due.b[index - 1] = 0, 0 end
for _, line in ipairs(redis.call('ZRANGE', P .. 'lines', 0, -1)) do
  local kind, rank, key = string.sub(line, 1, 1), string.match(line, '^%a:(%d+)'), P .. 'line:' .. line
  local ripe = redis.call('ZCOUNT', key, '-inf', now_exact_ms)
  not_due = not_due + redis.call('ZCARD', key) - ripe
  for index = 2, #ARGV do
    if ARGV[index] == rank then due[kind][index - 1] = due[kind][index - 1] + ripe end
  end
  local due_ids = kind == 'b' and redis.call('ZRANGEBYSCORE', key, '-inf', now_exact_ms, 'LIMIT', 0, most) or {}
  for _, id in ipairs(due_ids) do name_campaign(id) end
end

local states, counts, dialling = {}, {}, {}
for _, id in ipairs(redis.call('SMEMBERS', P .. 'live')) do
  local task = redis.call('HMGET', P .. 'task:' .. id, 'state', 'bulk')
  local state = task[1] or 'gone'
  if not counts[state] then table.insert(states, state) end
  counts[state] = (counts[state] or 0) + 1
  if task[2] then table.insert(dialling, task[2]) end
end
table.sort(dialling)
for _, id in ipairs(dialling) do name_campaign(id) end
table.sort(states)
local live = {}
for _, state in ipairs(states) do
  table.insert(live, state)
  table.insert(live, counts[state])
end

local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local hold = redis.call('HMGET', P .. 'hold', 'reason', 'probe_ms')
return {
  int(now_ms),
  {not_due, redis.call('SCARD', P .. 'untold')},
  due.c,
  due.b,
  {account[1] or '0', account[2] or '0', redis.call('HGET', P .. 'pace:singles', 'free_us') or '0'},
  {hold[1] or '', hold[2] or '', redis.call('HGET', P .. 'drain', 'since_ms') or redis.call('HGET', P .. 'copy', 'at_ms') or ''},
  fresh('workers', WORKER_FRESH_MS),
  fresh('beats', BEAT_FRESH_MS),
  live,
  campaigns,
}
