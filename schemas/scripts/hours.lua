-- hours.lua: what began in each of the last minutes, and what is due in each of the next hours. Changes nothing.
--
-- ARGV     1 minutes back, the one that runs too     2 hours ahead, the one that runs too
--          3 client whose tasks are counted; none: everybody's
-- Returns  {now_ms, {calls that began in each minute, the oldest first}, calls that began in the last sixty seconds or a
--           little more, {{millisecond at which an hour begins, calls due in it, campaigns due in it}, ...} where there are such,
--           {calls, campaigns} due after those hours}
local minutes, hours, client = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local function begun_in(bucket)
  if client then return tonumber(redis.call('HGET', P .. 'begun:' .. bucket, client) or 0) end
  local sum = 0
  for _, count in ipairs(redis.call('HVALS', P .. 'begun:' .. bucket)) do sum = sum + count end
  return sum
end

local begun, minute = {}, math.floor(now_ms / 60000)
for back = minutes - 1, 0, -1 do
  local sum = 0
  for part = 0, 60000 / BEGUN_MS - 1 do sum = sum + begun_in((minute - back) * 60000 / BEGUN_MS + part) end
  table.insert(begun, sum)
end
local last_minute = 0
for back = 0, 60000 / BEGUN_MS do last_minute = last_minute + begun_in(math.floor(now_ms / BEGUN_MS) - back) end

local hour, last = math.floor(now_ms / 3600000), '(' .. now_exact_ms
local ends, counts, beyond = {}, {}, {0, 0}
for ahead = 1, hours do ends[ahead], counts[ahead] = int((hour + ahead) * 3600000), {0, 0} end

-- Most lines have something in few of the hours: only those are counted, one after another.
local function count_line(name, kind)
  local left, from = redis.call('ZCOUNT', name, last, '+inf'), last
  while left > 0 do
    local first = redis.call('ZRANGEBYSCORE', name, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    local ahead = math.floor(first[2] / 3600000) - hour + 1
    if ahead > hours then
      beyond[kind] = beyond[kind] + left
      return
    end
    local count = redis.call('ZCOUNT', name, from, '(' .. ends[ahead])
    counts[ahead][kind], left, from = counts[ahead][kind] + count, left - count, ends[ahead]
  end
end

for _, line in ipairs(lines_of(client)) do count_line(P .. 'line:' .. line, string.sub(line, 1, 1) == 'c' and 1 or 2) end
local coming = {}
for ahead = 1, hours do
  local its = counts[ahead]
  if its[1] + its[2] > 0 then table.insert(coming, {int((hour + ahead - 1) * 3600000), its[1], its[2]}) end
end
return {int(now_ms), begun, last_minute, coming, beyond}
