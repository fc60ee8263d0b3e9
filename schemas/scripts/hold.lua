-- hold.lua: what a read of Twilio found out about a held account.
--
-- ARGV     1 name of the probe, as checks.lua gave it     2 '1' if Twilio itself answered it
-- Returns  '1' if that changed anything
--
-- A read that passes lets one call go, which finds out the rest; one that fails doubles the gap to the next.
write_though_full()
local held = redis.call('HMGET', P .. 'hold', 'stage', 'since_us', 'probes')
if held[1] ~= 'read' or ARGV[1] ~= held[2] .. ':' .. held[3] then return '0' end
if ARGV[2] == '1' then
  probe_in(0, 'call')
else
  probe_in(probe_gap_ms(redis.call('HINCRBY', P .. 'hold', 'probes', 1)), 'read')
end
return '1'
