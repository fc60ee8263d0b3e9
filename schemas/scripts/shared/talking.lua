-- talking.lua: when a call begins to count as lasting, and what of it counts when it is over.

local TALKS = {dialling = true, confirming = true, placed = true}

-- Of one that ended, Twilio's duration counts, or how long it was live, in minutes begun; of others nothing.
local function note_talk(call, to, status)
  local key = P .. 'task:' .. call.id
  if TALKS[to] and not call.talk_ms then
    call.talk_ms = int(now_ms)
    redis.call('HSET', key, 'talk_ms', call.talk_ms)
    count_talk(1, now_ms)
  elseif call.talk_ms and not TALKS[to] then
    count_talk(-1, call.talk_ms)
    redis.call('HDEL', key, 'talk_ms')
    local told = redis.call('HGET', key, 'duration_seconds')
    if to == 'ended' and (status == 'completed' or status == 'unknown' or told) then
      local seconds = tonumber(told or '') or math.max(0, now_ms - call.talk_ms) / 1000
      local day = math.floor(now_ms / 86400000)
      redis.call('INCRBY', P .. 'talked:' .. day, int(math.ceil(seconds / 60)))
      redis.call('PEXPIREAT', P .. 'talked:' .. day, int((day + 2) * 86400000)) -- as days.lua has it
    end
    call.talk_ms = nil
  end
end
