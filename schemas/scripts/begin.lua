-- begin.lua: the last gate before a call's request leaves: dispatched -> dialling, at most once.
--
-- ARGV     1 call id
--          2 interval of the account pace, microseconds     3 interval of the single pace, microseconds
--          4 tolerance: a call may leave this many microseconds early, so that lateness does not add up
--          5 age at which a call still dialling counts as in doubt, milliseconds
--          6 name of this attempt: the answer may get lost, and the same attempt may ask again
--          7 lead: the permission is given up to so many microseconds ahead, so that its own way costs no time
-- Returns  {'go', microseconds until it leaves, field, value, ...}: the record, and its campaign's shared fields
--          {'wait', microseconds}: its slot, or the gap to the call before, has not come yet; ask again after them
--          {'newer', version}: a newer version of this program wrote the record, and shall place the call
--          {'gone', state}: somebody else has it, or it is cancelled; '' if there is no such call
local id, tolerance_us = ARGV[1], tonumber(ARGV[4])
local key = P .. 'task:' .. id
local task = redis.call('HMGET', key, 'state', 'slot_us', 'bulk', 'attempt', 'v')
local campaign = task[3] and P .. 'task:' .. task[3]

local function go(leaves_in_us)
  local answer = {'go', int(leaves_in_us)}
  for _, value in ipairs(redis.call('HGETALL', key)) do table.insert(answer, value) end
  local shared = {'from', 'metadata', 'webhook_url', 'status_callback_url'}
  for index, value in ipairs(campaign and redis.call('HMGET', campaign, unpack(shared)) or {}) do
    if value then
      table.insert(answer, shared[index])
      table.insert(answer, value)
    end
  end
  return answer
end

if task[1] == 'dialling' and task[4] == ARGV[6] then return go(0) end
if task[1] ~= 'dispatched' then return {'gone', task[1] or ''} end
if tonumber(task[5] or 0) > VERSION then return {'newer', task[5]} end
local paces = {{P .. 'pace:account', tonumber(ARGV[2]), P .. 'slots:account'}}
if campaign then
  paces[2] = {campaign, tonumber(redis.call('HGET', campaign, 'delay_us')), nil}
else
  paces[2] = {P .. 'pace:singles', tonumber(ARGV[3]), P .. 'slots:singles'}
end

local paused_us = tonumber(redis.call('HGET', P .. 'pace:account', 'paused_us') or 0)
local earliest_us = math.max(tonumber(task[2]), paused_us)
for _, pace in ipairs(paces) do
  local last_us = tonumber(redis.call('HGET', pace[1], 'last_us') or 0)
  earliest_us = math.max(earliest_us, last_us + pace[2] - tolerance_us)
end
local lead_us = tonumber(ARGV[7])
if earliest_us > now_us + lead_us then return {'wait', int(earliest_us - now_us - lead_us / 2)} end
local leaves_us = math.max(now_us, earliest_us)

for _, pace in ipairs(paces) do
  local behind = 0 -- admitted in the last second and still to leave: their slots come after this call
  if pace[3] then
    redis.call('ZREM', pace[3], id)
    redis.call('ZREMRANGEBYSCORE', pace[3], '-inf', int(now_us - 1e6))
    behind = redis.call('ZCARD', pace[3])
  end
  local free_us = tonumber(redis.call('HGET', pace[1], 'free_us') or 0)
  local next_us = leaves_us - tolerance_us + pace[2] * (1 + behind)
  redis.call('HSET', pace[1], 'last_us', int(leaves_us), 'free_us', int(math.max(free_us, next_us)))
end

redis.call('HSET', key, 'state', 'dialling', 'attempt', ARGV[6], 'dialled_ms', int(now_ms), 'updated_ms', int(now_ms))
redis.call('HSETNX', key, 'first_dialled_ms', int(now_ms))
redis.call('HINCRBY', key, 'tries', 1)
redis.call('ZADD', P .. 'checks', int(now_ms + ARGV[5]), id)

return go(leaves_us - now_us)
