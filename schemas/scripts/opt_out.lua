-- opt_out.lua: numbers come onto a do-not-call list. From its answer on no request for a call to them leaves, for begin.lua asks.
--
-- ARGV     1 list     2 name of the key, or ''     3 the call in which a key was pressed, or ''     4 api | key_press | command
--          5 digest of the client's Idempotency-Key, '' without one     6 fingerprint of the request's body
--          7 what digests are made with, if none was made yet     8.. numbers
-- Returns  {verdict, how many came onto it, how many were on it, how many calls to them go on, id, ...};
--          verdict: done | replayed | mismatch; what goes on had left before, and is not hung up. The ids are of those
--          whose request may just be leaving: none leaves any more once their state is no longer dialling
if #ARGV == 8 then write_though_full() end -- a call ends with it, or somebody asks; of many, a client fills Redis up
local list, answer, numbers, leaving, going_on = ARGV[1], P .. 'idem:' .. ARGV[5], {}, {}, 0
for index = 8, #ARGV do numbers[ARGV[index]] = true end
for _, call in ipairs(redis.call('SMEMBERS', P .. 'live')) do
  local task = redis.call('HMGET', P .. 'task:' .. call, 'to', 'state', 'client', 'bulk')
  local concerns = numbers[task[1]] and task[2] ~= 'dispatched' and call ~= ARGV[3]
  if concerns and (list == 'service' or list == 'of:' .. client_of(task[3], task[4])) then
    going_on = going_on + 1
    if task[2] == 'dialling' then table.insert(leaving, call) end
  end
end
local function told(verdict, added, known, others) return {verdict, tostring(added), tostring(known), tostring(others), unpack(leaving)} end
if ARGV[5] ~= '' then
  local first = redis.call('HMGET', answer, 'fingerprint', 'added', 'known', 'going_on')
  if first[1] then
    redis.call('HSET', answer, 'fingerprint', first[1]) -- a write, so that WAIT after it waits for the replicas again
    return told(first[1] == ARGV[6] and 'replayed' or 'mismatch', first[2] or '0', first[3] or '0', first[4] or '0')
  end
end
redis.call('SETNX', P .. 'optout_salt', ARGV[7])
local told_of = {at_ms = int(now_ms), by = ARGV[2], call = ARGV[3], source = ARGV[4]}
local added = 0
for index = 8, #ARGV do
  if opt_out(list, ARGV[index], told_of) then added = added + 1 end
end
local known = #ARGV - 7 - added
if ARGV[5] ~= '' then
  redis.call('HSET', answer, 'fingerprint', ARGV[6], 'added', added, 'known', known, 'going_on', going_on,
    'id', '', 'created_ms', int(now_ms), 'start_ms', int(now_ms)) -- as accept.lua has it
  redis.call('PEXPIRE', answer, 86400000)
end
return told('done', added, known, going_on)
