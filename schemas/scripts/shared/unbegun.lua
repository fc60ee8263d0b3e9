-- unbegun.lua: rows that never began, which have no record.

-- The campaign and the place that a call's id names, if there is such a row.
local function row_named(id)
  local campaign, digits = string.match(id, '^(.+)%-(%d+)$')
  local its = campaign and redis.call('HMGET', P .. 'task:' .. campaign, 'kind', 'total') or {}
  local place = its[1] == 'bulk' and tonumber(digits) or 0
  if place >= 1 and place <= tonumber(its[2]) and int(place) == digits then return campaign, place end
end

local function mark_at(campaign, place)
  return redis.call('GETRANGE', P .. 'marks:' .. campaign, int(place - 1), int(place - 1))
end

-- How many rows of its campaign go before the one that this id names; 0 if it began. Those cancelled meanwhile count too.
local function rows_before(id, next_row)
  local _, place = row_named(id)
  return place and next_row and math.max(0, place - 1 - next_row) or 0
end
