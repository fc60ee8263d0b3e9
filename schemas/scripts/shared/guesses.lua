-- guesses.lua: whether a call that a look-up found can be told to be the one that was looked for.

-- Whether a request to the same number from the same, that is in doubt too, can have made the call just as well: it left
-- within so many milliseconds of this one.
local function is_ambiguous(call, span_ms)
  local left_ms = call.leaves_us / 1000
  local doubts = redis.call('ZRANGEBYSCORE', P .. 'doubt:' .. call.from .. ':' .. call.to, int(left_ms - span_ms), int(left_ms + span_ms))
  for _, other in ipairs(doubts) do
    if other ~= call.id then return true end
  end
  for _, other in ipairs(redis.call('SMEMBERS', P .. 'live')) do
    local its = other ~= call.id and fields_of(other, 'state', 'to', 'sid', 'leaves_us', 'dialled_ms', 'from', 'bulk')
    if its and its.to == call.to and not its.sid and (its.state == 'dialling' or its.state == 'confirming') then
      local its_left_ms = its.leaves_us and its.leaves_us / 1000 or tonumber(its.dialled_ms)
      local from = its.from or its.bulk and redis.call('HGET', P .. 'task:' .. its.bulk, 'from')
      if from == call.from and math.abs(its_left_ms - left_ms) <= span_ms then return true end
    end
  end
  return false
end

-- The call stays in doubt for good; what is looked for later may have been made by it.
local function remain_in_doubt(call)
  local doubt = P .. 'doubt:' .. call.from .. ':' .. call.to
  redis.call('ZREMRANGEBYSCORE', doubt, '-inf', int(now_ms - 86400000))
  redis.call('ZADD', doubt, int(call.leaves_us / 1000), call.id)
  redis.call('PEXPIRE', doubt, 86400000)
end
