-- turns.lua: whose turn it is: clients by equal shares of starts, and of each client the best rank first.

local function is_before(one, other)
  return one.next < other.next or one.next == other.next and one.place < other.place
end

-- Among the first so many lines, by rank, which stands in their names.
local function put_by_rank(lines, count, name)
  local rank = string.sub(name, 3, 3)
  while count > 0 and string.sub(lines[count], 3, 3) > rank do lines[count + 1], count = lines[count], count - 1 end
  lines[count + 1] = name
end

-- Several clients that these lines are of, that one first whose turn it is. One that had nothing for a while gets no
-- turns for that.
local function in_turn(names)
  local had, turns, turn = redis.call('HGETALL', P .. 'turns'), {}, tonumber(redis.call('HGET', P .. 'pace:account', 'turn') or 0)
  for index = 1, #had, 2 do turns[had[index]] = tonumber(had[index + 1]) end
  local clients, by_name = {}, {}
  for _, name in ipairs(names) do
    local whose = string.sub(name, 5)
    local client = by_name[whose] or {name = whose, lines = {}, place = #clients + 1, turn = math.max(turns[whose] or 0, turn)}
    put_by_rank(client.lines, #client.lines, name)
    by_name[whose], clients[client.place], client.next = client, client, client.turn
  end
  return make_heap(clients, is_before)
end

-- Clients that have something due, with the names of their lines, whose turn it is first. At lines nobody looks before it
-- is their client's turn: there may be very many.
local function ripe_clients(horizon_ms)
  local names = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', int(horizon_ms))
  local whose = string.sub(names[1] or '', 5)
  for place = 2, #names do
    if string.sub(names[place], 5) ~= whose then return in_turn(names) end
    put_by_rank(names, place - 1, names[place])
  end
  return names[1] and {{name = whose, lines = names}} or {}
end

-- Nothing of the first may go any more.
local function leave_turns(clients) drop_first(clients, is_before) end

-- Whose turn it is, and its next: by rank, as its lines stand, then by time; single calls only while their pace is open. Of
-- whom nothing may go now, nothing may later in this run.
local function choose(clients, horizon_ms, singles_open)
  while clients[1] do
    local lines, best = clients[1].lines, nil
    for place, line in ipairs(lines) do
      local name = line.name or line -- nobody looked at it yet
      if best and string.sub(name, 3, 3) > best.rank then break end
      if line == name then
        -- with all its fields at once: a table that gets more of them is built anew
        line = {name = name, kind = string.sub(name, 1, 1), rank = string.sub(name, 3, 3), id = false, at_ms = 0, behind = false}
        lines[place] = line
        look_at_line(line)
      end
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
