-- instants.lua: instants that lie further ahead of the clock than they may: it was set back, or a pace was raised.

-- An instant, unless it lies further ahead than any that is kept may: then it is taken for now.
local function sound_us(us, most_ahead_us)
  local at_us = tonumber(us or 0)
  return at_us > now_us + most_ahead_us and now_us or at_us
end
