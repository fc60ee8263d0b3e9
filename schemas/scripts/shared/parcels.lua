-- parcels.lua: which of a call's events goes next.

local TOGETHER_MS = 1000 -- between two that are due together, unless the first is done earlier

-- The event that is to go now, if one is, of those that have their numbers, and when to look again.
local function due_event(id, lease_ms, hold_ms)
  local chosen, look_ms = nil, math.huge
  for _, event in ipairs(events_of(id)) do
    if chosen then
      return chosen, math.min(look_ms, math.max(now_ms + TOGETHER_MS, chosen.first_ms + hold_ms))
    end
    if not event.n then return nil, look_ms end
    if (event.due_ms or 0) <= now_ms then
      chosen = event
      event.first_ms, event.due_ms, event.under_way = event.first_ms or now_ms, now_ms + lease_ms, true
      look_ms = math.min(look_ms, event.due_ms)
    else
      look_ms = math.min(look_ms, event.due_ms)
      if event.first_ms + hold_ms > now_ms then return nil, math.min(look_ms, event.first_ms + hold_ms) end
    end
  end
  return chosen, look_ms
end
