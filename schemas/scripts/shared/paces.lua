-- paces.lua: how requests reach Twilio at each pace, so that no window there sees more of them than it allows.
--
-- All instants are those at Twilio's end: a request that leaves arrives one way later.

-- A pace: where its free_us stands, its name, its interval, least gap, most requests in a window, window.
local function pace_of(key, name, interval_us, gap_us, most, window_us)
  return {key = key, left = P .. 'left:' .. name, slots = P .. 'slots:' .. name, interval_us = tonumber(interval_us),
    gap_us = tonumber(gap_us), most = tonumber(most), window_us = tonumber(window_us)}
end

-- What lies further ahead than any request can (the clock was set back) arrived just now, for all that is known.
local function cut_arrivals(pace)
  for _, attempt in ipairs(redis.call('ZRANGEBYSCORE', pace.left, int(now_us + FURTHEST_US), '+inf')) do
    redis.call('ZADD', pace.left, int(now_us), attempt)
  end
end

-- Scores of so many requests, from this rank on.
local function scores_from(pace, rank, count)
  local scores = {}
  local found = count > 0 and redis.call('ZRANGE', pace.left, rank, rank + count - 1, 'WITHSCORES') or {}
  for index = 2, #found, 2 do table.insert(scores, tonumber(found[index])) end
  return scores
end

-- The first of all instants from this one on that no window forbids which holds requests on both sides, as far as the
-- next instant at which another one may arrive; the same if none does. A request comes no later than its score says, and
-- no more than MOST_LATE_US earlier.
local function next_open_us(pace, at_us)
  local before = redis.call('ZCOUNT', pace.left, '-inf', int(at_us + MOST_LATE_US))
  local after = math.min(redis.call('ZCARD', pace.left) - before, pace.most)
  local lasts = scores_from(pace, before, after)
  local missing = math.max(0, pace.most - before)
  local firsts = scores_from(pace, math.max(0, before - pace.most), math.min(after, pace.most - 1) + 1 - missing)
  local open_us = at_us
  for later = missing, math.min(after, pace.most - 1) do
    local first_us, last_us = firsts[later - missing + 1], later > 0 and lasts[later] - MOST_LATE_US or at_us
    if last_us - first_us < pace.window_us then open_us = math.max(open_us, later > 0 and last_us or first_us + pace.window_us) end
  end
  local last_us = lasts[pace.most] and lasts[pace.most] - MOST_LATE_US
  return last_us and last_us - at_us - MOST_LATE_US < pace.window_us and math.max(open_us, last_us) or open_us
end

-- A late request comes at least a gap after the one before it, lest those that a worker held up all come together.
local function gap_after_us(pace, at_us)
  local before = redis.call('ZREVRANGEBYSCORE', pace.left, int(at_us + MOST_LATE_US), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return before[2] and before[2] - MOST_LATE_US + pace.gap_us or at_us
end

-- The first instant from `slot_us` on, and from `earliest_us`, at which all of these paces let one more arrive.
local function open_at_us(paces, slot_us, earliest_us)
  local at_us = math.max(slot_us, earliest_us)
  repeat
    local tried_us = at_us
    for _, pace in ipairs(paces) do
      if at_us > slot_us then at_us = math.max(at_us, gap_after_us(pace, at_us)) end
      at_us = math.max(at_us, next_open_us(pace, at_us))
    end
  until at_us == tried_us
  return at_us
end

-- A request of the pace leaves. New slots come later only when it is so late that those behind it cannot keep theirs.
local function note_left(pace, id, attempt, slot_us, arrives_us)
  redis.call('ZREM', pace.slots, id)
  redis.call('ZREMRANGEBYSCORE', pace.slots, '-inf', int(now_us - FORGOTTEN_US))
  local behind = redis.call('ZCOUNT', pace.slots, int(math.max(slot_us, now_us - 1e6)), '+inf')
  local free_us = tonumber(redis.call('HGET', pace.key, 'free_us') or 0)
  local next_us = arrives_us - MOST_LATE_US + pace.interval_us * (1 + behind)
  redis.call('HSET', pace.key, 'free_us', int(math.max(free_us, next_us)))
  redis.call('ZADD', pace.left, int(arrives_us + MOST_LATE_US), attempt)
  redis.call('ZREMRANGEBYSCORE', pace.left, '-inf', int(now_us - 2 * pace.window_us - 2 * MOST_LATE_US))
  redis.call('PEXPIRE', pace.left, int(2 * pace.window_us / 1000 + 1000))
end
