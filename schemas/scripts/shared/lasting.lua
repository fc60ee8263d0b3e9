-- lasting.lua: how long the last calls of a campaign took up their places, from which it is told when it will be done.

local MOST_LASTED = 50

-- One more is over, just now.
local function note_lasted(call)
  local key = P .. 'task:' .. call.campaign
  local lasted = {int(math.max(0, now_ms - (call.dialled_ms or now_ms)))}
  for one in string.gmatch(redis.call('HGET', key, 'lasted') or '', '%d+') do
    if #lasted < MOST_LASTED then table.insert(lasted, one) end
  end
  redis.call('HSET', key, 'lasted', table.concat(lasted, ' '))
end
