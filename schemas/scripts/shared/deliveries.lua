-- deliveries.lua: what came of one attempt to deliver an event.
--
-- undelivered:<id>  hash, events of a call or a campaign that were given up, as in events:<id>
-- troubled:<id>     set, calls of the task with such events or with ones that are repeated, and the task itself

-- The call's events are to be found by its task.
local function note_trouble(id)
  local owner = redis.call('HGET', P .. 'task:' .. id, 'bulk') or id
  redis.call('SADD', P .. 'troubled:' .. owner, id)
  local left_ms = redis.call('PTTL', P .. 'task:' .. owner)
  if left_ms > 0 then redis.call('PEXPIRE', P .. 'troubled:' .. owner, left_ms) end
end

local function record_delivery(give_up_ms, id, client, host, name, failed_before, verdict, gap_ms)
  local key, events = P .. 'task:' .. id, P .. 'events:' .. id
  local text = redis.call('HGET', events, name)
  if not text or redis.call('EXISTS', key) == 0 then return 'gone' end
  local event = cjson.decode(text)
  local failures = event.failures or 0
  if failures ~= tonumber(failed_before) and verdict ~= 'delivered' then return 'gone' end
  local old = verdict == 'failed' and now_ms - (event.first_ms or event.told_ms) >= tonumber(give_up_ms)
  if (verdict == 'failed' or verdict == 'declined') and not old then
    if failures == 0 then redis.call('HINCRBY', key, 'retrying', 1) end
    event.failures, event.due_ms, event.under_way, event.at_once = failures + 1, now_ms + (event.at_once and 0 or gap_ms), nil, nil
    if verdict == 'declined' then event.declines = (event.declines or 0) + 1 end
    redis.call('HSET', events, name, cjson.encode(event))
    note_trouble(id)
    look_at(id, client, host, now_ms)
    return 'kept'
  end
  if failures > 0 then redis.call('HINCRBY', key, 'retrying', -1) end
  if verdict ~= 'delivered' then
    redis.call('HINCRBY', key, 'undelivered', 1)
    redis.call('HSET', P .. 'undelivered:' .. id, name, text)
    expire_with(id, 'undelivered:' .. id)
    note_trouble(id)
  end
  redis.call('HDEL', events, name)
  look_at(id, client, host, redis.call('EXISTS', events) == 1 and now_ms or nil)
  return verdict == 'delivered' and 'delivered' or 'given up'
end
