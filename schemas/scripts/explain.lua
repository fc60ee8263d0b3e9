-- explain.lua: all that decides when a task may go; schemas/waiting.py makes a sentence of it. Changes nothing.
--
-- ARGV     1 id of a call or a campaign
--          2 age up to which a worker's pulse is fresh, milliseconds     3 the same for a beat's
-- Returns  {field, value, ...}: the fields of schemas.waiting.Facts; {} if there is no such task
local id = ARGV[1]
local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'state', 'bulk', 'due_ms', 'slot_us', 'rank')
if not task[2] then return {} end
local facts = {}
local function tell(field, value)
  table.insert(facts, field)
  table.insert(facts, tostring(value or ''))
end

-- A call of a campaign that waits again stands at the head of the campaign's numbers: it waits as its campaign does.
local campaign = task[1] == 'bulk' and id or task[3]
local waits = campaign or id
local line, others = 'ready:calls', 'ready:campaigns'
if campaign then line, others = others, line end
local score = redis.call('ZSCORE', P .. line, waits) or string.format('%.3f', task[6] * RANK_STEP + task[4])
local ahead = redis.call('ZRANK', P .. line, waits) or redis.call('ZCOUNT', P .. line, '-inf', '(' .. score)
local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
local halt = redis.call('HMGET', P .. 'halt', 'reason', 'probe_ms')

tell('now_us', int(now_us))
tell('campaign', campaign)
tell('state', task[2])
tell('due_ms', task[4])
tell('slot_us', task[5])
tell('later_ms', redis.call('ZSCORE', P .. 'later', waits))
tell('check_ms', redis.call('ZSCORE', P .. 'checks', id))
tell('ahead', ahead)
tell('ahead_in_other_line', redis.call('ZCOUNT', P .. others, '-inf', '(' .. score))
tell('account_free_us', account[1])
tell('paused_us', account[2])
tell('singles_free_us', redis.call('HGET', P .. 'pace:singles', 'free_us'))
tell('live', redis.call('SCARD', P .. 'live'))
tell('overdue', overdue() >= MOST_OVERDUE and overdue() or 0)
tell('halt_reason', halt[1])
tell('probe_ms', halt[2])
tell('drained_ms', redis.call('HGET', P .. 'drain', 'since_ms'))
tell('workers', redis.call('ZCOUNT', P .. 'workers', int(now_ms - ARGV[2]), '+inf'))
tell('beats', redis.call('ZCOUNT', P .. 'beats', int(now_ms - ARGV[3]), '+inf'))
if campaign then
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'live', 'max_live', 'free_us')
  tell('campaign_live', its[1])
  tell('campaign_max_live', its[2])
  tell('campaign_free_us', its[3])
  tell('numbers', redis.call('LLEN', P .. 'numbers:' .. campaign))
end
return facts
