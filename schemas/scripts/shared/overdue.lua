-- overdue.lua: whether workers keep up with what is admitted.

-- Calls that workers should have let go two seconds ago: with many, more would only wait there and not here. The sweep
-- rescues them.
local MOST_OVERDUE = 20
local MOST_LATE_SLOTS = MOST_OVERDUE + 2 -- by so many intervals late calls put off a pace's next slot
local function overdue() return redis.call('ZCOUNT', P .. 'slots:account', now_us - FORGOTTEN_US, now_us - 2e6) end
