-- waiting.lua: how many numbers of a client wait.

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

-- Numbers of the client that wait, due or not: calls of its own and those of campaigns.
local function waiting_of(client)
  local count = tonumber(redis.call('HGET', P .. 'in_campaigns', client) or 0)
  for rank = 1, RANKS do count = count + redis.call('ZCARD', P .. 'line:' .. line_of('c', rank, client)) end
  return count
end
