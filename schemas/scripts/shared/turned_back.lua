-- turned_back.lua: the clock went back, or a failover led to a host that is behind: what was due stays due.

local ROWS = 1000 -- that one run moves; the next goes on
local MOST_DELAY_MS = 3600000 -- what is due later than that was scheduled

-- What stands under this name goes back by so much, some of it at a time; what is put there meanwhile stays.
local function begin_turning(name, back_ms)
  if redis.call('HEXISTS', P .. 'turned', name) == 0 then
    if redis.call('EXISTS', P .. name) == 0 then return end
    if string.sub(name, 1, 5) == 'line:' then
      redis.call('ZRANGESTORE', P .. 'turned:' .. name, P .. name, int(now_ms), int(now_ms + back_ms + MOST_DELAY_MS), 'BYSCORE')
    else
      redis.call('RENAME', P .. name, P .. 'turned:' .. name)
    end
  end
  redis.call('HINCRBY', P .. 'turned', name, int(back_ms))
end

-- Moves at most so many of what is under way back to that name, but for calls that have ended, or wait no longer.
-- Campaigns come into their lines anew.
local function turn_some(name, back_ms, rows)
  local popped, line = redis.call('ZPOPMIN', P .. 'turned:' .. name, rows), string.match(name, '^line:(.*)')
  local live = name == 'checks' or name == 'stuck'
  for index = 1, #popped, 2 do
    local member, at_ms = popped[index], popped[index + 1] - back_ms
    if not live or LIVE[redis.call('HGET', P .. 'task:' .. member, 'state')] then
      if live then turn_live(member, back_ms) elseif line then at_ms = turn_due(member, at_ms + back_ms, back_ms) end
      redis.call('ZADD', P .. name, line and 'XX' or 'NX', string.format('%.3f', at_ms), member)
      if line then redis.call('ZADD', P .. 'lines', 'LT', string.format('%.3f', at_ms), line) end
    end
    if name == 'campaigns' then turn_campaign(member, back_ms) end
    if name == 'lines' and string.sub(member, 1, 1) == 'c' then begin_turning('line:' .. member, back_ms) end
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
