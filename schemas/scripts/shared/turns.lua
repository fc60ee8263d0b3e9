-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

-- Looks at the head of a line, anew when it was taken. Of a line of calls the one behind it is known then; a campaign goes in
-- line again. `lines` is kept true, but for which of two instants that are past it knows.
local function look_at_line(line)
  local heads = line.behind or redis.call('ZRANGE', P .. 'line:' .. line.name, '0', '1', 'WITHSCORES')
  line.behind = line.kind == 'c' and heads[3] and {heads[3], heads[4]} or nil
  line.seen, line.id, line.at_ms = true, heads[1], tonumber(heads[2])
  if not heads[1] then return redis.call('ZREM', P .. 'lines', line.name) end
  if math.max(line.at_ms, now_ms) == math.max(line.known_ms, now_ms) then return end
  redis.call('ZADD', P .. 'lines', heads[2], line.name)
  line.known_ms = line.at_ms
end

local function is_before(one, other)
  return one.next < other.next or one.next == other.next and one.place < other.place
end

-- Clients that have something due, with their lines, whose turn it is first. One that had nothing for a while gets no
-- turns for that. At lines nobody looks before it is their client's turn: there may be very many.
local function ripe_clients(horizon_ms, turn)
  local clients, by_name = {}, {}
  local ripe = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', string.format('%.3f', horizon_ms), 'WITHSCORES')
  for index = 1, #ripe, 2 do
    local kind, rank, whose = string.match(ripe[index], '^(%a):(%d+):(.*)$')
    local client = by_name[whose]
    if not client then
      client = {name = whose, turn = turn, next = turn, lines = {}, place = #clients + 1}
      by_name[whose], clients[client.place] = client, client
    end
    local lines, its = client.lines, {name = ripe[index], kind = kind, rank = tonumber(rank), known_ms = tonumber(ripe[index + 1])}
    local at = #lines
    while at > 0 and lines[at].rank > its.rank do lines[at + 1], at = lines[at], at - 1 end
    lines[at + 1] = its
  end
  if #clients < 2 then return clients, false end
  local had = redis.call('HGETALL', P .. 'turns')
  for index = 1, #had, 2 do
    local client = by_name[had[index]]
    if client then
      client.turn = math.max(tonumber(had[index + 1]), turn)
      client.next = client.turn
    end
  end
  return make_heap(clients, is_before), true
end

-- The client's next: by rank, as its lines stand, then by time; single calls only while their pace is open. nil if nothing
-- of it may go.
local function next_of(client, horizon_ms, singles_open)
  local best
  for _, line in ipairs(client.lines) do
    if best and line.rank > best.rank then break end
    if not line.seen then look_at_line(line) end
    local may_go = line.id and line.at_ms <= horizon_ms and (line.kind == 'b' or singles_open)
    if may_go and (not best or line.at_ms < best.at_ms) then best = line end
  end
  return best
end

-- Whose turn it is, and its next. Of whom nothing may go now, nothing may later in this run.
local function choose(clients, horizon_ms, singles_open)
  while clients[1] do
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
