-- strictest.lua: limits, while workers were told different ones: see report.lua.

local STRICTEST = RARE and redis.call('HMGET', P .. 'strictest', 'account', 'singles', 'live') or {}

-- A pace as this worker was told it, its interval first; or that of the strictest, if that has a longer interval.
local function strict_pace(kind, ...)
  local told = STRICTEST[kind == 'account' and 1 or 2]
  local interval_us = told and tonumber(string.match(told, '^%d+')) or 0
  if interval_us <= tonumber((...)) then return ... end
  local pace = {}
  for word in string.gmatch(told, '%d+') do table.insert(pace, word) end
  return unpack(pace, 1, select('#', ...))
end

local function strict_live(own) return math.min(tonumber(own), tonumber(STRICTEST[3] or own)) end
