-- ways.lua: how long requests are on their way to Twilio.

-- Of the most distant worker. A worker tells its own: a longer one counts at once, a shorter one when no longer one was told for half a minute.
local function note_way(us)
  local known = redis.call('HMGET', P .. 'pace:account', 'way_us', 'way_ms')
  local stale = now_ms - tonumber(known[2] or 0) > 30000
  if us > tonumber(known[1] or 0) + 1000 or stale then
    redis.call('HSET', P .. 'pace:account', 'way_us', int(us), 'way_ms', int(now_ms))
  end
end
