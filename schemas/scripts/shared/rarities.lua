-- rarities.lua: keys that are there now and then, of which one look tells that none is.

local RARE = redis.call('EXISTS', P .. 'hold', P .. 'drain', P .. 'copy', P .. 'forgetting', P .. 'strictest',
  P .. 'ready:calls', P .. 'ready:campaigns', P .. 'later') > 0

-- Whether the operator lets no call go, or the records are a copy of which nobody said yet what becomes of it.
local function stopped() return RARE and redis.call('EXISTS', P .. 'drain', P .. 'copy') > 0 end
