-- explain.lua: records, and what decides when their tasks may go; schemas/explanation.py makes a sentence of it. Changes nothing.
--
-- ARGV     1 most minutes of calls in one UTC day; 0: any     2.. ids of calls and campaigns
-- Returns  {{the record: {field, value, ...}, a campaign's with `dispatched`, {from, metadata} of a call's campaign,
--            {field, value, ...} of Facts in explain.py}, ...};
--          {} in the place of a task that does not exist
local obstacles

-- What holds up all is read once.
local function tell_all_obstacles(tell)
  if not obstacles then
    obstacles = {}
    tell_obstacles(function(field, value) table.insert(obstacles, {field, value}) end, ARGV[1])
  end
  for _, one in ipairs(obstacles) do tell(one[1], one[2]) end
end

local function explain_one(id)
  local flat = record_of(id)
  if #flat == 0 then return {} end
  local record = {}
  for index = 1, #flat, 2 do record[flat[index]] = flat[index + 1] end
  local dispatched = record.kind == 'bulk' and add_dispatched(id, flat) or 0

  -- A call of a campaign waits as its campaign does, unless its own time comes later.
  local campaign = record.kind == 'bulk' and id or record.bulk
  local waits, facts = campaign or id, {}

  -- What is 0 need not be told.
  local function tell(field, value)
    if value and value ~= 0 then table.insert(facts, field) table.insert(facts, tostring(value)) end
  end

  local client = record.client or record.bulk and redis.call('HGET', P .. 'task:' .. campaign, 'client')
  local function place_in_line(since_ms)
    local calls, campaigns = ahead(record.rank or 2, client, since_ms)
    tell('ahead', campaign and campaigns or calls)
    tell('ahead_in_other_line', campaign and calls or campaigns)
  end

  -- A call that waits again has a time of its own, of a campaign's among those, else in its line.
  local function why_it_waits()
    local due_ms, line = tonumber(record.due_ms), P .. 'line:' .. line_of(campaign and 'b' or 'c', record.rank, client)
    if not due_ms then return end
    if campaign then add_opening(id, campaign, record) end
    local own = record.bulk and redis.call('ZSCORE', P .. 'again:' .. campaign, id)
    local line_ms = tonumber(redis.call('ZSCORE', line, waits) or 0)
    local at_ms = math.max(line_ms, tonumber(own or 0))
    local again_ms = tonumber(own or not campaign and record.tries and line_ms or 0)
    tell('due_ms', due_ms > now_ms and record.due_ms)
    tell('opens_ms', record.opens_ms)
    tell('closes_ms', record.closes_ms)
    tell('later_ms', at_ms * 1000 > now_us and string.format('%.3f', at_ms))
    local capped = tonumber(record.capped_ms or 0) > now_ms
    tell('capped_ms', capped and record.capped_ms)
    tell('again_ms', not capped and again_ms * 1000 > now_us and string.format('%.3f', again_ms))
    tell_all_obstacles(tell)
    local its = redis.call('HMGET', P .. 'task:' .. waits, 'live', 'max_live', 'delay_us', 'next')
    tell('campaign_live', its[1])
    tell('campaign_max_live', its[2])
    tell('delay_us', its[3])
    tell('rows_before', rows_before(id, its[4]))
    if due_ms <= now_ms and at_ms * 1000 <= now_us then place_in_line(at_ms > 0 and at_ms or due_ms) end
  end

  tell('now_us', int(now_us)) tell('campaign', campaign) tell('state', record.state) tell('edits', record.edits)
  local of_campaign = record.bulk and not FINAL[record.state] and redis.call('HGET', P .. 'task:' .. campaign, 'paused_reason')
  tell('paused', record.paused_reason or of_campaign)
  local numbers = record.kind == 'bulk' and record.state == 'active' and waiting_rows(id) or 0
  tell('numbers', numbers)
  if record.kind == 'bulk' then
    tell('dispatched', dispatched)
    tell('again_later', redis.call('ZCOUNT', P .. 'again:' .. id, '(' .. now_exact_ms, '+inf'))
  end
  if record.state == 'waiting' or numbers > 0 then
    why_it_waits()
  elseif not FINAL[record.state] then
    tell('workers', alive('workers', WORKER_FRESH_MS))
    tell('slot_us', record.slot_us)
    tell('check_ms', redis.call('ZSCORE', P .. 'checks', id))
    tell('campaign_live', (tonumber(record.live) or 0) - dispatched)
  end
  local shared = record.bulk and redis.call('HMGET', P .. 'task:' .. record.bulk, 'from', 'metadata') or {}
  return {flat, shared, facts}
end

local answer = {}
for index = 2, #ARGV do answer[index - 1] = explain_one(ARGV[index]) end
return answer
