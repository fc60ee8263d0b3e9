-- index.lua: the tasks of each client by when they were accepted, for whoever lists them.
--
-- tasks:<client>    zset, tasks of a client by the millisecond at which they were accepted
-- clients           set, clients with such

local function list_task(id, client, created_ms)
  local tasks = P .. 'tasks:' .. (client or '')
  local is_new = redis.call('ZADD', tasks, 'NX', int(created_ms), id) == 1
  if is_new and redis.call('ZCARD', tasks) == 1 then redis.call('SADD', P .. 'clients', client or '') end
end

local function unlist_task(id, client)
  local tasks = P .. 'tasks:' .. (client or '')
  redis.call('ZREM', tasks, id)
  if redis.call('EXISTS', tasks) == 1 then return end
  redis.call('SREM', P .. 'clients', client or '')
  redis.call('HDEL', P .. 'turns', client or '')
end
