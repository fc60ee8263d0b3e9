-- paces.lua: how requests leave at each pace, so that no window at Twilio sees more of them than it allows.

-- A request leaves so much later than planned at most; what is still on its way counts as that late.
local MOST_LATE_US = 100000

-- A pace: where its free_us and last_us stand, its name, its interval, least gap, most requests in a window, window.
local function pace_of(key, name, interval_us, gap_us, most, window_us)
  return {key = key, left = P .. 'left:' .. name, slots = P .. 'slots:' .. name, interval_us = tonumber(interval_us),
    gap_us = tonumber(gap_us), most = tonumber(most), window_us = tonumber(window_us)}
end

-- When the pace lets the next request leave.
local function open_us(pace)
  local last_us = tonumber(redis.call('HGET', pace.key, 'last_us') or 0)
  local first = redis.call('ZRANGE', pace.left, -pace.most, -pace.most, 'WITHSCORES')
  return math.max(last_us + pace.gap_us, first[2] and first[2] + pace.window_us or 0)
end

-- A request of the pace leaves. Its successors' slots move only when it is so late that they could not be kept.
local function note_left(pace, id, attempt, leaves_us)
  redis.call('ZREM', pace.slots, id)
  redis.call('ZREMRANGEBYSCORE', pace.slots, '-inf', int(now_us - FORGOTTEN_US))
  local behind = redis.call('ZCOUNT', pace.slots, int(now_us - 1e6), '+inf') -- of the last second, still to leave
  local free_us = tonumber(redis.call('HGET', pace.key, 'free_us') or 0)
  local next_us = leaves_us - MOST_LATE_US + pace.interval_us * (1 + behind)
  redis.call('HSET', pace.key, 'last_us', int(leaves_us), 'free_us', int(math.max(free_us, next_us)))
  redis.call('ZADD', pace.left, int(leaves_us + MOST_LATE_US), attempt)
  redis.call('ZREMRANGEBYSCORE', pace.left, '-inf', int(now_us - 2 * pace.window_us - 2 * MOST_LATE_US))
  redis.call('PEXPIRE', pace.left, int(2 * pace.window_us / 1000 + 1000))
end

-- Its answer came: now it is known by when the request had reached Twilio.
local function note_arrived(id, campaign, tries, arrived_us)
  for _, name in ipairs({'account', campaign or 'singles'}) do
    redis.call('ZADD', P .. 'left:' .. name, 'XX', int(arrived_us), id .. ':' .. tries)
  end
end

local function leave_slots(id)
  redis.call('ZREM', P .. 'slots:account', id)
  redis.call('ZREM', P .. 'slots:singles', id)
end
