-- lines.lua: the lines in which due tasks stand.

-- A due task's place in line: by rank first, then by time. A double of this size still holds a few microseconds.
local RANK_STEP = 1e13
local function line_up(name, id, rank, due_ms)
  redis.call('ZADD', P .. name, string.format('%.3f', rank * RANK_STEP + due_ms), id)
end
