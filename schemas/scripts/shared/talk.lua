-- talk.lua: how long calls last together: those that ended in this UTC day, and those that are live.

-- A call that Twilio may have began then, or, with -1, is over.
local function count_talk(by, since_ms)
  redis.call('HINCRBY', P .. 'talk', 'since_ms', int(by * since_ms))
  if redis.call('HINCRBY', P .. 'talk', 'calls', by) == 0 then redis.call('DEL', P .. 'talk') end
end

-- If the day has no more than that left for others: minutes of calls that ended in it, as Twilio counts them, and how long
-- live ones last by now, in milliseconds. Else nil; 0 for `most_minutes` means any number.
local function used_up_ms(most_minutes)
  if tonumber(most_minutes) == 0 then return nil end
  local live = redis.call('HMGET', P .. 'talk', 'calls', 'since_ms')
  local ended = redis.call('GET', P .. 'talked:' .. math.floor(now_ms / 86400000))
  local used_ms = (ended or 0) * 60000 + (live[1] or 0) * now_ms - (live[2] or 0)
  return used_ms >= most_minutes * 60000 and used_ms or nil
end
