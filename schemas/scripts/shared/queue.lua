-- queue.lua: how much waits in all lines.

-- Tasks that are due, and tasks that are due later, of one client or (nil) of all; a campaign counts as one.
local function in_line(client)
  local due, later = 0, 0
  for _, line in ipairs(lines_of(client)) do
    local ripe = redis.call('ZCOUNT', P .. 'line:' .. line, '-inf', now_exact_ms)
    due, later = due + ripe, later + redis.call('ZCARD', P .. 'line:' .. line) - ripe
  end
  return due, later
end
