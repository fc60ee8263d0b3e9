-- turned_back.lua: the clock went back, or a failover led to a host that is behind: what was due stays due.

local ROWS = 1000 -- that one run moves; the next goes on

-- What stands under this name goes back by so much, some of it at a time; what is put there meanwhile stays.
local function begin_turning(name, back_ms)
  if redis.call('HEXISTS', P .. 'turned', name) == 0 then
    if redis.call('EXISTS', P .. name) == 0 then return end
    redis.call('RENAME', P .. name, P .. 'turned:' .. name)
  end
  redis.call('HINCRBY', P .. 'turned', name, int(back_ms))
end

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

-- Moves at most so many of what is under way back to that name, but for calls that have ended, or wait no longer.
local function turn_some(name, back_ms, rows)
  local popped, line = redis.call('ZPOPMIN', P .. 'turned:' .. name, rows), string.match(name, '^line:(.*)')
  local live, calls = name == 'checks' or name == 'stuck', line and string.sub(line, 1, 1) == 'c'
  for index = 1, #popped, 2 do
    local member, at_ms = popped[index], popped[index + 1] - back_ms
    local its = (live or calls) and fields_of(member, 'state', 'paused') or {}
    if not (live and not LIVE[its.state] or calls and (its.state ~= 'waiting' or its.paused)) then
      if live then turn_live(member, back_ms) elseif calls then at_ms = turn_due(member, at_ms + back_ms, back_ms) end
      redis.call('ZADD', P .. name, 'NX', string.format('%.3f', at_ms), member)
      if line then redis.call('ZADD', P .. 'lines', 'LT', string.format('%.3f', at_ms), line) end
    end
    if name == 'lines' then begin_turning('line:' .. member, back_ms) end
  end
  if redis.call('EXISTS', P .. 'turned:' .. name) == 0 then redis.call('HDEL', P .. 'turned', name) end
  return #popped / 2
end

local function go_on_turning()
  local rows = ROWS
  repeat
    local name = redis.call('HKEYS', P .. 'turned')[1]
    if not name then return end
    rows = rows - turn_some(name, redis.call('HGET', P .. 'turned', name), rows)
  until rows <= 0
  nudge()
end

-- Beats pulse every second, so a pulse that lies ahead tells by how much. No campaign's next call waits longer for that.
local function turn_back()
  local newest = redis.call('ZRANGE', P .. 'beats', -1, -1, 'WITHSCORES')
  local back_ms = tonumber(newest[2] or 0) - now_ms
  if back_ms < 2000 then return go_on_turning() end
  for _, name in ipairs({'beats', 'workers'}) do
    local members = redis.call('ZRANGE', P .. name, 0, ROWS - 1, 'WITHSCORES')
    for index = 1, #members, 2 do redis.call('ZADD', P .. name, int(members[index + 1] - back_ms), members[index]) end
  end
  for _, name in ipairs({'checks', 'stuck', 'leases', 'lines', 'campaigns', 'steps', 'forgets'}) do begin_turning(name, back_ms) end
  for _, pace in ipairs({'pace:account', 'pace:singles'}) do
    for _, field in ipairs({'free_us', 'paused_us'}) do
      if redis.call('HEXISTS', P .. pace, field) == 1 then redis.call('HINCRBY', P .. pace, field, int(-back_ms * 1000)) end
    end
  end
  if redis.call('EXISTS', P .. 'hold') == 1 then redis.call('HINCRBY', P .. 'hold', 'probe_ms', int(-back_ms)) end
  redis.call('DEL', P .. 'asked:dispatch', P .. 'asked:sweep')
  go_on_turning()
end
