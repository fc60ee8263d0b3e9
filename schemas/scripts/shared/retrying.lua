-- retrying.lua: what is over is tried again: its last attempt moves into the list of those before.

-- To whom a row is, and its own end, if it has one; of one that never began from what was given.
local function row_is_to(campaign, place, id)
  local known = redis.call('HMGET', P .. 'task:' .. id, 'to', 'expires_ms')
  if known[1] then return known[1], known[2], true end
  local to, more = read_row(redis.call('LINDEX', P .. 'rows:' .. campaign, int(place - 1)) or '')
  for index = 1, #more, 2 do
    if more[index] == 'expires_ms' then return to, more[index + 1] end
  end
  return to
end

-- Whether hours that it was given meanwhile are closed in the row's zones for ever: a sweep plans no opening of them.
local function never_opens(campaign, place)
  local opens_ms, closes_ms = opening_of(campaign, place)
  return (opens_ms or 0) > 0 and opens_ms == closes_ms
end

-- A row likewise, whose record may be gone, unless its number was forgotten or is not to be called any more, or it would
-- expire first, or its windows never open.
local function retry_row(campaign, place, mark, due_ms, client)
  local id = campaign .. '-' .. int(place)
  local to, expires_ms, is_known = row_is_to(campaign, place, id)
  if to == '' or is_barred(to, client) or tonumber(expires_ms or math.huge) <= math.max(now_ms, due_ms) then return false end
  if never_opens(campaign, place) then return false end
  if not is_known then begin_row(campaign, place) end
  if not try_again(id, mark, due_ms) then return false end
  set_mark(campaign, place, MARKS.again)
  stand_again(campaign, id, due_ms)
  return true
end

-- A step of a retry that goes through the rows of a campaign; whether there is a further one.
local function retry_rows(campaign, retention_ms)
  local key = P .. 'retry:' .. campaign
  local job = redis.call('HMGET', key, 'marks', 'due_ms', 'place', 'last', 'digest')
  local from, last, counts, looked_at = tonumber(job[3]), tonumber(job[4]), {}, 0
  local client = redis.call('HGET', P .. 'task:' .. campaign, 'client') or ''
  local marks = redis.call('GETRANGE', P .. 'marks:' .. campaign, int(from), int(math.min(last, from + MARKS_AT_ONCE) - 1))
  local at = string.find(marks, '[' .. job[1] .. ']')
  while at and looked_at < ROWS_AT_ONCE / 2 do
    local mark = string.sub(marks, at, at)
    looked_at = looked_at + 1
    if retry_row(campaign, from + at, mark, tonumber(job[2]), client) then
      counts[COUNT_OF_MARK[mark]] = (counts[COUNT_OF_MARK[mark]] or 0) + 1
    end
    at = string.find(marks, '[' .. job[1] .. ']', at + 1)
  end
  for count, by in pairs(counts) do
    reopen(campaign)
    recount(campaign, count, nil, retention_ms, by)
    redis.call('HINCRBY', key, 'count', by)
  end
  rejoin(campaign)
  nudge()
  local done = at and from + at - 1 or from + #marks
  redis.call('HSET', key, 'place', int(done))
  if redis.call('EXISTS', P .. 'idem:' .. job[5]) == 1 then
    redis.call('HSET', P .. 'idem:' .. job[5], 'count', redis.call('HGET', key, 'count'))
  end
  if done < last and #marks > 0 then return redis.call('ZADD', P .. 'steps', int(now_ms), campaign) end
  end_retry(campaign)
end
