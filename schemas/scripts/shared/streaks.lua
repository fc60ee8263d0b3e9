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

-- Twilio itself answered a request that left then. By when requests left, an answer that comes late changes nothing.
local function note_answered(leaves_us)
  local known = redis.call('HGET', P .. 'pace:account', 'last_answered_us')
  if leaves_us > tonumber(known or 0) then redis.call('HSET', P .. 'pace:account', 'last_answered_us', int(leaves_us)) end
  redis.call('ZREMRANGEBYSCORE', P .. 'streak:unknown', '-inf', int(leaves_us))
end

local function last_accepted_us() return tonumber(redis.call('HGET', P .. 'pace:account', 'last_accepted_us') or 0) end

-- Twilio took a call whose request left then.
local function note_accepted(leaves_us)
  note_answered(leaves_us)
  if leaves_us > last_accepted_us() then redis.call('HSET', P .. 'pace:account', 'last_accepted_us', int(leaves_us)) end
  redis.call('ZREMRANGEBYSCORE', P .. 'streak:ambiguous', '-inf', int(leaves_us))
  local since_us = redis.call('HGET', P .. 'hold', 'since_us')
  if since_us and leaves_us > tonumber(since_us) then lift() end
end

-- One more in a row of what may be about the number or about all: with so many different numbers it is about all.
local function note_streak(call, kind, reason)
  local most, broken = MOST_AMBIGUOUS, 'last_accepted_us'
  if kind == 'unknown' then most, broken = MOST_UNKNOWN, 'last_answered_us' end
  local broken_us = tonumber(redis.call('HGET', P .. 'pace:account', broken) or 0)
  if call.leaves_us <= broken_us or redis.call('EXISTS', P .. 'hold') == 1 then return end
  redis.call('ZADD', P .. 'streak:' .. kind, int(call.leaves_us), call.to)
  redis.call('PEXPIRE', P .. 'streak:' .. kind, STREAK_MS)
  if redis.call('ZCARD', P .. 'streak:' .. kind) >= most then hold(kind, reason) end
end
