-- unzoned.lua: rows of a campaign whose zones were not looked up yet; of one that is over, none. Changes nothing.
--
-- ARGV     1 campaign's id     2 most rows
-- Returns  {how many rows stand before them, {letter, zones, ...} of the sets that there are, {row, ...}}
local id = ARGV[1]
local from, sets = redis.call('STRLEN', P .. 'sets:' .. id), {}
local flat = redis.call('HGETALL', P .. 'zones:' .. id)
for index = 1, #flat, 2 do
  if #flat[index] == 1 then
    table.insert(sets, flat[index])
    table.insert(sets, flat[index + 1])
  end
end
local goes_on = redis.call('HGET', P .. 'task:' .. id, 'state') == 'active'
return {from, sets, goes_on and redis.call('LRANGE', P .. 'rows:' .. id, int(from), int(from + ARGV[2] - 1)) or {}}
