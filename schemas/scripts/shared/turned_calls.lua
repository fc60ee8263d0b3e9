-- turned_calls.lua: what a record tells of when its task began, or may go on, once the clock went back.

-- When a call of its own may go: at a time of the clock's, but for one that is due so long after it was accepted.
local function turn_due(id, at_ms, back_ms)
  local its = fields_of(id, 'kind', 'edits', 'attempt_number', 'due_ms', 'opens_ms')
  if its.kind ~= 'single' or its.edits or tonumber(its.attempt_number or 1) > 1 then return at_ms end
  if tonumber(its.due_ms or 0) > now_ms then redis.call('HINCRBY', P .. 'task:' .. id, 'due_ms', int(-back_ms)) end
  return math.max(at_ms - back_ms, tonumber(its.opens_ms or 0))
end

-- A call that Twilio may have lasts, and is in doubt, no shorter for that.
local function turn_live(id, back_ms)
  local key = P .. 'task:' .. id
  for field, unit in pairs({since_ms = 1, dialled_ms = 1, talk_ms = 1, leaves_us = 1000}) do
    if tonumber(redis.call('HGET', key, field) or 0) > now_ms * unit then
      redis.call('HINCRBY', key, field, int(-back_ms * unit))
      if field == 'talk_ms' then redis.call('HINCRBY', P .. 'talk', 'since_ms', int(-back_ms)) end
    end
  end
  turn_due(id, 0, back_ms)
end

-- A campaign goes on no later for that, whether it stands in a line or not. One that was given a time begins then.
local function turn_campaign(id, back_ms)
  local key, its = P .. 'task:' .. id, fields_of(id, 'free_us', 'delay_us', 'due_ms', 'created_ms')
  if tonumber(its.free_us or 0) > now_us + MOST_AHEAD_US + (its.delay_us or 0) then
    redis.call('HINCRBY', key, 'free_us', int(-back_ms * 1000))
  end
  local has_begun = its.free_us or its.due_ms == its.created_ms
  if has_begun and tonumber(its.due_ms or 0) > now_ms then redis.call('HINCRBY', key, 'due_ms', int(-back_ms)) end
  rejoin(id)
end
