-- tidying.lua: keeps the index of tasks true, a little at a time: records that expired leave it, and those that versions
-- before it accepted, or processes of these beside us, come into it.
--
-- tidying           hash: scan (cursor through all records, while a round goes on), round_ms (when the next one begins), client
--                   and cursor (of the index, where the look for what expired is)

local ROUND_MS = 86400000 -- from the end of a look through all records to the next
local RECORDS, MEMBERS = 300, 100 -- that one step looks at

local function list_some(state)
  if not state.scan and tonumber(state.round_ms or 0) > now_ms then return end
  local found = redis.call('SCAN', state.scan or '0', 'MATCH', P .. 'task:*', 'COUNT', RECORDS)
  for _, name in ipairs(found[2]) do
    local task = redis.call('HMGET', name, 'created_ms', 'client', 'bulk')
    if task[1] and not task[3] then list_task(string.sub(name, #P + 6), task[2], task[1]) end
  end
  if found[1] ~= '0' then
    redis.call('HSET', P .. 'tidying', 'scan', found[1])
  else
    redis.call('HDEL', P .. 'tidying', 'scan')
    redis.call('HSET', P .. 'tidying', 'round_ms', int(now_ms + ROUND_MS))
  end
end

-- The client after that one, by name; the first after the last.
local function next_client(client)
  local names = redis.call('SMEMBERS', P .. 'clients')
  table.sort(names)
  for _, name in ipairs(names) do
    if client and name > client then return name end
  end
  return names[1]
end

local function unlist_some(state)
  local client = state.client or next_client()
  if not client then return end
  local found = redis.call('ZSCAN', P .. 'tasks:' .. client, state.cursor or '0', 'COUNT', MEMBERS)
  for index = 1, #found[2], 2 do
    local id = found[2][index]
    if redis.call('EXISTS', P .. 'task:' .. id) == 0 then unlist_task(id, client) end
  end
  if found[1] == '0' then client = next_client(client) or client end
  redis.call('HSET', P .. 'tidying', 'client', client, 'cursor', found[1])
end

local function tidy_index()
  local state, flat = {}, redis.call('HGETALL', P .. 'tidying')
  for index = 1, #flat, 2 do state[flat[index]] = flat[index + 1] end
  list_some(state)
  unlist_some(state)
end
