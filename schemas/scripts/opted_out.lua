-- opted_out.lua: which of these numbers a client is not to call. Changes nothing.
--
-- ARGV     1 the client, '' for nobody     2.. numbers, a thousand at most
-- Returns  those of them that are on its list or the service's
local barred = {}
for index = 2, #ARGV do
  if is_barred(ARGV[index], ARGV[1]) then table.insert(barred, ARGV[index]) end
end
return barred
