-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

local function is_before(one, other)
  return one.next < other.next or one.next == other.next and one.place < other.place
end

-- Of several clients, that one first whose turn it is. One that had nothing for a while gets no turns for that.
local function in_turn(clients, by_name, turn)
  local had = redis.call('HGETALL', P .. 'turns')
  for index = 1, #had, 2 do
    local client = by_name[had[index]]
    if client then
      client.turn = math.max(tonumber(had[index + 1]), turn)
      client.next = client.turn
    end
  end
  return make_heap(clients, is_before)
end

-- Clients that have something due, with their lines, whose turn it is first. At lines nobody looks before it is their
-- client's turn: there may be very many.
local function ripe_clients(horizon_ms, turn)
  local clients, by_name = {}, {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', int(horizon_ms))) do
    local kind, rank, whose = string.match(name, '^(%a):(%d+):(.*)$')
    local client = by_name[whose]
    if not client then
      client = {name = whose, turn = turn, next = turn, lines = {}, place = #clients + 1}
      by_name[whose], clients[client.place] = client, client
    end
    local lines, its = client.lines, {name = name, kind = kind, rank = tonumber(rank)}
    local at = #lines
    while at > 0 and lines[at].rank > its.rank do lines[at + 1], at = lines[at], at - 1 end
    lines[at + 1] = its
  end
  return clients[2] and in_turn(clients, by_name, turn) or clients
end

-- Nothing of the first may go any more.
local function leave_turns(clients) drop_first(clients, is_before) end

-- Whose turn it is, and its next. Of whom nothing may go now, nothing may later in this run.
local function choose(clients, horizon_ms, singles_open)
  while clients[1] do
    local line = next_of(clients[1], horizon_ms, singles_open)
    if line then return clients[1], line end
    leave_turns(clients)
  end
end

-- It was the turn of the first, and a call of it began, or what was the next may not go: then that counts in this run
-- alone, in which it is the others' turn first.
local function take_turn(clients, began)
  local client = clients[1]
  client.next = client.next + 1
  if began then
    client.turn = client.turn + 1
    redis.call('HSET', P .. 'turns', client.name, int(client.turn))
  end
  sink(clients, 1, is_before)
end
