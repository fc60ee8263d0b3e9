-- admit.lua: chooses the calls that may go now and gives each its slot in time.
--
-- ARGV     1 interval of the account pace, microseconds     2 interval of the single pace, microseconds
--          3 most live calls                                4 horizon: admit slots up to this many microseconds ahead
--          5 most calls admitted by this run                6 age at which an admitted call counts as lost, ms
-- Returns  ids of the admitted calls; their state is now `dispatched`
--
-- Both paces are taken together or not at all. A slot is a reservation: begin.lua lets the call out no earlier.
local account_us, single_us, most_live = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local horizon_us = now_us + tonumber(ARGV[4])

local function ripen()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'later', '-inf', int(horizon_us / 1000), 'LIMIT', 0, 200)) do
    local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'rank')
    local due_ms = redis.call('ZSCORE', P .. 'later', id)
    redis.call('ZREM', P .. 'later', id)
    if task[1] then line_up(task[1] == 'bulk' and 'ready:campaigns' or 'ready:calls', id, task[2], due_ms) end
  end
end

-- The campaign's next call, whose record begins here unless it waited before; nil if the campaign has none or stopped.
local function take_from(campaign, slot_us)
  local key, numbers = P .. 'task:' .. campaign, P .. 'numbers:' .. campaign
  redis.call('ZREM', P .. 'ready:campaigns', campaign)
  local task = redis.call('HMGET', key, 'state', 'delay_us', 'rank', 'created_ms', 'due_ms')
  local item = task[1] == 'active' and redis.call('LPOP', numbers)
  if not item then return nil end
  local id = item
  if string.sub(item, 1, 1) == '+' then
    id = campaign .. '-' .. redis.call('HINCRBY', key, 'dialled', 1)
    redis.call('HSET', P .. 'task:' .. id, 'v', VERSION, 'kind', 'bulk_call', 'bulk', campaign, 'to', item,
      'rank', task[3], 'created_ms', task[4], 'due_ms', task[5])
  end
  redis.call('HINCRBY', key, 'live', 1)
  redis.call('HSET', key, 'free_us', int(slot_us + task[2]), 'updated_ms', int(now_ms))
  rejoin(campaign)
  return id
end

redis.call('DEL', P .. 'asked:dispatch')
nudge()
if redis.call('EXISTS', P .. 'halt') + redis.call('EXISTS', P .. 'drain') > 0 or overdue() >= MOST_OVERDUE then return {} end
ripen()
local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local account_free = math.max(tonumber(account[1] or 0), tonumber(account[2] or 0), now_us)
local single_free = math.max(tonumber(redis.call('HGET', P .. 'pace:singles', 'free_us') or 0), now_us)
local live = redis.call('SCARD', P .. 'live')
local admitted = {}
while #admitted < tonumber(ARGV[5]) and live < most_live and account_free <= horizon_us do
  local call = single_free <= horizon_us and redis.call('ZRANGE', P .. 'ready:calls', 0, 0, 'WITHSCORES') or {}
  local campaign = redis.call('ZRANGE', P .. 'ready:campaigns', 0, 0, 'WITHSCORES')
  local single = call[1] and (not campaign[1] or tonumber(call[2]) <= tonumber(campaign[2]))
  local chosen = single and call or campaign
  if not chosen[1] then break end
  local due_us = (chosen[2] % RANK_STEP) * 1000
  local slot_us = math.max(account_free, single and single_free or 0, due_us)
  local id
  if single then
    id = call[1]
    single_free = slot_us + single_us
    redis.call('ZREM', P .. 'ready:calls', id)
    redis.call('ZADD', P .. 'slots:singles', int(slot_us), id)
  else
    id = take_from(campaign[1], slot_us)
  end
  if id then
    account_free = slot_us + account_us
    live = live + 1
    redis.call('ZADD', P .. 'slots:account', int(slot_us), id)
    redis.call('SADD', P .. 'live', id)
    redis.call('ZADD', P .. 'checks', int(now_ms + ARGV[6]), id)
    redis.call('HSET', P .. 'task:' .. id, 'state', 'dispatched', 'slot_us', int(slot_us), 'updated_ms', int(now_ms))
    table.insert(admitted, id)
  end
end
if #admitted > 0 then
  redis.call('HSET', P .. 'pace:account', 'free_us', int(account_free))
  redis.call('HSET', P .. 'pace:singles', 'free_us', int(single_free))
end
return admitted
