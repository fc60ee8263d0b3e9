-- begin.lua: the last gate before a call's request leaves: dispatched -> dialling, at most once.
--
-- ARGV     1 call id     2 claim: the answer may get lost, and the same claim may ask again
--          3 age at which a call still dialling counts as in doubt, milliseconds
--          4 lead: the permission is given up to so many microseconds ahead, so that its own way costs no time
--          5-8 pace of the account: interval, least gap, most in a window, window; microseconds but the third
--          9-12 pace of single calls, likewise     13 way: how long this worker's requests are on their way, microseconds
--          14 name of the policy (CALLING_WINDOWS) that this worker was told, or ''
--          15 most attempts at a number in 24 hours     16 most numbers that one UTC day accepts; 0: any
-- Returns  {'go', microseconds until it leaves, field, value, ...}: the record, and its campaign's shared fields
--          {'wait', microseconds}: its slot has not come yet, or a pace is closed; ask again after them. What was held,
--          drained or paused after its admission, whose windows closed, or whose number is to be forgotten, is not worth it
--          {'barred'}: its number is on a do-not-call list, and bar.lua ends it; {'capped'}: cap.lua lets it wait
--          {'newer', version}: a newer version of this program wrote the record, and shall place the call
--          {'gone', state}: somebody else has it, or it is cancelled; '' if there is no such call
write_though_full()
local id, claim, lead_us, way_us = ARGV[1], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[13])
local key = P .. 'task:' .. id
local task = redis.call('HMGET', key, 'state', 'slot_us', 'bulk', 'claim', 'v', 'leaves_us', 'paused', 'due_ms')
local campaign = task[3] and P .. 'task:' .. task[3]

local function go(leaves_in_us)
  local answer = {'go', int(leaves_in_us)}
  for index, value in ipairs(campaign and redis.call('HMGET', campaign, unpack(CAMPAIGN_FIELDS)) or {}) do
    if value then
      table.insert(answer, CAMPAIGN_FIELDS[index])
      table.insert(answer, value)
    end
  end
  for _, value in ipairs(redis.call('HGETALL', key)) do table.insert(answer, value) end -- its own go before the campaign's
  return answer
end

if task[1] == 'dialling' and task[4] == claim then
  redis.call('HSET', key, 'claim', claim) -- a write, so that WAIT after it waits for the replicas again
  return go(math.max(0, task[6] - now_us))
end
if task[1] ~= 'dispatched' then return {'gone', task[1] or ''} end
if RARE and redis.call('EXISTS', P .. 'copy') == 1 then return {'gone', task[1]} end -- it may have been dialled since the copy
if RARE and redis.call('EXISTS', P .. 'forgetting') == 1 then
  local its = redis.call('HMGET', key, 'to', 'client', 'created_ms')
  if is_to_be_forgotten(its[1], client_of(its[2], task[3]), its[3]) then return {'wait', int(FORGOTTEN_US)} end
end
if is_barred_call(key, task[3]) then return {'barred'} end
if capped_until_ms(key, task[3], id, ARGV[15], ARGV[16]) then return {'capped'} end
if tonumber(task[5] or 0) > VERSION then return {'newer', task[5]} end
local held = RARE and redis.call('HMGET', P .. 'hold', 'kind', 'probing') or {}
if held[1] and held[2] ~= id then return {'wait', int(FORGOTTEN_US)} end
local paused = task[7] or campaign and redis.call('HEXISTS', campaign, 'paused') == 1
if paused or stopped() then return {'wait', int(FORGOTTEN_US)} end
local due_ms, paces = tonumber(task[8] or 0), {pace_of(P .. 'pace:account', 'account', strict_pace('account', unpack(ARGV, 5, 8)))}
if campaign then
  local shared = redis.call('HMGET', campaign, 'delay_us', 'due_ms')
  paces[2] = pace_of(campaign, task[3], shared[1], 0, 1, shared[1])
  due_ms = math.max(due_ms, tonumber(shared[2] or 0))
else
  paces[2] = pace_of(P .. 'pace:singles', 'singles', strict_pace('singles', unpack(ARGV, 9, 12)))
end

note_way(way_us)
for _, pace in ipairs(paces) do cut_arrivals(pace) end
local paused_us = sound_us(redis.call('HGET', P .. 'pace:account', 'paused_us'), MOST_PAUSE_US)
local slot_us = sound_us(task[2], math.max(5e6, FURTHEST_US + MOST_LATE_SLOTS * paces[1].interval_us))
local arrives_us = open_at_us(paces, slot_us, math.max(paused_us, math.max(now_us, sound_us(due_ms * 1000, 5e6)) + way_us))
local leaves_us = arrives_us - way_us
local held_us = held_by_windows_us(id, task[3], leaves_us, ARGV[14])
if held_us then return {'wait', int(held_us)} end
if leaves_us > now_us + lead_us then return {'wait', int(leaves_us - now_us - lead_us / 2)} end
local tries = redis.call('HINCRBY', key, 'tries', 1)
if campaign then redis.call('HSETNX', campaign, 'first_dialled_ms', int(now_ms)) end
for _, pace in ipairs(paces) do note_left(pace, id, id .. ':' .. tries, slot_us, arrives_us) end

redis.call('HSET', key, 'state', 'dialling', 'claim', claim, 'leaves_us', int(leaves_us), 'arrives_us', int(arrives_us),
  'dialled_ms', int(now_ms), 'talk_ms', int(now_ms), 'updated_ms', int(now_ms))
count_talk(1, now_ms) note_attempt(key, task[3], id, ARGV[15], ARGV[16])
note_begun(redis.call('HGET', campaign or key, 'client') or '')
redis.call('HSETNX', key, 'first_dialled_ms', int(now_ms))
if campaign then set_mark(task[3], place_of(task[3], id), MARKS.live) end
redis.call('ZADD', P .. 'stuck', int(now_ms + ARGV[3]), id)
return go(leaves_us - now_us)
