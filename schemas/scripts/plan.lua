-- plan.lua: waiting calls go in line for their next opening, and sets of zones of a campaign open with it.
--
-- ARGV     1 name of the policy (CALLING_WINDOWS) that it was planned under
--          2 id of a call; of a set, campaign#letter; of a campaign, all of whose sets are planned now
--          3 from when on it may leave, milliseconds since 1970   4 before when; both '' if at any time; and so on
-- Returns  how many of them there still are
write_though_full()
local policy, count, never_ms = ARGV[1], 0, '9000000000000000'

local function note_policy(key)
  if policy == '' then redis.call('HDEL', key, 'planned_by') else redis.call('HSET', key, 'planned_by', policy) end
end

local function plan_set(member, campaign, letter, opens_ms, closes_ms)
  local zones = P .. 'zones:' .. campaign
  local goes_on = redis.call('HGET', P .. 'task:' .. campaign, 'state') == 'active'
  if not goes_on or redis.call('HEXISTS', zones, letter) == 0 then return redis.call('ZREM', P .. 'closing', member) end
  redis.call('HSET', zones, letter .. ':opens_ms', opens_ms == '' and '0' or opens_ms,
    letter .. ':closes_ms', closes_ms == '' and never_ms or closes_ms)
  redis.call('ZADD', P .. 'closing', closes_ms == '' and never_ms or closes_ms, member)
  rejoin(campaign)
  count = count + 1
end

local function plan_campaign(id)
  local its = redis.call('HMGET', P .. 'task:' .. id, 'state', 'expires_ms')
  redis.call('ZREM', P .. 'closing', id)
  if its[1] ~= 'active' then return end
  if redis.call('STRLEN', P .. 'sets:' .. id) < redis.call('STRLEN', P .. 'marks:' .. id) then return plan_anew(id) end
  redis.call('HDEL', P .. 'task:' .. id, 'unplanned')
  note_policy(P .. 'task:' .. id)
  if its[2] then redis.call('ZADD', P .. 'closing', its[2], id) end
  rejoin(id)
  count = count + 1
end

local function plan_call(id, opens_ms, closes_ms)
  local key = P .. 'task:' .. id
  local task = redis.call('HMGET', key, 'state', 'due_ms')
  if task[1] ~= 'waiting' then return end
  count = count + 1
  note_policy(key)
  if closes_ms == '' then
    redis.call('HDEL', key, 'opens_ms', 'closes_ms')
    redis.call('ZREM', P .. 'closing', id)
  else
    redis.call('HSET', key, 'opens_ms', opens_ms, 'closes_ms', closes_ms)
  end
  wait_in_line(id, math.max(tonumber(task[2]), now_ms))
end

for index = 2, #ARGV, 3 do
  local id, opens_ms, closes_ms = ARGV[index], ARGV[index + 1], ARGV[index + 2]
  local campaign, letter = string.match(id, '^(.+)#(.)$')
  if campaign then plan_set(id, campaign, letter, opens_ms, closes_ms)
  elseif redis.call('HGET', P .. 'task:' .. id, 'kind') == 'bulk' then plan_campaign(id)
  else plan_call(id, opens_ms, closes_ms) end
end
nudge()
return count
