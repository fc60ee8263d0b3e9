-- explain.lua: a record, and what decides when its task may go; schemas/waiting.py makes a sentence of it. Changes nothing.
--
-- ARGV     1 id of a call or a campaign
--          2 age up to which a worker's pulse is fresh, milliseconds     3 the same for a beat's
--          4 cap on live calls
-- Returns  {the record: {field, value, ...}, {from, metadata} of the campaign of a call that has one,
--           {field, value, ...} of schemas.waiting.Facts: behind the first obstacle nothing more is looked up};
--          {} if there is no such task
local id = ARGV[1]
local flat = redis.call('HGETALL', P .. 'task:' .. id)
if #flat == 0 then return {} end
local record = {}
for index = 1, #flat, 2 do record[flat[index]] = flat[index + 1] end

-- A call of a campaign that waits again stands at the head of the campaign's numbers: it waits as its campaign does.
local campaign = record.kind == 'bulk' and id or record.bulk
local waits = campaign or id
local facts = {}

-- True if the fact holds the task up; a later obstacle does not matter then. What is 0 need not be told.
local function tell(field, value, obstacle)
  if value and value ~= 0 then table.insert(facts, field) table.insert(facts, tostring(value)) end
  return obstacle
end

local function alive(name, fresh_ms) return redis.call('ZCOUNT', P .. name, int(now_ms - fresh_ms), '+inf') end
local function place_in_line()
  local line, others = 'ready:calls', 'ready:campaigns'
  if campaign then line, others = others, line end
  local score = redis.call('ZSCORE', P .. line, waits) or string.format('%.3f', (record.rank or 2) * RANK_STEP + record.due_ms)
  tell('ahead', redis.call('ZRANK', P .. line, waits) or redis.call('ZCOUNT', P .. line, '-inf', '(' .. score))
  tell('ahead_in_other_line', redis.call('ZCOUNT', P .. others, '-inf', '(' .. score))
  tell('singles_free_us', redis.call('HGET', P .. 'pace:singles', 'free_us'))
end

local function why_it_waits()
  local due_ms = tonumber(record.due_ms)
  if not due_ms or tell('due_ms', record.due_ms, due_ms > now_ms) then return end
  local later = redis.call('ZSCORE', P .. 'later', waits)
  if tell('later_ms', later, later and tonumber(later) > now_ms) then return end
  local drained = redis.call('HGET', P .. 'drain', 'since_ms')
  if tell('drained_ms', drained, drained) then return end
  local workers = alive('workers', ARGV[2])
  if tell('workers', workers, workers == 0) then return end
  local late = overdue()
  if tell('overdue', late >= MOST_OVERDUE and late or 0, late >= MOST_OVERDUE) then return end
  local beats = alive('beats', ARGV[3])
  if tell('beats', beats, beats == 0) then return end
  local halt = redis.call('HMGET', P .. 'halt', 'reason', 'probe_ms')
  tell('probe_ms', halt[2])
  if tell('halt_reason', halt[1], halt[1]) then return end
  local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
  tell('account_free_us', account[1])
  if tell('paused_us', account[2], tonumber(account[2] or 0) > now_us) then return end
  local live = redis.call('SCARD', P .. 'live')
  if tell('live', live, live >= tonumber(ARGV[4])) then return end
  if campaign then
    local its = redis.call('HMGET', P .. 'task:' .. campaign, 'live', 'max_live')
    tell('campaign_max_live', its[2])
    if tell('campaign_live', its[1], tonumber(its[1] or 0) >= tonumber(its[2] or 0)) then return end
  end
  place_in_line()
end

tell('now_us', int(now_us))
tell('campaign', campaign)
tell('state', record.state)
local numbers = record.kind == 'bulk' and record.state == 'active' and redis.call('LLEN', P .. 'numbers:' .. id) or 0
tell('numbers', numbers)
if record.state == 'waiting' or numbers > 0 then
  why_it_waits()
elseif not FINAL[record.state] then
  tell('workers', alive('workers', ARGV[2]))
  tell('slot_us', record.slot_us)
  tell('check_ms', redis.call('ZSCORE', P .. 'checks', id))
  tell('campaign_live', record.live)
end
local shared = record.bulk and redis.call('HMGET', P .. 'task:' .. record.bulk, 'from', 'metadata') or {}
return {flat, shared, facts}
