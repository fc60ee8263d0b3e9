-- now.lua: what waits, what is live and what holds it, all of it at one instant. Changes nothing; reads each live call.
--
-- ARGV     1 most minutes of calls in one UTC day; 0: any     2 most campaigns to name
--          3 client whose tasks are counted; none: everybody's
-- Returns  {{field, value, ...} of Facts in explain.py, {due calls, calls due later, due campaigns, campaigns due later},
--           millisecond of what is due longest and of what is due next; '' without such,
--           numbers of campaigns that wait, named or not,
--           {{id, name or '', numbers that wait, live, max_live, '1' if paused, due_ms, millisecond in its line or '',
--             millisecond at which its numbers' windows open, if it is in line for later; else '0',
--             numbers that wait for the time of their next attempt, and for a cap, in windows that are open,
--             1 while it is worked out when its windows open}, ...},
--           {state, live calls in it, ...}, calls with events to pass on}
local most, client, facts = tonumber(ARGV[2]), ARGV[3], {}
local function tell(field, value)
  if value and value ~= 0 then table.insert(facts, field) table.insert(facts, tostring(value)) end
end
tell('now_us', int(now_us))
tell_obstacles(tell, ARGV[1])

local campaigns, named = {}, {}
local function name_campaign(id, at_ms)
  if named[id] or #campaigns >= most then return end
  named[id] = true
  local its = redis.call('HMGET', P .. 'task:' .. id, 'name', 'counted', 'live', 'max_live', 'paused', 'due_ms', 'unplanned')
  local later, closed, open = {}, closed_letters(id)
  local sets = not its[7] and closed ~= '' and (not open or (tonumber(at_ms) or 0) > now_ms) and sets_of(id)
  local opens_ms = sets and (rows_open_ms(id, sets) or not open and tonumber(at_ms)) or 0
  tell_later(function(field, value) later[field] = value end, id, closed)
  table.insert(campaigns, {id, its[1] or '', its[2] or '0', its[3] or '0', its[4] or '0', its[5] or '', its[6] or '0', at_ms,
    int(opens_ms), int(later.again_later or 0), int(later.capped_later or 0), its[7] or '0'})
end

local counts, longest_ms, next_ms = {c = {0, 0}, b = {0, 0}}, nil, nil
for _, line in ipairs(lines_of(client)) do
  local kind, name = string.sub(line, 1, 1), P .. 'line:' .. line
  local count = redis.call('ZCARD', name)
  local due = count > 0 and redis.call('ZCOUNT', name, '-inf', now_exact_ms) or 0
  counts[kind][1], counts[kind][2] = counts[kind][1] + due, counts[kind][2] + count - due
  local first = due > 0 and redis.call('ZRANGE', name, 0, 0, 'WITHSCORES')[2]
  if first then longest_ms = math.min(longest_ms or math.huge, tonumber(first)) end
  local later = count > due and redis.call('ZRANGE', name, due, due, 'WITHSCORES')[2]
  if later then next_ms = math.min(next_ms or math.huge, tonumber(later)) end
  local room = kind == 'b' and most - #campaigns or 0
  local ids = room > 0 and redis.call('ZRANGE', name, 0, room - 1, 'WITHSCORES') or {}
  for index = 1, #ids, 2 do name_campaign(ids[index], ids[index + 1]) end
end

local states, order = {}, {}
for _, id in ipairs(redis.call('SMEMBERS', P .. 'live')) do
  local its = redis.call('HMGET', P .. 'task:' .. id, 'state', 'bulk', 'client')
  local whose = its[3] or its[2] and redis.call('HGET', P .. 'task:' .. its[2], 'client') or ''
  if its[1] and (not client or whose == client) then
    if not states[its[1]] then table.insert(order, its[1]) end
    states[its[1]] = (states[its[1]] or 0) + 1
    if its[2] then name_campaign(its[2], '') end
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'closing', '-inf', int(now_ms), 'LIMIT', 0, most)) do
  local its = redis.call('HMGET', P .. 'task:' .. id, 'unplanned', 'client')
  if its[1] and (not client or its[2] == client) then name_campaign(id, '') end
end
table.sort(order)
local live = {}
for _, state in ipairs(order) do
  table.insert(live, state)
  table.insert(live, states[state])
end

local numbers, untold = 0, 0
if client then
  numbers = tonumber(redis.call('HGET', P .. 'in_campaigns', client) or 0)
  for _, host in ipairs(redis.call('ZRANGE', P .. 'mail:' .. client, 0, 999)) do
    untold = untold + redis.call('ZCARD', P .. 'mail:' .. client .. '|' .. host)
  end
else
  for _, count in ipairs(redis.call('HVALS', P .. 'in_campaigns')) do numbers = numbers + count end
  untold = redis.call('SCARD', P .. 'untold')
end
local function text(ms) return ms and string.format('%.3f', ms) or '' end
return {facts, {counts.c[1], counts.c[2], counts.b[1], counts.b[2]}, text(longest_ms), text(next_ms), numbers, campaigns, live, untold}
