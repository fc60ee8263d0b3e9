-- explain.lua: records, and what decides when their tasks may go; schemas/explanation.py makes a sentence of it. Changes nothing.
--
-- ARGV     1 most minutes of calls in one UTC day; 0: any     2.. ids of calls and campaigns
-- Returns  {{field, value, ...} of Facts in explain.py, those of what waits that hold up all,
--           {the record: {field, value, ...}, a campaign's with `dispatched`, {from, metadata} of a call's campaign,
--            {field, value, ...} of its own Facts, 1 if those of all are its too, else 0}, ...};
--          {} in the place of a task that does not exist, what went wrong in that of one whose record is damaged
local function teller(facts)
  return function(field, value) -- what is 0 need not be told
    if value and value ~= 0 then table.insert(facts, field) table.insert(facts, tostring(value)) end
  end
end

local now_word = int(now_us)

local function explain(id)
  local flat = record_of(id)
  if #flat == 0 then return {} end
  local record = {}
  for index = 1, #flat, 2 do record[flat[index]] = flat[index + 1] end
  local dispatched = record.kind == 'bulk' and add_dispatched(id, flat) or 0
  local campaign, facts = record.kind == 'bulk' and id or record.bulk, {}
  local tell = teller(facts)
  tell('now_us', now_word) tell('campaign', campaign) tell('state', record.state) tell('edits', record.edits)
  local of_campaign = record.bulk and not FINAL[record.state] and redis.call('HGET', P .. 'task:' .. campaign, 'paused_reason')
  tell('paused', record.paused_reason or of_campaign)
  local numbers = record.kind == 'bulk' and record.state == 'active' and waiting_rows(id) or 0
  tell('numbers', numbers)
  if record.kind == 'bulk' then
    tell('dispatched', dispatched)
    tell('expires_ms', record.expires_ms)
    tell_numbers(tell, id, numbers)
  end
  local waits = record.state == 'waiting' or numbers > 0
  if waits then
    tell_reasons(tell, id, record, campaign, ARGV[1])
  elseif not FINAL[record.state] then
    tell('workers', alive('workers', WORKER_FRESH_MS))
    tell('slot_us', record.slot_us)
    local check_ms = redis.call('ZSCORE', P .. 'checks', id)
    tell('check_ms', check_ms and int(math.max(check_ms, now_ms)))
    tell('campaign_live', (tonumber(record.live) or 0) - dispatched)
  end
  local shared = record.bulk and redis.call('HMGET', P .. 'task:' .. record.bulk, 'from', 'metadata') or {}
  return {flat, shared, facts, waits and record.due_ms and 1 or 0}
end

local answer = {{}}
for index = 2, #ARGV do
  local went_well, told = pcall(explain, ARGV[index])
  answer[index] = went_well and told or tostring(type(told) == 'table' and told.err or told)
end
local tell_of_all = teller(answer[1])
for field, value in pairs(obstacles or {}) do tell_of_all(field, value) end
return answer
