-- list_tasks.lua: tasks by when they were accepted, newest first; of tasks that are gone it drops what is left in the index.
--
-- ARGV     1 most tasks to look at     2 accepted from this millisecond on     3 and before this one; '' for no end
--          4 millisecond of the task behind which to go on, '' to begin     5 its id
--          6 of what kind, 7 how its name begins, 8 its external_id, 9 which states it may have: '|waiting|dialling|';
--          '' for any     10.. clients whose tasks they are; none: everybody's
-- Returns  {{id, created_ms, client, kind, state, name or '', external_id or ''}, ...} of those that are so,
--          the last one looked at: {created_ms, id}; {} if there are no more
local most, from, behind_ms, behind_id = tonumber(ARGV[1]), ARGV[2], ARGV[4], ARGV[5]
local to = behind_ms ~= '' and behind_ms or ARGV[3] ~= '' and '(' .. ARGV[3] or '+inf'
local clients = {unpack(ARGV, 10)}
if #clients == 0 then clients = redis.call('SMEMBERS', P .. 'clients') end
-- Of several clients one may have more than its share of the newest.
local chunk = #clients > 1 and math.max(16, math.ceil(2 * most / #clients)) or most + 1

-- Of most tasks a filter reads but the field that shuts them out.
local wanted, sieve = {}, {'created_ms'}
local function sift(field, asked, fits)
  if asked == '' then return end
  table.insert(wanted, fits)
  table.insert(sieve, field)
end
sift('kind', ARGV[6], function(kind) return kind == ARGV[6] end)
sift('name', ARGV[7], function(name) return string.sub(name or '', 1, #ARGV[7]) == ARGV[7] end)
sift('external_id', ARGV[8], function(external_id) return external_id == ARGV[8] end)
sift('state', ARGV[9], function(state) return string.find(ARGV[9], '|' .. (state or '') .. '|', 1, true) end)
local SHOWN = {'created_ms', 'kind', 'state', 'name', 'external_id'}

-- What is shown of a task; nil if it is gone, false if it is not wanted.
local function read_wanted(id)
  if #wanted > 0 then
    local its = redis.call('HMGET', P .. 'task:' .. id, unpack(sieve))
    if not its[1] then return nil end
    for index, fits in ipairs(wanted) do
      if not fits(its[index + 1]) then return false end
    end
  end
  local task = redis.call('HMGET', P .. 'task:' .. id, unpack(SHOWN))
  return task[1] and task or nil
end

-- Goes to the next task of a client, which `id` and `at_ms` tell then; false if there is none.
local function step(line)
  line.at = line.at + 1
  while line.at > #line.ids and not line.done do
    local found = redis.call('ZREVRANGEBYSCORE', P .. 'tasks:' .. line.client, to, from, 'WITHSCORES', 'LIMIT', line.offset, chunk)
    line.at, line.ids, line.times = 1, {}, {}
    line.offset, line.done = line.offset + chunk, #found < 2 * chunk
    for index = 1, #found, 2 do
      if found[index + 1] ~= behind_ms or found[index] < behind_id then
        table.insert(line.ids, found[index])
        table.insert(line.times, found[index + 1])
      end
    end
  end
  line.id, line.at_ms = line.ids[line.at], tonumber(line.times[line.at])
  return line.id
end

local lines = {}
for _, client in ipairs(clients) do
  local line = {client = client, at = 0, ids = {}, times = {}, offset = 0}
  if step(line) then table.insert(lines, line) end
end

local function newest()
  local best, place = lines[1], 1
  for index = 2, #lines do
    local line = lines[index]
    if line.at_ms > best.at_ms or line.at_ms == best.at_ms and line.id > best.id then best, place = line, index end
  end
  return best, place
end

local rows, gone, last = {}, {}, {}
for _ = 1, most do
  local line, place = newest()
  if not line then break end
  local id = line.id
  local task = read_wanted(id)
  last = {line.times[line.at], id}
  if task then
    table.insert(rows, {id, line.times[line.at], line.client, task[2] or '', task[3] or '', task[4] or '', task[5] or ''})
  elseif task == nil then
    table.insert(gone, {id, line.client})
  end
  if not step(line) then table.remove(lines, place) end
end
for _, task in ipairs(gone) do unlist_task(unpack(task)) end
return {rows, #lines > 0 and last or {}}
