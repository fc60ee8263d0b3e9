-- forget.lua: removes a finished task's record for good; of a campaign, its calls' too.
--
-- ARGV     1 task id
--          2 how long a SID stays taken, milliseconds: as long as another call may be in doubt and looked for
--          3 claim: the answer may get lost, and the same claim may ask again; '' for none
-- Returns  forgotten | going on (it is not finished) | gone (no such task) | more (so many calls of a campaign are forgotten
--          now that others are for the next run)
--
-- An Idempotency-Key stays until its day is over: it holds digests, and which places of a list were left out, and a repeated
-- request must not dial again.
write_though_full()
local MOST_CALLS = 500
local id = ARGV[1]
local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'state', 'live', 'total', 'forgotten', 'client')
local claimed = P .. 'forgotten:' .. id
if not task[1] then
  local campaign, place = row_named(id)
  if campaign and mark_at(campaign, place) == MARKS.waiting then return 'going on' end -- it has no record yet
  redis.call('PEXPIRE', claimed, 60000) -- a write, so that WAIT after it waits for the replicas again
  return ARGV[3] ~= '' and redis.call('GET', claimed) == ARGV[3] and 'forgotten' or 'gone'
end

local function forget(call)
  local its = fields_of(call, 'sid', 'to', 'idem', 'skipped', 'bulk')
  local answer = P .. 'idem:' .. (its.idem or '')
  if its.skipped and redis.call('EXISTS', answer) == 1 then redis.call('HSET', answer, 'skipped', its.skipped) end
  leave_mail(call, its.bulk)
  if its.sid then redis.call('PEXPIRE', P .. 'sid:' .. its.sid, ARGV[2]) end
  for _, streak in ipairs({'ambiguous', 'unknown'}) do redis.call('ZREM', P .. 'streak:' .. streak, its.to or '') end
  redis.call('DEL', P .. 'task:' .. call, P .. 'relay:' .. call, P .. 'events:' .. call, P .. 'log:' .. call,
    P .. 'undelivered:' .. call, P .. 'troubled:' .. call)
  redis.call('ZREM', P .. 'relays', call)
  if call == id and ARGV[3] ~= '' then redis.call('SET', claimed, ARGV[3], 'PX', 60000) end
  if call == id then unlist_task(id, task[6]) end
end

if task[1] ~= 'bulk' then
  if not FINAL[task[2]] then return 'going on' end
  forget(id)
  return 'forgotten'
end
if task[2] == 'active' or tonumber(task[3] or 0) > 0 then return 'going on' end
local first, total = tonumber(task[5] or 0) + 1, tonumber(task[4] or 0)
local last = math.min(first + MOST_CALLS - 1, total)
drop_ends(id, first, last - first + 1)
for place = first, last do
  local call = id .. '-' .. int(place)
  if redis.call('EXISTS', P .. 'task:' .. call) == 1 then forget(call) end
end
if last < total then
  redis.call('HSET', P .. 'task:' .. id, 'forgotten', int(last))
  return 'more'
end
end_counting(id)
leave_closing(id)
forget(id)
for _, name in ipairs({'numbers:', 'rows:', 'marks:', 'sets:', 'zones:', 'again:', 'retry:', 'left:', 'recent:', 'answers:'}) do
  redis.call('DEL', P .. name .. id)
end
redis.call('ZREM', P .. 'steps', id)
redis.call('ZREM', P .. 'campaigns', id)
return 'forgotten'
