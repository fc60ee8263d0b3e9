-- heads.lua: what stands first in a line.

-- Looks at the head of a line, anew when it was taken. Of a line of calls the one behind it is known then; a campaign goes in
-- line again. `lines` is kept true, but for which of two instants that are past, or just now, it knows.
local function look_at_line(line)
  local heads = line.behind or redis.call('ZRANGE', P .. 'line:' .. line.name, '0', '1', 'WITHSCORES')
  line.behind = line.kind == 'c' and heads[3] and {heads[3], heads[4]} or nil
  line.seen, line.id, line.at_ms = true, heads[1], tonumber(heads[2])
  if not line.id then
    redis.call('ZREM', P .. 'lines', line.name)
  elseif line.at_ms > now_ms + 1 then
    redis.call('ZADD', P .. 'lines', heads[2], line.name)
  end
end
