-- relay_take.lua: hands out news whose delivery is due, each to one process only, and of each call the first alone.
--
-- ARGV     1 most news     2 lease: another may have it after this many milliseconds
--          3 how long news waits for the news before it, which Twilio may deliver later, milliseconds
-- Returns  {{call id, URL, SequenceNumber, form body, failed attempts}, ...}
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'relays', '-inf', int(now_ms), 'LIMIT', 0, ARGV[1])) do
  local task = redis.call('HMGET', P .. 'task:' .. id, 'bulk', 'status_callback_url', 'relayed', 'relay_tries')
  local url = task[2] or (task[1] and redis.call('HGET', P .. 'task:' .. task[1], 'status_callback_url'))
  local head = redis.call('ZRANGE', P .. 'relay:' .. id, 0, 0, 'WITHSCORES')
  if not head[1] or not url then
    redis.call('ZREM', P .. 'relays', id)
    redis.call('DEL', P .. 'relay:' .. id)
  else
    local bar = string.find(head[1], '|', 1, true)
    local patient_until = string.sub(head[1], 1, bar - 1) + ARGV[3]
    if tonumber(head[2]) > tonumber(task[3] or -1) + 1 and patient_until > now_ms then
      redis.call('ZADD', P .. 'relays', int(patient_until), id)
    else
      redis.call('ZADD', P .. 'relays', int(now_ms + ARGV[2]), id)
      table.insert(taken, {id, url, head[2], string.sub(head[1], bar + 1), task[4] or '0'})
    end
  end
end
return taken
