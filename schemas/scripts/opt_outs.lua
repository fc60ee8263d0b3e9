-- opt_outs.lua: what stands on a do-not-call list, in the order of the numbers. Changes nothing.
--
-- ARGV     1 list     2 a number, of which alone is told; ''     3 behind what to begin, '' for the beginning
--          4 at most so many, a thousand at most
-- Returns  {number or digest, what is known of it as JSON, ...}
local list, found = ARGV[1], {}
if ARGV[2] ~= '' then
  found = {member_on(list, ARGV[2])}
else
  found = redis.call('ZRANGEBYLEX', P .. 'optouts:' .. list, ARGV[3] == '' and '-' or '(' .. ARGV[3], '+', 'LIMIT', 0, ARGV[4])
end
local answer = {}
for _, member in ipairs(found) do
  table.insert(answer, member)
  table.insert(answer, redis.call('HGET', P .. 'optout:' .. list, member) or '{}')
end
return answer
