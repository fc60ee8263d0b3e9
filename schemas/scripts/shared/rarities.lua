-- rarities.lua: keys that are there now and then, of which one look tells that none is.

local RARE = redis.call('EXISTS', P .. 'hold', P .. 'drain', P .. 'copy', P .. 'forgetting', P .. 'strictest') > 0

-- Whether the operator lets no call go, or the records are a copy of which nobody said yet what becomes of it.
local function stopped() return RARE and redis.call('EXISTS', P .. 'drain', P .. 'copy') > 0 end

-- What then counts for an admission: the intervals of both paces and the most live calls, when a call goes as a probe and
-- what is held, and whether none goes.
local function under_rarities(account_us, single_us, most_live)
  local probe_ms, held = probe_call_ms()
  return tonumber((strict_pace('account', account_us))), tonumber((strict_pace('singles', single_us))),
    strict_live(most_live), probe_ms, held, stopped()
end
