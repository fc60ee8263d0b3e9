-- unsettled.lua: how many of a campaign's rows wait.

-- Those that never began, and those that wait again.
local function waiting_rows(campaign)
  local key = P .. 'task:' .. campaign
  local left = tonumber(redis.call('HGET', key, 'total') or 0)
  for _, count in ipairs(redis.call('HMGET', key, unpack(COUNTS))) do left = left - tonumber(count or 0) end
  return left
end
