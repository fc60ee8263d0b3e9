-- taking.lua: how a row of a campaign begins.

-- The campaign's next call that never began and may leave then, whose record begins; nil if it has none. Without an
-- instant: whatever its windows, and if its zones were not looked up yet.
local function take_row(campaign, at_ms)
  local its, sets = redis.call('HMGET', P .. 'task:' .. campaign, 'next', 'total'), at_ms and sets_of(campaign)
  local letter, at = nil, tonumber(its[1] or its[2] or 0)
  if sets then
    repeat -- where rows ended without having begun, a set's next one is looked for
      letter, at = first_open(campaign, sets, at_ms)
      local waits = letter and redis.call('GETRANGE', P .. 'marks:' .. campaign, int(at), int(at)) == MARKS.waiting
        and redis.call('GETRANGE', P .. 'sets:' .. campaign, int(at), int(at)) == letter
      if letter and not waits then
        seek_in_set(campaign, letter, at)
        sets = sets_of(campaign)
      end
    until not letter or waits
  end
  if not at or at >= tonumber(its[2] or 0) then return nil end
  local id = begin_row(campaign, at + 1)
  set_mark(campaign, at + 1, MARKS.again)
  seek_next(campaign, its[1])
  if letter then seek_in_set(campaign, letter, at + 1) end
  return id
end
