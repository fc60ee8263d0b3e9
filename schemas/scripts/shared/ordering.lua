-- ordering.lua: a call's events get their numbers in Twilio's order, which is the order in which they are logged and told;
-- one that comes before those in front of it is kept until they come, or are waited for no longer.

-- The place in Twilio's order up to which events of an attempt have their numbers; all of it once a later one's have.
local function ordered_up_to(id, attempt)
  local task = redis.call('HMGET', P .. 'task:' .. id, 'handed', 'relayed')
  local its, place = string.match(task[1] or ('1:' .. (task[2] or -1)), '^(%d+):(.+)$')
  return its == attempt and tonumber(place) or tonumber(its or 0) > tonumber(attempt) and math.huge or -1
end

local function is_early(id, event) return event.waits or event.sequence and event.sequence > ordered_up_to(id, event.attempt) + 1 end

local function put_in_order(id, campaign, event)
  local key = P .. 'task:' .. id
  local counted = redis.call('HMGET', key, 'event_count', 'relayed')
  event.n = tonumber(counted[1] or (counted[2] or -1) + 1)
  if event.sequence or event.sid then
    redis.call('HSET', key, 'event_count', int(event.n + 1), 'handed', event.attempt .. ':' .. event.place)
  else
    redis.call('HSET', key, 'event_count', int(event.n + 1))
  end
  log_event(id, campaign, event)
end

local function events_of(id)
  local flat, events = redis.call('HGETALL', P .. 'events:' .. id), {}
  for index = 1, #flat, 2 do
    local event = cjson.decode(flat[index + 1])
    event.name = flat[index]
    event.told_ms, event.first_ms = math.min(event.told_ms, now_ms), event.first_ms and math.min(event.first_ms, now_ms)
    if (event.due_ms or 0) > now_ms + MOST_EVENT_GAP_MS then event.due_ms = now_ms end -- the clock was set back
    table.insert(events, event)
  end
  table.sort(events, function(one, other)
    if one.n or other.n then return (one.n or math.huge) < (other.n or math.huge) end
    if one.attempt ~= other.attempt then return tonumber(one.attempt or 0) < tonumber(other.attempt or 0) end
    if one.correction ~= other.correction then return not one.correction end -- it comes after what it corrects
    if one.place ~= other.place then return one.place < other.place end
    return one.name < other.name
  end)
  return events
end

local function keep(id, name, event)
  event.name = nil
  redis.call('HSET', P .. 'events:' .. id, name, cjson.encode(event))
  expire_with(id, 'events:' .. id)
end

-- Of those that are kept without a number, puts in order what comes next or has waited so long; what nobody is told of is
-- kept no longer. Returns when the first of the others has waited so long, nil if there are none.
local function order_kept(id, campaign, to, patience_ms)
  for _, event in ipairs(events_of(id)) do
    if not event.n then
      local ripe_ms = event.told_ms + patience_ms + (event.waits and 1 or 0) -- behind what is kept of its calls
      if is_early(id, event) and ripe_ms > now_ms then return ripe_ms end
      local name = event.name
      put_in_order(id, campaign, event)
      if to then keep(id, name, event) else redis.call('HDEL', P .. 'events:' .. id, name) end
    end
  end
end

-- An event of a task happened, which whoever is to be told of it, if anybody, is told of; `to` is false if it is only logged,
-- because Twilio itself tells whoever is told of others.
local function tell(id, campaign, to, name, event)
  event.told_ms = now_ms
  if to == false or not is_early(id, event) and redis.call('EXISTS', P .. 'events:' .. id) == 0 then
    put_in_order(id, campaign, event)
    if not to then return end
    keep(id, name, event)
    return look_at(id, to.client, to.host, now_ms)
  end
  keep(id, name, event)
  if order_kept(id, campaign, to, math.huge) and campaign then redis.call('HSET', P .. 'task:' .. campaign, 'early_ms', int(now_ms)) end
  if to then return look_at(id, to.client, to.host, now_ms) end
  local client = redis.call('HGET', P .. 'task:' .. (campaign or id), 'client') or ''
  look_at(id, client, '', redis.call('EXISTS', P .. 'events:' .. id) == 1 and now_ms or nil)
end
