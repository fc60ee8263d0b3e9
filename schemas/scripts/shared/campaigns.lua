-- campaigns.lua: what scripts that move a campaign's calls share.

-- Where a campaign belongs: in its line from when it may start another call on, no earlier than that millisecond; or,
-- full, paused or done, in none.
local function rejoin(campaign, least_ms)
  if redis.call('EXISTS', P .. 'numbers:' .. campaign) == 1 then move_rows(campaign) end
  local task = redis.call('HMGET', P .. 'task:' .. campaign, 'state', 'live', 'max_live', 'free_us', 'paused', 'rank', 'client',
    'next', 'total', 'due_ms', 'unplanned', 'expired')
  local again = redis.call('ZRANGE', P .. 'again:' .. campaign, 0, 0, 'WITHSCORES')
  local fresh, sets = tonumber(task[8] or task[9] or 0) < tonumber(task[9] or 0), sets_of(campaign)
  local at_ms = fresh and (not sets and 0 or rows_open_ms(campaign, sets)) or nil
  if again[2] then at_ms = math.min(at_ms or math.huge, tonumber(again[2])) end
  local full = tonumber(task[2] or 0) >= tonumber(task[3] or 0)
  if task[1] ~= 'active' or task[5] or full or not at_ms or task[11] or task[12] then
    leave_line(campaign, 'b', task[6], task[7])
  else
    stand(line_of('b', task[6], task[7]), campaign,
      math.max(at_ms, least_ms or 0, tonumber(task[10] or 0), tonumber(task[4] or 0) / 1000))
  end
end

-- A call of the campaign is among those that wait again, from this millisecond on, until it expires. If the campaign's end
-- came meanwhile, it expires as the others did.
local function stand_again(campaign, id, due_ms)
  redis.call('ZADD', P .. 'again:' .. campaign, int(due_ms), id)
  local expires_ms = redis.call('HGET', P .. 'task:' .. id, 'expires_ms')
  if expires_ms then redis.call('ZADD', P .. 'closing', expires_ms, id) end
  if redis.call('HEXISTS', P .. 'task:' .. campaign, 'expired') == 1 then redis.call('ZADD', P .. 'steps', int(now_ms), campaign) end
end

-- It waits again, before numbers that were never dialled.
local function wait_again(campaign, id, due_ms)
  stand_again(campaign, id, due_ms)
  rejoin(campaign)
end
