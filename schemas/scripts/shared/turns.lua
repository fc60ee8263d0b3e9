-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

-- Looks at the head of a line again, and keeps `lines` true, which knows `known_ms` of it.
local function look_at_line(line)
  local head = redis.call('ZRANGE', P .. 'line:' .. line.name, 0, 0, 'WITHSCORES')
  line.id, line.at_ms = head[1], tonumber(head[2])
  if not head[1] then return redis.call('ZREM', P .. 'lines', line.name) end
  if head[2] ~= line.known_ms then redis.call('ZADD', P .. 'lines', head[2], line.name) end
  line.known_ms = head[2]
end

-- Clients that have something due, with their lines. One that had nothing for a while gets no turns for that.
local function ripe_clients(horizon_ms, turn)
  local clients, by_name = {}, {}
  local ripe = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', string.format('%.3f', horizon_ms), 'WITHSCORES')
  for index = 1, #ripe, 2 do
    local kind, rank, whose = string.match(ripe[index], '^(%a):(%d+):(.*)$')
    local line = {name = ripe[index], kind = kind, rank = tonumber(rank), known_ms = ripe[index + 1]}
    look_at_line(line)
    if not by_name[whose] then
      local had = tonumber(redis.call('HGET', P .. 'turns', whose) or 0)
      by_name[whose] = {name = whose, turn = math.max(had, turn), lines = {}}
      table.insert(clients, by_name[whose])
    end
    table.insert(by_name[whose].lines, line)
  end
  return clients
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

local function choose(clients, horizon_ms, singles_open)
  local whose, chosen
  for _, client in ipairs(clients) do
    local line = (not whose or client.turn < whose.turn) and next_of(client, horizon_ms, singles_open)
    if line then whose, chosen = client, line end
  end
  return whose, chosen
end

-- Alone, a client needs no turns.
local function keep_turns(clients)
  if #clients < 2 then return end
  for _, client in ipairs(clients) do redis.call('HSET', P .. 'turns', client.name, int(client.turn)) end
end
