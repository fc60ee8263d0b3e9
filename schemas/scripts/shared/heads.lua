-- heads.lua: what stands first in a line.

-- Looks at the head of a line, anew when it was taken. Of a line of calls the one behind it is known then; a campaign goes in
-- line again. `lines` is kept true, but for which of two instants that are past, or just now, it knows.
local function look_at_line(line)
  local heads, at = line.behind, 3
  if not heads then heads, at = redis.call('ZRANGE', P .. 'line:' .. line.name, '0', '1', 'WITHSCORES'), 1 end
  line.behind = at == 1 and line.kind == 'c' and heads[3] and heads
  line.id, line.at_ms = heads[at], tonumber(heads[at + 1])
  if not line.id then
    redis.call('ZREM', P .. 'lines', line.name)
  elseif line.at_ms > now_ms + 1 then
    redis.call('ZADD', P .. 'lines', heads[at + 1], line.name)
  end
end
