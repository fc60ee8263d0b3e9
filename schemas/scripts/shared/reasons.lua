-- reasons.lua: what decides when a task goes that waits, each told as tell(field, value).

-- By field what holds up all, which is read and told once, of however many tasks; nil as long as none waits.
local obstacles

local function look_at_obstacles(most_minutes)
  if obstacles then return end
  local found = {}
  tell_obstacles(function(field, value) found[field] = value end, most_minutes)
  obstacles = found
end

-- A call of a campaign waits as its campaign does, unless its own time comes later. A call that waits again has a time of its
-- own, of a campaign's among those, else in its line.
local function tell_reasons(tell, id, record, campaign, most_minutes)
  local shared = record.bulk and redis.call('HMGET', P .. 'task:' .. campaign, 'client', 'due_ms') or {}
  local client = record.client or shared[1]
  local due_ms, line = tonumber(shared[2] or record.due_ms), P .. 'line:' .. line_of(campaign and 'b' or 'c', record.rank, client)
  if not due_ms then return end
  if campaign then add_opening(id, campaign, record) end
  local own = record.bulk and redis.call('ZSCORE', P .. 'again:' .. campaign, id)
  local line_ms = tonumber(redis.call('ZSCORE', line, campaign or id) or 0)
  local at_ms = math.max(line_ms, tonumber(own or 0))
  local between = not campaign and tonumber(record.attempt_number or 1) > 1
  local again_ms = tonumber(own or (between or not campaign and record.tries) and line_ms or 0)
  tell('due_ms', not between and due_ms > now_ms and int(due_ms))
  tell('opens_ms', record.opens_ms)
  tell('closes_ms', record.closes_ms)
  tell('later_ms', at_ms * 1000 > now_us and string.format('%.3f', at_ms))
  local capped = tonumber(record.capped_ms or 0) > now_ms
  tell('capped_ms', capped and record.capped_ms)
  tell('again_ms', not capped and again_ms * 1000 > now_us and string.format('%.3f', again_ms))
  look_at_obstacles(most_minutes)
  if campaign then
    local its = redis.call('HMGET', P .. 'task:' .. campaign, 'live', 'max_live', 'delay_us', 'next', 'unplanned')
    tell('campaign_live', its[1])
    tell('campaign_max_live', its[2])
    tell('delay_us', its[3])
    tell('unplanned', its[5])
    tell('rows_before', rows_before(id, its[4]))
  end
  -- How much goes before it matters only while calls go, and when its own time has come.
  if obstacles.workers == 0 or obstacles.beats == 0 or obstacles.drained_ms or obstacles.hold_reason then return end
  if due_ms > now_ms or at_ms * 1000 > now_us then return end
  local calls, campaigns = ahead(record.rank or 2, client, at_ms > 0 and at_ms or due_ms)
  tell('ahead', campaign and campaigns or calls)
  tell('ahead_in_other_line', campaign and calls or campaigns)
end
