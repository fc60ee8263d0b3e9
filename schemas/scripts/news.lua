-- news.lua: what Twilio tells of a call that it has.
--
-- ARGV     1 call id
--          2 callback (Twilio posted it, signed) | fetch (asked for by the SID) | guess (looked up by the numbers) | list (told apart by a whole list)
--          3 number of the attempt that it is about     4 call SID     5 To     6 From
--          7 when to look at the call next, milliseconds from now
--          8 how long a finished record is kept, milliseconds
--          9 guess: another request that left within so many milliseconds may have made the call as well
--          10 SequenceNumber, '' if it has none        11 the form as posted, to be passed on to the client; '' for none
--          12.. fields and values to set
-- Returns  {verdict, state, '1' if the call is to be hung up, '1' if there is news to pass on};
--          verdict: done | late (the call had ended: only what was missing is filled in) | moved (it is about another
--          attempt, or the call is where Twilio has none) | foreign (it is about another call) | taken (the SID belongs to
--          another call or attempt) | ambiguous (another request may have made the call) | gone (no such call)
write_though_full()
local id, kind, sid, retention_ms = ARGV[1], ARGV[2], ARGV[4], ARGV[8]
local call = call_of(id)
if not call then return {'gone', '', '0', '0'} end
local key, late = P .. 'task:' .. id, call.state == 'ended'
local told
for index = 12, #ARGV, 2 do told = ARGV[index] == 'call_status' and ARGV[index + 1] or told end

-- Why it says nothing of this call; nil if it does.
local function obstacle()
  local doubtful = call.state == 'confirming' or call.state == 'unknown'
  local certain = call.state == 'dialling' or call.state == 'placed' or call.state == 'rejected' or late
  if ARGV[3] ~= (call.attempt_number or '1') then return 'moved' end
  if not doubtful and (kind == 'guess' or kind == 'list' or not certain) then return 'moved' end
  if call.sid then return call.sid ~= sid and 'foreign' or nil end
  if kind == 'fetch' or sid == '' or ARGV[5] ~= call.to or ARGV[6] == '' or ARGV[6] ~= call.from then return 'foreign' end
  if redis.call('EXISTS', P .. 'sid:' .. sid) == 1 then return 'taken' end
  return kind == 'guess' and is_ambiguous(call, tonumber(ARGV[9])) and 'ambiguous' or nil
end

local verdict = obstacle()
if verdict then
  local its = verdict == 'moved' and ARGV[10] ~= '' and cjson.decode(redis.call('HGET', key, 'attempts') or '[]')[tonumber(ARGV[3])]
  local overtaken = its and its.sid == sid -- by the end of an attempt before, which is kept until it comes
  return {verdict, call.state, call.hang_up or '0', overtaken and relay(id, call.campaign, ARGV[10], ARGV[11], ARGV[3]) or '0'}
end
name_call(call, sid, retention_ms)
local learnt = {}
for index = 12, #ARGV, 2 do
  if late and ARGV[index] ~= 'call_status' then
    redis.call('HSETNX', key, ARGV[index], ARGV[index + 1])
  elseif ARGV[index] ~= 'call_status' then
    table.insert(learnt, ARGV[index])
    table.insert(learnt, ARGV[index + 1])
  end
end
if #learnt > 0 then redis.call('HSET', key, unpack(learnt)) end
-- Whether another attempt follows hangs on who answered, which may have come with the end.
local relayed = ARGV[11] ~= '' and relay(id, call.campaign, ARGV[10], ARGV[11]) or '0'

-- A call that ended without a word from Twilio gets the word that comes later.
local before, known, final, status = call.state, call.call_status, FINAL_STATUSES[told or ''], told
local lost = late and final and not FINAL_STATUSES[known]
if status and (lost or not late and comes_after(status, known)) then
  redis.call('HSET', key, 'call_status', status)
else
  status = known
end
if late then
  if lost then tell_end(id, call.campaign, 'ended', status) end
  if lost and call.campaign then
    recount(call.campaign, count_of('ended', known, call.hang_up), count_of('ended', status, call.hang_up), retention_ms)
  end
  if call.campaign then mark_call(call.campaign, id) end
  return {'late', call.state, call.hang_up or '0', relayed}
end
local over = final or told == 'unknown'
become(call, over and 'ended' or 'placed', retention_ms, status)
if not over then follow(call, before, tonumber(ARGV[7])) end
return {'done', call.state, call.hang_up or '0', relayed}
