-- shown_opening.lua: the opening that a task of a campaign waits for.

-- Adds opens_ms and closes_ms to a record, as a call of its own has them: of a call those of its set, of a campaign the
-- next of all. A sweep works them out where closes_ms is over.
local function add_opening(id, campaign, record)
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'unplanned', 'next', 'total')
  local sets = sets_of(campaign)
  if its[1] then
    record.closes_ms = '1'
  elseif record.bulk then
    local opens_ms, closes_ms = opening_of(campaign, place_of(campaign, id))
    record.opens_ms, record.closes_ms = opens_ms and int(opens_ms), closes_ms and int(closes_ms)
  elseif sets and tonumber(its[2] or 0) < tonumber(its[3] or 0) then
    local opens_ms = rows_open_ms(campaign, sets)
    record.opens_ms, record.closes_ms = opens_ms and int(opens_ms), not opens_ms and '1' or nil
  end
end
