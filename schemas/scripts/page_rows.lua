-- page_rows.lua: some rows of a campaign, in the order given, or the one row of a call.
--
-- ARGV     1 id of a campaign or a call     2 how many rows of it are passed over     3 most rows
--          4 marks that are wanted, '' for any     5.. fields of their records
-- Returns  {} if there is no such task; {the place behind which the next page begins, '' if nothing follows,
--           {place, row, mark, millisecond at which it is tried again or '', {value of each field} of its record,
--            millisecond at which its windows open, 1 if that is being worked out, or '' if they are no matter}, ...}
write_though_full()
local id, wanted, most = ARGV[1], ARGV[4], tonumber(ARGV[3])
local kind = redis.call('HGET', P .. 'task:' .. id, 'kind')

local function record_of(call) return redis.call('HMGET', P .. 'task:' .. call, unpack(ARGV, 5)) end

local has_sets

local function opens_at(campaign, place, mark)
  has_sets = has_sets or redis.call('EXISTS', P .. 'sets:' .. campaign)
  if has_sets == 0 or mark ~= MARKS.waiting and mark ~= MARKS.again then return '' end
  local opens_ms, closes_ms = opening_of(campaign, place)
  if not opens_ms or opens_ms <= now_ms and now_ms < closes_ms then return '' end
  return opens_ms > now_ms and int(opens_ms) or '1'
end

local function tell_row(campaign, place, mark)
  local call = campaign .. '-' .. int(place)
  return {place, redis.call('LINDEX', P .. 'rows:' .. campaign, int(place - 1)) or '', mark,
    mark == MARKS.again and redis.call('ZSCORE', P .. 'again:' .. campaign, call) or '',
    mark ~= MARKS.waiting and record_of(call) or {}, opens_at(campaign, place, mark)}
end

if kind and kind ~= 'bulk' and kind ~= 'bulk_call' then
  local its = fields_of(id, 'to', 'state', 'call_status', 'hang_up', 'answered_by', 'reason', 'last_mark')
  local mark = mark_of(its.state, its.call_status, its.hang_up, its.answered_by, its.reason, its.last_mark)
  if wanted ~= '' and not string.find(wanted, mark, 1, true) then return {''} end
  return {'', {1, string.gsub(its.to or '', '^%+', ''), mark, '', record_of(id)}}
end
if kind ~= 'bulk' then
  local campaign, place = row_named(id)
  if not campaign then return {} end
  move_rows(campaign)
  local mark = mark_at(campaign, place)
  if wanted ~= '' and not string.find(wanted, mark, 1, true) then return {''} end
  return {'', tell_row(campaign, place, mark)}
end

move_rows(id)
local at = tonumber(ARGV[2])
local marks = redis.call('GETRANGE', P .. 'marks:' .. id, int(at), int(at + MARKS_AT_ONCE - 1))
local more = redis.call('STRLEN', P .. 'marks:' .. id) > at + #marks
local answer, found = {more and int(at + #marks) or ''}, 0
while #answer <= most do
  found = wanted == '' and (found < #marks and found + 1 or nil) or wanted ~= '' and string.find(marks, '[' .. wanted .. ']', found + 1)
  if not found then return answer end
  table.insert(answer, tell_row(id, at + found, string.sub(marks, found, found)))
end
if more or found < #marks then answer[1] = int(at + found) end
return answer
