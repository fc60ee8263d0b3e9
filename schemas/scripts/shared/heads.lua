-- heads.lua: what stands first in a line, and of a client's lines.

-- Looks at the head of a line, anew when it was taken. Of a line of calls the one behind it is known then; a campaign goes in
-- line again. `lines` is kept true, but for which of two instants that are past it knows.
local function look_at_line(line)
  local heads = line.behind or redis.call('ZRANGE', P .. 'line:' .. line.name, '0', '1', 'WITHSCORES')
  line.behind = line.kind == 'c' and heads[3] and {heads[3], heads[4]} or nil
  line.seen, line.id, line.at_ms = true, heads[1], tonumber(heads[2])
  if not line.id then
    redis.call('ZREM', P .. 'lines', line.name)
  elseif line.at_ms > now_ms then
    redis.call('ZADD', P .. 'lines', heads[2], line.name)
  end
end

-- By rank, for ZREM would search through cold memory.
local function drop_head(line) redis.call('ZREMRANGEBYRANK', P .. 'line:' .. line.name, '0', '0') end

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
