-- numbers.lua: what keeps some of a campaign's waiting numbers and not the others: their windows, and their own times.

-- So many bytes of marks and sets one run tells, and at so many calls that wait again it looks. A campaign for which others
-- leave too little is told as `cut`.
local bytes_left, looks_left = 2 * MOST_ROWS, ROWS_AT_ONCE

-- The letters of sets that are closed now, if others are open; nil if all of them are alike.
local function closed_letters(campaign)
  local closed, open = '', false
  for letter, set in pairs(sets_of(campaign) or {}) do
    if (set.opens_ms or math.huge) <= now_ms and now_ms < (set.closes_ms or 0) then open = true else closed = closed .. letter end
  end
  return closed, open
end

-- Of calls whose own time comes later, and whose windows are open: how many wait for it because of a cap.
local function tell_later(tell, campaign, closed)
  local again = P .. 'again:' .. campaign
  local later = redis.call('ZCOUNT', again, '(' .. now_exact_ms, '+inf')
  tell('cut', looks_left < math.min(later, ROWS_AT_ONCE) and 1)
  local looked_at = later > 0 and redis.call('ZRANGEBYSCORE', again, '(' .. now_exact_ms, '+inf', 'WITHSCORES', 'LIMIT', 0, looks_left) or {}
  looks_left = looks_left - #looked_at / 2
  local capped = 0
  for index = 1, #looked_at, 2 do
    local place = int(place_of(campaign, looked_at[index]) - 1)
    local letter = closed ~= '' and redis.call('GETRANGE', P .. 'sets:' .. campaign, place, place) or ''
    if letter ~= '' and string.find(closed, letter, 1, true) then
      later = later - 1
    elseif tonumber(redis.call('HGET', P .. 'task:' .. looked_at[index], 'capped_ms') or 0) >= tonumber(looked_at[index + 1]) then
      capped = capped + 1
    end
  end
  tell('again_later', later - capped)
  tell('capped_later', capped)
end

local function tell_numbers(tell, campaign, waiting)
  if waiting == 0 or redis.call('HEXISTS', P .. 'task:' .. campaign, 'unplanned') == 1 then return end
  local closed, open = closed_letters(campaign)
  tell_later(tell, campaign, closed)
  local total = redis.call('STRLEN', P .. 'marks:' .. campaign)
  if closed == '' then return end
  if not open then return tell('shut', waiting) end
  if 2 * total > bytes_left then return tell('cut', 1) end
  bytes_left = bytes_left - 2 * total
  tell('closed', closed)
  tell('marks', redis.call('GET', P .. 'marks:' .. campaign))
  tell('sets', redis.call('GET', P .. 'sets:' .. campaign))
end
