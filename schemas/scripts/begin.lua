-- begin.lua: the last gate before a call's request leaves: dispatched -> dialling, at most once.
--
-- ARGV     1 call id
--          2 name of this attempt: the answer may get lost, and the same attempt may ask again
--          3 age at which a call still dialling counts as in doubt, milliseconds
--          4 lead: the permission is given up to so many microseconds ahead, so that its own way costs no time
--          5-8 pace of the account: interval, least gap, most in a window, window; microseconds but the third
--          9-12 pace of single calls, likewise
-- Returns  {'go', microseconds until it leaves, field, value, ...}: the record, and its campaign's shared fields
--          {'wait', microseconds}: its slot has not come yet, or a pace is closed; ask again after them
--          {'newer', version}: a newer version of this program wrote the record, and shall place the call
--          {'gone', state}: somebody else has it, or it is cancelled; '' if there is no such call
local id, attempt, lead_us = ARGV[1], ARGV[2], tonumber(ARGV[4])
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

if task[1] == 'dialling' and task[4] == attempt then
  redis.call('HSET', key, 'attempt', attempt) -- a write, so that WAIT after it waits for the replicas again
  return go(0)
end
if task[1] ~= 'dispatched' then return {'gone', task[1] or ''} end
if tonumber(task[5] or 0) > VERSION then return {'newer', task[5]} end
local paces = {pace_of(P .. 'pace:account', 'account', unpack(ARGV, 5, 8))}
if campaign then
  local delay_us = redis.call('HGET', campaign, 'delay_us')
  paces[2] = pace_of(campaign, task[3], delay_us, 0, 1, delay_us)
else
  paces[2] = pace_of(P .. 'pace:singles', 'singles', unpack(ARGV, 9, 12))
end

local paused_us = tonumber(redis.call('HGET', P .. 'pace:account', 'paused_us') or 0)
local earliest_us = math.max(tonumber(task[2]), paused_us, open_us(paces[1]), open_us(paces[2]))
if earliest_us > now_us + lead_us then return {'wait', int(earliest_us - now_us - lead_us / 2)} end
local leaves_us = math.max(now_us, earliest_us)
local tries = redis.call('HINCRBY', key, 'tries', 1)
for _, pace in ipairs(paces) do note_left(pace, id, id .. ':' .. tries, leaves_us) end

redis.call('HSET', key, 'state', 'dialling', 'attempt', attempt, 'leaves_us', int(leaves_us),
  'dialled_ms', int(now_ms), 'updated_ms', int(now_ms))
redis.call('HSETNX', key, 'first_dialled_ms', int(now_ms))
redis.call('ZADD', P .. 'checks', int(now_ms + ARGV[3]), id)

return go(leaves_us - now_us)
