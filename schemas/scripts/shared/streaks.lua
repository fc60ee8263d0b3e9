-- streaks.lua: what may be about a number or about all, and is about all when it meets so many in a row.
--
-- What an answer to the request for a call ends:
--   answer                                     unknown outcomes in a row   ambiguous refusals in a row
--   placed                                     ended                       ended
--   later, or refused for whatever, by Twilio  ended                       go on
--   the same, by something on the way to it    go on                       go on
--   none, or one that says nothing             one more                    go on
-- An ambiguous refusal is one more of those, too. A hold for either ends as the row does, but by its probe alone; one for
-- the account, when a call is placed.

local MOST_AMBIGUOUS, MOST_UNKNOWN = 5, 3 -- of different numbers in a row
local STREAK_MS = 3600000

-- The newest instant of that kind that is known; 0 if it lies ahead, of a clock that was set back since.
local function known_us(key, field)
  local us = tonumber(redis.call('HGET', P .. key, field) or 0)
  return us > now_us and 0 or us
end

local function last_accepted_us() return known_us('pace:account', 'last_accepted_us') end

-- Nothing that left up to then stands in a row any more, nor what left before a clock was set back.
local function end_streak(kind, leaves_us)
  redis.call('ZREMRANGEBYSCORE', P .. 'streak:' .. kind, '-inf', int(leaves_us))
  redis.call('ZREMRANGEBYSCORE', P .. 'streak:' .. kind, '(' .. int(now_us), '+inf')
end

local function note_newest(field, leaves_us)
  if leaves_us > known_us('pace:account', field) then redis.call('HSET', P .. 'pace:account', field, int(leaves_us)) end
end

-- Twilio itself answered a request that left then. By when requests left, an answer that comes late changes nothing.
local function note_answered(leaves_us)
  note_newest('last_answered_us', math.min(leaves_us, now_us))
  end_streak('unknown', leaves_us)
end

-- Twilio took a call whose request left then.
local function note_accepted(leaves_us)
  leaves_us = math.min(leaves_us, now_us)
  note_answered(leaves_us)
  note_newest('last_accepted_us', leaves_us)
  end_streak('ambiguous', leaves_us)
  if leaves_us > known_us('hold', 'since_us') then lift() end
end

-- One more in a row of what may be about the number or about all: with so many different numbers it is about all.
local function note_streak(call, kind, reason)
  local most, broken = MOST_AMBIGUOUS, 'last_accepted_us'
  if kind == 'unknown' then most, broken = MOST_UNKNOWN, 'last_answered_us' end
  local leaves_us = math.min(call.leaves_us, now_us)
  if leaves_us <= known_us('pace:account', broken) or redis.call('EXISTS', P .. 'hold') == 1 then return end
  end_streak(kind, 0)
  redis.call('ZADD', P .. 'streak:' .. kind, int(leaves_us), call.to)
  redis.call('PEXPIRE', P .. 'streak:' .. kind, STREAK_MS)
  if redis.call('ZCARD', P .. 'streak:' .. kind) >= most then hold(kind, reason) end
end

-- The account was refused to this call: all is held, unless others were taken since that was first so, for then it may be
-- about what the call says: then it waits as long as it has been refused. When it may go again, milliseconds: it is the next
-- probe, but after one of its own another is.
local function refuse_account(call, reason)
  local key, accepted_us = P .. 'task:' .. call.id, last_accepted_us()
  if call.leaves_us <= accepted_us then return now_ms + 1000 end
  redis.call('HSETNX', key, 'refused_us', int(call.leaves_us))
  local refused_us = tonumber(redis.call('HGET', key, 'refused_us'))
  if accepted_us > refused_us then return now_ms + math.min(math.max(60000, now_ms - refused_us / 1000), 3600000) end
  hold('account', reason)
  local held = redis.call('HMGET', P .. 'hold', 'probing', 'probes')
  return math.max(tonumber(call.due_ms), held[1] == call.id and now_ms + probe_gap_ms(held[2] + 1) + 1000 or 0)
end
