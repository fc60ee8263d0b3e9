-- dispatched.lua: calls of a campaign that take up a place of it, though they wait for a worker.

-- How many are admitted, and no request of theirs has left: the slots of those that have are given up.
local function dispatched_of(campaign)
  local count = 0
  for _, id in ipairs(redis.call('ZRANGE', P .. 'slots:account', 0, 999)) do
    if string.sub(id, 1, #campaign + 1) == campaign .. '-' then count = count + 1 end
  end
  return count
end

-- Adds `dispatched` to a campaign's record as HGETALL gives it, and returns it.
local function add_dispatched(campaign, flat)
  local count = dispatched_of(campaign)
  table.insert(flat, 'dispatched')
  table.insert(flat, tostring(count))
  return count
end
