-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

local function is_before(one, other)
  return one.next < other.next or one.next == other.next and one.place < other.place
end

-- Of several clients, that one first whose turn it is. One that had nothing for a while gets no turns for that.
local function in_turn(clients)
  local had, turns, turn = redis.call('HGETALL', P .. 'turns'), {}, tonumber(redis.call('HGET', P .. 'pace:account', 'turn') or 0)
  for index = 1, #had, 2 do turns[had[index]] = tonumber(had[index + 1]) end
  for place, client in ipairs(clients) do
    client.place, client.turn = place, math.max(turns[client.name] or 0, turn)
    client.next = client.turn
  end
  return make_heap(clients, is_before)
end

-- Clients that have something due, with their lines, whose turn it is first. At lines nobody looks before it is their
-- client's turn: there may be very many.
local function ripe_clients(horizon_ms)
  local clients, by_name = {}, {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', int(horizon_ms))) do
    local kind, rank, whose = string.match(name, '^(%a):(%d+):(.*)$')
    local client = by_name[whose]
    if not client then
      client = {name = whose, lines = {}}
      by_name[whose], clients[#clients + 1] = client, client
    end
    local lines, its = client.lines, {name = name, kind = kind, rank = tonumber(rank)}
    local at = #lines
    while at > 0 and lines[at].rank > its.rank do lines[at + 1], at = lines[at], at - 1 end
    lines[at + 1] = its
  end
  return clients[2] and in_turn(clients) or clients
end

-- Nothing of the first may go any more.
local function leave_turns(clients) drop_first(clients, is_before) end

-- Whose turn it is, and its next: by rank, as its lines stand, then by time; single calls only while their pace is open. Of
-- whom nothing may go now, nothing may later in this run.
local function choose(clients, horizon_ms, singles_open)
  while clients[1] do
    local best
    for _, line in ipairs(clients[1].lines) do
      if best and line.rank > best.rank then break end
      if not line.seen then look_at_line(line) end
      local may_go = line.id and line.at_ms <= horizon_ms and (line.kind == 'b' or singles_open)
      if may_go and (not best or line.at_ms < best.at_ms) then best = line end
    end
    if best then return clients[1], best end
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
