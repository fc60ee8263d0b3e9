-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

-- Looks at the head of a line again, and keeps `lines` true, which knows `known_ms` of it.
local function look_at_line(line)
  local head = redis.call('ZRANGE', P .. 'line:' .. line.name, 0, 0, 'WITHSCORES')
  line.id, line.at_ms = head[1], tonumber(head[2])
  if not head[1] then return redis.call('ZREM', P .. 'lines', line.name) end
  if head[2] ~= line.known_ms then redis.call('ZADD', P .. 'lines', head[2], line.name) end
  line.known_ms = head[2]
end

local function is_before(one, other)
  return one.next < other.next or one.next == other.next and one.place < other.place
end

-- Clients that have something due, with their lines, whose turn it is first. One that had nothing for a while gets no
-- turns for that. At lines nobody looks before it is their client's turn: there may be very many.
local function ripe_clients(horizon_ms, turn)
  local clients, by_name, had, flat = {}, {}, {}, redis.call('HGETALL', P .. 'turns')
  for index = 1, #flat, 2 do had[flat[index]] = tonumber(flat[index + 1]) end
  local ripe = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', string.format('%.3f', horizon_ms), 'WITHSCORES')
  for index = 1, #ripe, 2 do
    local kind, rank, whose = string.match(ripe[index], '^(%a):(%d+):(.*)$')
    if not by_name[whose] then
      local its = math.max(had[whose] or 0, turn)
      by_name[whose] = {name = whose, turn = its, next = its, lines = {}, place = #clients + 1}
      table.insert(clients, by_name[whose])
    end
    table.insert(by_name[whose].lines, {name = ripe[index], kind = kind, rank = tonumber(rank), known_ms = ripe[index + 1]})
  end
  return make_heap(clients, is_before), #clients > 1
end

-- The client's next: by rank, then by time; single calls only while their pace is open. nil if nothing of it may go.
local function next_of(client, horizon_ms, singles_open)
  local best
  for _, line in ipairs(client.lines) do
    local may_go = line.id and line.at_ms <= horizon_ms and (line.kind == 'b' or singles_open)
    local better = not best or line.rank < best.rank or line.rank == best.rank and (line.at_ms or 0) < best.at_ms
    if may_go and better then best = line end
  end
  return best
end

-- Whose turn it is, and its next. Of whom nothing may go now, nothing may later in this run.
local function choose(clients, horizon_ms, singles_open)
  while clients[1] do
    if not clients[1].seen then
      for _, line in ipairs(clients[1].lines) do look_at_line(line) end
      clients[1].seen = true
    end
    local line = next_of(clients[1], horizon_ms, singles_open)
    if line then return clients[1], line end
    drop_first(clients, is_before)
  end
end

-- It was the turn of the first, and a call of it began, or what was the next may not go: then that counts in this run
-- alone, in which it is the others' turn first. Alone, a client needs no turns.
local function take_turn(clients, shared, began)
  local client = clients[1]
  client.next = client.next + 1
  if began then
    client.turn = client.turn + 1
    if shared then redis.call('HSET', P .. 'turns', client.name, int(client.turn)) end
  end
  sink(clients, 1, is_before)
end
