-- admit.lua: chooses the calls that may go now and gives each its slot in time.
--
-- ARGV     1 interval of the account pace, microseconds     2 interval of the single pace, microseconds
--          3 most live calls                                4 horizon: admit slots up to this many microseconds ahead
--          5 most calls admitted by this run                6 age at which an admitted call counts as lost, ms
-- Returns  ids of the admitted calls; their state is now `dispatched`
--
-- Both paces are taken together or not at all. A slot is a reservation: begin.lua lets the call out no earlier.
-- The heads of lines are removed by rank: ZREM would search for them, through memory that is in no cache.
local account_us, single_us, most_live = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local horizon_us = now_us + tonumber(ARGV[4])

-- The campaign's next call, whose record begins here unless it waited before; nil if the campaign has none or stopped.
local function take_from(campaign, slot_us)
  local key, numbers = P .. 'task:' .. campaign, P .. 'numbers:' .. campaign
  redis.call('ZREMRANGEBYRANK', P .. 'ready:campaigns', 0, 0)
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
  redis.call('HSET', key, 'free_us', slot_us + task[2], 'updated_ms', now_ms)
  rejoin(campaign)
  return id
end

redis.call('DEL', P .. 'asked:dispatch')
nudge()
if redis.call('EXISTS', P .. 'halt', P .. 'drain') > 0 or overdue() >= MOST_OVERDUE then return {} end

-- What became due joins its line.
local due = redis.call('ZRANGEBYSCORE', P .. 'later', '-inf', int(horizon_us / 1000), 'WITHSCORES', 'LIMIT', 0, 200)
for index = 1, #due, 2 do
  local task = redis.call('HMGET', P .. 'task:' .. due[index], 'kind', 'rank')
  redis.call('ZREMRANGEBYRANK', P .. 'later', 0, 0)
  if task[1] then line_up(task[1] == 'bulk' and 'ready:campaigns' or 'ready:calls', due[index], task[2], due[index + 1]) end
end

local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local account_free = math.max(tonumber(account[1] or 0), tonumber(account[2] or 0), now_us)
local single_free = math.max(tonumber(redis.call('HGET', P .. 'pace:singles', 'free_us') or 0), now_us)
local live, admitted = redis.call('SCARD', P .. 'live'), {}
while #admitted < tonumber(ARGV[5]) and live < most_live and account_free <= horizon_us do
  local call = single_free <= horizon_us and redis.call('ZRANGE', P .. 'ready:calls', 0, 0, 'WITHSCORES') or {}
  local before = call[2] and '(' .. call[2] or '+inf'
  local campaign = redis.call('ZRANGEBYSCORE', P .. 'ready:campaigns', '-inf', before, 'WITHSCORES', 'LIMIT', 0, 1)
  local single = not campaign[1]
  local chosen = single and call or campaign
  if not chosen[1] then break end
  local due_us = chosen[2] % RANK_STEP * 1000
  local slot_us = math.floor(math.max(account_free, single and single_free or 0, due_us) + 0.5)
  local id
  if single then
    id = call[1]
    single_free = slot_us + single_us
    redis.call('ZREMRANGEBYRANK', P .. 'ready:calls', 0, 0)
    redis.call('ZADD', P .. 'slots:singles', slot_us, id)
  else
    id = take_from(campaign[1], slot_us)
  end
  if id then
    account_free = slot_us + account_us
    live = live + 1
    redis.call('ZADD', P .. 'slots:account', slot_us, id)
    redis.call('SADD', P .. 'live', id)
    redis.call('ZADD', P .. 'checks', now_ms + ARGV[6], id)
    redis.call('HSET', P .. 'task:' .. id, 'state', 'dispatched', 'slot_us', slot_us, 'updated_ms', now_ms)
    table.insert(admitted, id)
  end
end
if #admitted > 0 then
  redis.call('HSET', P .. 'pace:account', 'free_us', account_free)
  redis.call('HSET', P .. 'pace:singles', 'free_us', single_free)
end
return admitted
