-- slots.lua: calls that need the place no longer that a pace kept for them.

-- Its outcome came: now it is known when it reached Twilio.
local function note_arrived(id, campaign, tries, arrived_us)
  for _, name in ipairs({'account', campaign or 'singles'}) do
    redis.call('ZADD', P .. 'left:' .. name, 'XX', int(arrived_us), id .. ':' .. tries)
  end
end

local function leave_slots(id)
  redis.call('ZREM', P .. 'slots:account', id)
  redis.call('ZREM', P .. 'slots:singles', id)
end
