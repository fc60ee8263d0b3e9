-- relay.lua: one turn of a relay: records what came of its deliveries, then hands out events whose delivery is due, each to
-- one process only.
--
-- ARGV     1 most events     2 lease: another process may have one after this many milliseconds
--          3 how long an event waits for the one before it, which Twilio may deliver later, milliseconds
--          4 how long an event that is not delivered holds back the later ones of its call, milliseconds
--          5 age at which an event that fails is given up, milliseconds
--          6 JSON, how many more this process takes: {clients: {client: n}, client: n of any other,
--            hosts: {'<client>|<host>': n}, host: n of any other}
--          7.. of each delivery: call id, client, host, event's name, how many attempts had failed before this one,
--            delivered | failed | declined (the client's server wants none of it, so far) | refused (for good),
--            milliseconds until the next attempt, if it is to be repeated
-- Returns  {{of each delivery: delivered | kept | given up | gone (somebody else recorded it)},
--           {{call id, its campaign or '', URL, client, host, event's name, event as JSON, number, To, From,
--             external_id of its record, external_id of its campaign}, ...}}
--
-- Of a call, one event goes at a time; what is due together goes by number.
write_though_full()
local most, lease_ms, patience_ms, hold_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local rooms, taken, recorded = cjson.decode(ARGV[6]), {}, {}

for first = 7, #ARGV, 7 do table.insert(recorded, record_delivery(ARGV[5], unpack(ARGV, first, first + 6))) end

for _, id in ipairs(redis.call('ZRANGE', P .. 'relays', 0, 19)) do -- what versions before 2 left
  local old, campaign = P .. 'relay:' .. id, redis.call('HGET', P .. 'task:' .. id, 'bulk')
  local news = redis.call('ZRANGE', old, 0, -1, 'WITHSCORES')
  for index = 1, #news, 2 do relay(id, campaign, news[index + 1], string.match(news[index], '|(.*)'), '1') end
  redis.call('DEL', old)
  redis.call('ZREM', P .. 'relays', id)
end

local function hand_out(id, client, host)
  local task = redis.call('HMGET', P .. 'task:' .. id, 'bulk', 'to', 'from', 'state', 'external_id', 'sid', 'ended_ms')
  local campaign, to = task[1] or nil, receiver_of(id, task[1])
  if not task[4] then redis.call('DEL', P .. 'events:' .. id) end
  local order_ms = order_kept(id, campaign, to, patience_ms)
  local event, look_ms
  if to then event, look_ms = due_event(id, lease_ms, hold_ms) end
  look_ms = math.min(look_ms or math.huge, order_ms or math.huge)
  look_at(id, client, host, look_ms < math.huge and look_ms or nil)
  if not event then return end
  if event.sid and not event.call_sid then event.call_sid, event.ended_ms = task[6], tonumber(task[7] or '') end -- an older version's
  local name, number = event.name, event.n
  keep(id, name, event)
  local its = campaign and redis.call('HMGET', P .. 'task:' .. campaign, 'from', 'external_id') or {}
  table.insert(taken, {id, campaign or '', to.url, client, host, name, cjson.encode(event), number,
    task[2] or '', task[3] or its[1] or '', task[5] or '', its[2] or ''})
end

-- What lies further ahead than an event may (the clock was set back) is due.
local function bring_near(name)
  local ahead = redis.call('ZRANGEBYSCORE', P .. name, int(now_ms + MOST_EVENT_GAP_MS), '+inf', 'LIMIT', 0, most)
  for _, member in ipairs(ahead) do redis.call('ZADD', P .. name, int(now_ms), member) end
end

bring_near('mail')
-- Some more than fit, because hosts that are full stand in front.
for _, client in ipairs(redis.call('ZRANGEBYSCORE', P .. 'mail', '-inf', int(now_ms))) do
  local room = math.min(rooms.clients[client] or rooms.client, most - #taken)
  bring_near('mail:' .. client)
  local hosts = room > 0 and redis.call('ZRANGEBYSCORE', P .. 'mail:' .. client, '-inf', int(now_ms), 'LIMIT', 0, 2 * most) or {}
  for _, host in ipairs(hosts) do
    local lane = client .. '|' .. host
    bring_near('mail:' .. lane)
    local fits = math.min(rooms.hosts[lane] or rooms.host, room)
    local ids = fits > 0 and redis.call('ZRANGEBYSCORE', P .. 'mail:' .. lane, '-inf', int(now_ms), 'LIMIT', 0, fits) or {}
    for _, id in ipairs(ids) do
      local before = #taken
      hand_out(id, client, host)
      room = room - (#taken - before)
    end
  end
end
return {recorded, taken}
