-- closings.lua: what is over leaves `closing`, where all that opens or ends at a time stands: see lines.lua and zoned.lua.

-- Nothing of the campaign opens or closes any more; ends of its rows, of which there may be very many, go with these.
local function leave_closing(campaign)
  redis.call('ZREM', P .. 'closing', campaign)
  for _, field in ipairs(redis.call('HKEYS', P .. 'zones:' .. campaign)) do
    if #field == 1 then redis.call('ZREM', P .. 'closing', campaign .. '#' .. field) end
  end
end

-- Rows of the campaign from this place on, a thousand at most, do not expire by themselves any more.
local function drop_ends(campaign, first, count)
  if redis.call('EXISTS', P .. 'zones:' .. campaign) == 0 then return end
  for place = first, first + count - 1 do redis.call('ZREM', P .. 'closing', campaign .. '-' .. int(place)) end
end
