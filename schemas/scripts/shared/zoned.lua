-- zoned.lua: rows of a campaign with windows, by the set of time zones in which each may be called: windows open and close
-- a set, not a number. Their keys stand in rows.lua.
--
-- A campaign's field `unplanned`: nothing begins until a sweep has looked up the zones of its rows and planned all sets;
-- `expired`: nothing begins any more.

local function plan_anew(campaign)
  redis.call('HSET', P .. 'task:' .. campaign, 'unplanned', '1')
  redis.call('ZADD', P .. 'closing', int(now_ms), campaign)
  if redis.call('EXISTS', P .. 'again:' .. campaign) == 1 then
    redis.call('HSET', P .. 'task:' .. campaign, 'untimed', '0')
    redis.call('ZADD', P .. 'steps', int(now_ms), campaign)
  end
  nudge()
end

-- By letter each set's opens_ms, closes_ms and next; nil if windows are no matter of the campaign's.
local function sets_of(campaign)
  local flat, sets = redis.call('HGETALL', P .. 'zones:' .. campaign), {}
  for index = 1, #flat, 2 do
    local letter, field = string.match(flat[index], '^(.):(.+)$')
    if letter then
      sets[letter] = sets[letter] or {}
      sets[letter][field] = tonumber(flat[index + 1])
    end
  end
  return #flat > 0 and sets or nil
end

-- The opening of the set that a row belongs to: opens_ms and closes_ms; nothing if it may be called at any time.
local function opening_of(campaign, place)
  local letter = redis.call('GETRANGE', P .. 'sets:' .. campaign, int(place - 1), int(place - 1))
  if letter == '' then return end
  local its = redis.call('HMGET', P .. 'zones:' .. campaign, letter .. ':opens_ms', letter .. ':closes_ms')
  return tonumber(its[1] or 0), tonumber(its[2] or 0)
end

-- The first row of the set from this one on that never began; its `next` is known after it.
local function seek_in_set(campaign, letter, from)
  local marks, at = P .. 'marks:' .. campaign, tonumber(from)
  local total = redis.call('STRLEN', marks)
  while at < total do
    local last = int(at + ROWS_AT_ONCE - 1)
    local page, sets = redis.call('GETRANGE', marks, int(at), last), redis.call('GETRANGE', P .. 'sets:' .. campaign, int(at), last)
    local found = 0
    repeat
      found = string.find(sets, letter, found + 1, true)
    until not found or string.sub(page, found, found) == MARKS.waiting
    at = at + (found and found - 1 or #page)
    if found then break end
  end
  redis.call('HSET', P .. 'zones:' .. campaign, letter .. ':next', int(at))
end

-- Of the sets that are open then, the one whose next row comes first: its letter, and how many rows stand before that one.
local function first_open(campaign, sets, at_ms)
  local letter, total = nil, redis.call('STRLEN', P .. 'marks:' .. campaign)
  for name, set in pairs(sets) do
    local open = (set.opens_ms or math.huge) <= at_ms and at_ms < (set.closes_ms or 0)
    if open and set.next < total and (not letter or set.next < sets[letter].next) then letter = name end
  end
  return letter, letter and sets[letter].next
end

-- From which millisecond on a row that never began may go; nil if none may before a sweep has planned.
local function rows_open_ms(campaign, sets)
  local first_ms, total = math.huge, redis.call('STRLEN', P .. 'marks:' .. campaign)
  for _, set in pairs(sets) do
    local counts = set.next < total and (set.closes_ms or 0) > now_ms
    if counts and set.opens_ms < first_ms then first_ms = set.opens_ms end
  end
  return first_ms < math.huge and first_ms or nil
end
