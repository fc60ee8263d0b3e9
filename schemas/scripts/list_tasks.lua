-- list_tasks.lua: tasks by when they were accepted, newest first; of tasks that are gone it drops what is left in the index.
--
-- ARGV     1 most tasks to look at     2 accepted from this millisecond on     3 and before this one; '' for no end
--          4 millisecond of the task behind which to go on, '' to begin     5 its id
--          6 its kind     7 how its name begins     8 its external_id     9 states it may have: '|waiting|dialling|';
--          '' for any     10.. clients whose tasks they are; none: everybody's
-- Returns  {id, created_ms, client, ...} of those that are so, in one list: a list for each would cost as much as its reading;
--          the last one looked at: {created_ms, id}; {} if there are no more
local most, from, behind_ms, behind_id = tonumber(ARGV[1]), ARGV[2], ARGV[4], ARGV[5]
local to = behind_ms ~= '' and behind_ms or ARGV[3] ~= '' and '(' .. ARGV[3] or '+inf'
local clients = {unpack(ARGV, 10)}
if #clients == 0 then clients = redis.call('SMEMBERS', P .. 'clients') end
-- Of several clients one may have more than its share of the newest.
local chunk = #clients > 1 and math.max(4, math.ceil(2 * most / #clients)) or most + 1

local is_wanted = sieve_of(unpack(ARGV, 6, 9))

-- Goes to the next task of a client, which `id` and `at_ms` tell then; false if there is none.
local function step(line)
  repeat
    line.at = line.at + 2
    if not line.found[line.at] and not line.done then
      line.found = redis.call('ZREVRANGEBYSCORE', P .. 'tasks:' .. line.client, to, from, 'WITHSCORES', 'LIMIT', line.offset, chunk)
      line.at, line.offset, line.done = 1, line.offset + chunk, #line.found < 2 * chunk
    end
    line.id, line.time = line.found[line.at] or false, line.found[line.at + 1]
  until line.time ~= behind_ms or line.id < behind_id
  line.at_ms = tonumber(line.time)
  return line.id
end

-- Whose next task is the newest goes first.
local heap = {}

local function goes_before(one, other)
  return one.at_ms > other.at_ms or one.at_ms == other.at_ms and one.id > other.id
end

for _, client in ipairs(clients) do
  local line = {client = client, at = 0, found = {}, offset = 0}
  if step(line) then table.insert(heap, line) end
end
make_heap(heap, goes_before)

local rows, gone, last_ms, last_id = {}, {}, '', ''
for _ = 1, most do
  local line = heap[1]
  if not line then break end
  last_ms, last_id = line.time, line.id
  local wanted = is_wanted(last_id)
  if wanted then
    for _, word in ipairs({last_id, last_ms, line.client}) do table.insert(rows, word) end
  elseif wanted == nil then
    table.insert(gone, {last_id, line.client})
  end
  if step(line) then sink(heap, 1, goes_before) else drop_first(heap, goes_before) end
end
for _, task in ipairs(gone) do unlist_task(unpack(task)) end
return {rows, #heap > 0 and {last_ms, last_id} or {}}
