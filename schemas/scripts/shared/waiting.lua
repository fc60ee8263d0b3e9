-- waiting.lua: how many numbers of a client wait, and how a call of its own does.

-- So many more numbers of the campaign, or fewer, wait. Campaigns of versions that did not count are left out.
local function note_waiting(campaign, by)
  local key = P .. 'task:' .. campaign
  local task = redis.call('HMGET', key, 'counted', 'client')
  if not task[1] or by == 0 then return end
  redis.call('HINCRBY', key, 'counted', int(by))
  if redis.call('HINCRBY', P .. 'in_campaigns', task[2] or '', int(by)) == 0 then
    redis.call('HDEL', P .. 'in_campaigns', task[2] or '')
  end
end

local function begin_counting(campaign, count)
  redis.call('HSET', P .. 'task:' .. campaign, 'counted', '0')
  note_waiting(campaign, count)
end

-- None of its numbers waits any more: during an upgrade a process that does not count may have taken some.
local function end_counting(campaign)
  note_waiting(campaign, -tonumber(redis.call('HGET', P .. 'task:' .. campaign, 'counted') or 0))
end

-- A call of its own waits, though it stands in no line, since it is paused: it counts as those of campaigns do.
local function count_aside(id)
  end_counting(id)
  begin_counting(id, 1)
end

-- Numbers of the client that wait, due or not: calls of its own and those of campaigns.
local function waiting_of(client)
  local count = tonumber(redis.call('HGET', P .. 'in_campaigns', client) or 0)
  for rank = 1, RANKS do count = count + redis.call('ZCARD', P .. 'line:' .. line_of('c', rank, client)) end
  return count
end

-- A call of its own waits, from this millisecond on, or from when its windows open; if they have closed, until a sweep has
-- planned their next opening; if it is paused, in no line. Whether its line goes sooner for that.
local function wait_in_line(id, due_ms)
  local task = redis.call('HMGET', P .. 'task:' .. id, 'rank', 'client', 'opens_ms', 'closes_ms', 'expires_ms', 'paused')
  local over_ms = over_ms_of(task[4], task[5])
  if over_ms then redis.call('ZADD', P .. 'closing', int(over_ms), id) end
  if task[6] then
    redis.call('HSET', P .. 'task:' .. id, 'later_ms', int(due_ms))
    return count_aside(id)
  end
  if over_ms and over_ms <= now_ms then return nudge() end
  return stand(line_of('c', task[1], task[2]), id, math.max(due_ms, tonumber(task[3] or 0)))
end
