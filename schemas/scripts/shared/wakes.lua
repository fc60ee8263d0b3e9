-- wakes.lua: how scripts that find something to do have it done, by one wake-up at a time.

-- How long a wake-up may be under way before it counts as lost. With no worker alive more of them would only pile up: the
-- first pulse of one that comes asks for new ones. (They carry no time of their own: hosts' clocks may differ.)
local function patience_ms()
  return redis.call('ZCOUNT', P .. 'workers', int(now_ms - WORKER_FRESH_MS), '+inf') > 0 and 1000 or 3600000
end

-- '1' for the one who is to send the wake-up now; the others leave it to them.
local function ask(task)
  return redis.call('SET', P .. 'asked:' .. task, '1', 'NX', 'PX', patience_ms()) and '1' or '0'
end
