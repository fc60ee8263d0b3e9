-- days.lua: how many numbers a UTC day has accepted, or tried again. What is counted in a day is kept for another one: a
-- clock that is set back may lead into it again.

-- Counts so many more; if the day has no room for all of them, nothing is counted and the day's end in ms is returned.
-- A dry run counts nothing.
local function count_in_day(count, most, dry)
  local day = math.floor(now_ms / 86400000)
  local ends_ms = int((day + 1) * 86400000)
  if tonumber(redis.call('GET', P .. 'day:' .. day) or 0) + count > most then return ends_ms end
  if dry then return end
  redis.call('INCRBY', P .. 'day:' .. day, count)
  redis.call('PEXPIREAT', P .. 'day:' .. day, int((day + 2) * 86400000))
end

-- So many that were counted at that millisecond are not called after all.
local function count_back(count, at_ms)
  local name = P .. 'day:' .. math.floor(at_ms / 86400000)
  if count > 0 and redis.call('EXISTS', name) == 1 then redis.call('DECRBY', name, int(count)) end
end

-- A retry of the campaign is over, or was cancelled: what was counted for it and is not tried is none of its day's.
local function end_retry(campaign)
  local job = P .. 'retry:' .. campaign
  local its = redis.call('HMGET', job, 'counted', 'count', 'counted_ms')
  if its[1] then count_back(tonumber(its[1]) - tonumber(its[2]), tonumber(its[3])) end
  redis.call('DEL', job)
end
