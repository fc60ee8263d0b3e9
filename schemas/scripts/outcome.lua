-- outcome.lua: what came of one request that was to create a call.
--
-- ARGV     1 call id
--          2 tries of the record as the request's worker had it: what an older request came to says nothing any more
--          3 how much later than planned the request can have reached Twilio, microseconds; '' if that is not known
--          4 how long a finished record is kept, milliseconds
--          5 placed | later (surely not processed) | what a refusal is about: number | caller_id | account | ambiguous |
--            unknown (nobody knows whether Twilio took it)
--          6 placed: the call's SID; later: how long nothing goes, microseconds, '' if Twilio did not say;
--            else the reason, a sentence
--          7 placed: Twilio's status of the call; later and refusals: '1' if Twilio itself gave the answer
--          8 placed: when to look at the call next, milliseconds from now     9 how long it waits at Twilio, microseconds
-- Returns  {verdict, state, '1' if the call is to be hung up}; verdict: done | late (the call had ended) |
--          moved (its state is another) | taken (the SID belongs to another call) | gone (no such call)
--
-- A request's answer is certain knowledge, also of a call in doubt because its worker was held up. What may be about all
-- calls is judged by when requests left, not by when their answers came.
write_though_full()
local id, retention_ms, kind, reason = ARGV[1], ARGV[4], ARGV[5], ARGV[6]
local call = call_of(id)
if not call then return {'gone', '', '0'} end
local key = P .. 'task:' .. id
local function told(verdict) return {verdict, call.state, call.hang_up or '0'} end
if ARGV[2] ~= call.tries then return told('moved') end
if ARGV[3] ~= '' and call.arrives_us then note_arrived(id, call.campaign, call.tries, call.arrives_us + ARGV[3]) end

if kind == 'placed' then
  local sid, owner = ARGV[6], redis.call('GET', P .. 'sid:' .. ARGV[6])
  if owner and owner ~= id then return told('taken') end
  note_accepted(call.leaves_us)
  pause_account(math.min(tonumber(ARGV[9] or 0), MOST_PAUSE_US))
  if call.state == 'placed' and call.sid == sid then return told('done') end
  local before, over = call.state, call.state == 'ended'
  if not over and not become(call, 'placed', retention_ms) then return told('moved') end
  if not over or not call.sid then name_call(call, sid, retention_ms) end
  if over then return told('late') end
  if comes_after(ARGV[7], call.call_status) then redis.call('HSET', key, 'call_status', ARGV[7]) end
  follow(call, before, tonumber(ARGV[8]))
  return told('done')
end
local awaited = call.state == 'dialling' or call.state == 'confirming' and kind ~= 'unknown'
if not awaited then return told('moved') end
local function reject()
  if unwanted(call) then return become(call, 'cancelled', retention_ms) end
  redis.call('HSET', key, 'error', reason) -- which is told with its end
  become(call, 'rejected', retention_ms)
end

if ARGV[7] == '1' then note_answered(call.leaves_us) end
if kind == 'caller_id' and not call.from_given then kind = 'account' end
if kind == 'caller_id' then
  reject()
  local its = call.campaign and redis.call('HMGET', P .. 'task:' .. call.campaign, 'state', 'paused', 'from_numbers') or {}
  if its[1] == 'active' and its[2] ~= '1' and not its[3] then -- of several caller ids the others may do
    pause_by_itself(call.campaign, reason)
    rejoin(call.campaign)
  end
elseif kind == 'number' then
  reject()
elseif kind == 'account' then
  wait(call, refuse_account(call, reason), retention_ms)
elseif kind == 'ambiguous' then
  local times = redis.call('HINCRBY', key, 'ambiguous', 1)
  redis.call('HSETNX', key, 'ambiguous_us', int(now_us))
  note_streak(call, kind, reason)
  if times >= 3 and last_accepted_us() > tonumber(call.ambiguous_us or now_us) then reject()
  else wait(call, now_ms + (times == 1 and 10000 or 60000), retention_ms) end
elseif kind == 'later' then
  local times = reason == '0' and 0 or redis.call('HINCRBY', key, 'put_off', 1)
  local pause_us = pause_account(tonumber(reason) or math.min(30, 2 ^ (times - 1)) * 1e6)
  local after_others_ms = times < 3 and 0 or now_ms + pause_us / 1000 + 1000 -- it may be this call alone
  wait(call, math.max(tonumber(call.due_ms), after_others_ms), retention_ms)
else
  become(call, 'confirming', retention_ms)
  redis.call('HSET', key, 'doubt', reason)
  note_streak(call, kind, reason)
  check_in(id, 0, '0')
end
note_probe(id, kind, reason, ARGV[7] == '1')
return told('done')
