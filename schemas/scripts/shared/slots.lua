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

-- It does not leave: its slot is the next one's, if that was given none yet. The last gate keeps the paces all the same.
local function give_slot_back(id, campaign)
  local slot_us = redis.call('HGET', P .. 'task:' .. id, 'slot_us')
  for _, kind in ipairs({'account', 'singles'}) do
    if redis.call('ZRANGE', P .. 'slots:' .. kind, -1, -1)[1] == id then redis.call('HSET', P .. 'pace:' .. kind, 'free_us', slot_us) end
  end
  local its = campaign and redis.call('HMGET', P .. 'task:' .. campaign, 'free_us', 'delay_us') or {}
  if its[1] and its[1] - its[2] == tonumber(slot_us) then redis.call('HSET', P .. 'task:' .. campaign, 'free_us', slot_us) end
end
