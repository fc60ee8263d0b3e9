-- overdue.lua: whether workers keep up with what is admitted.

-- Calls that workers should have let go two seconds ago: with many, more would only wait there and not here. The sweep
-- rescues them.
local MOST_OVERDUE = 20
local function overdue() return redis.call('ZCOUNT', P .. 'slots:account', now_us - FORGOTTEN_US, now_us - 2e6) end
