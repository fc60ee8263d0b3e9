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

local lines = {}
for _, line in ipairs(redis.call('ZRANGE', P .. 'lines', 0, -1)) do
  local kind, whose = string.match(line, '^(%a):%d+:(.*)$')
  local has_later = redis.call('ZCOUNT', P .. 'line:' .. line, '(' .. now_exact_ms, '+inf') > 0
  if has_later and (not client or whose == client) then table.insert(lines, {P .. 'line:' .. line, kind == 'c' and 1 or 2}) end
end
local function due_within(from, to)
  local counts = {0, 0}
  for _, line in ipairs(lines) do counts[line[2]] = counts[line[2]] + redis.call('ZCOUNT', line[1], from, to) end
  return counts
end
local hour, coming, from = math.floor(now_ms / 3600000), {}, '(' .. now_exact_ms
for ahead = 0, hours - 1 do
  local ends_ms = int((hour + ahead + 1) * 3600000)
  local counts = due_within(from, '(' .. ends_ms)
  if counts[1] + counts[2] > 0 then table.insert(coming, {int((hour + ahead) * 3600000), counts[1], counts[2]}) end
  from = ends_ms
end
return {int(now_ms), begun, last_minute, coming, due_within(from, '+inf')}
