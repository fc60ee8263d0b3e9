-- opted_out.lua: which of these numbers a client is not to call. Changes nothing.
--
-- ARGV     1 the client, '' for nobody     2.. numbers, a thousand at most
-- Returns  those of them that are on its list or the service's; one that is on both may be there twice
local barred = {}
if redis.call('EXISTS', P .. 'optout_lists') == 0 then return barred end
for _, list in ipairs({'service', ARGV[1] ~= '' and 'of:' .. ARGV[1] or nil}) do
  for from = 2, #ARGV, 500 do -- unpack cannot push a thousand values at once on every build
    local numbers = {unpack(ARGV, from, math.min(from + 499, #ARGV))}
    for index, member in ipairs(members_on(list, numbers)) do
      if member then table.insert(barred, numbers[index]) end
    end
  end
end
return barred
