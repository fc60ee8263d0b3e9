-- old_lines.lua: the lines of versions before 2, which processes of these may still fill during an upgrade.

local OLD = {'ready:calls', 'ready:campaigns', 'later'}
local function has_old_lines() return redis.call('EXISTS', P .. OLD[1], P .. OLD[2], P .. OLD[3]) > 0 end

-- A due task stood there by rank and time, one due later by time. Whether there was any.
local function move_old_lines()
  if not has_old_lines() then return false end
  for _, name in ipairs(OLD) do
    local heads = redis.call('ZRANGE', P .. name, 0, 199, 'WITHSCORES')
    for index = 1, #heads, 2 do
      local task = redis.call('HMGET', P .. 'task:' .. heads[index], 'kind', 'rank', 'client')
      local line = line_of(task[1] == 'bulk' and 'b' or 'c', task[2], task[3])
      if task[1] then stand(line, heads[index], heads[index + 1] % RANK_STEP) end
    end
    redis.call('ZREMRANGEBYRANK', P .. name, 0, 199)
  end
  return true
end
