-- redeliver.lua: events that were not delivered, of a task and its calls, are tried again at once.
--
-- ARGV     1 id of a task, or of a campaign's call     2 most calls
-- Returns  {how many events, '1' if there are calls left for the next run}; {} if there is no such task
--
-- What was given up is repeated from anew; what is being repeated does not wait for its time, but for the end of a delivery
-- that is under way.
write_though_full()
local id, most = ARGV[1], tonumber(ARGV[2])
local task = redis.call('HMGET', P .. 'task:' .. id, 'kind', 'bulk')
if not task[1] then return row_named(id) and {0, '0'} or {} end -- a row that never began has no events
local troubled, count = P .. 'troubled:' .. (task[2] or id), 0

local function try_again(call, campaign)
  local to, lost = receiver_of(call, campaign), redis.call('HGETALL', P .. 'undelivered:' .. call)
  redis.call('DEL', P .. 'undelivered:' .. call)
  if not to then return end
  for index = 1, #lost, 2 do
    local event = cjson.decode(lost[index + 1])
    event.failures, event.declines, event.due_ms, event.first_ms = nil, nil, nil, nil
    keep(call, lost[index], event)
  end
  if #lost > 0 then redis.call('HINCRBY', P .. 'task:' .. call, 'undelivered', -#lost / 2) end
  count = count + #lost / 2
  for _, event in ipairs(events_of(call)) do
    if (event.due_ms or 0) > now_ms and event.failures then
      event.first_ms, event.due_ms, event.at_once = now_ms, event.under_way and event.due_ms or now_ms, event.under_way
      keep(call, event.name, event)
      count = count + 1
    end
  end
  if redis.call('EXISTS', P .. 'events:' .. call) == 1 then look_at(call, to.client, to.host, now_ms) end
end

if task[2] then
  redis.call('SREM', troubled, id)
  try_again(id, task[2])
  return {count, '0'}
end
for _, call in ipairs(redis.call('SPOP', troubled, most)) do
  if redis.call('EXISTS', P .. 'task:' .. call) == 1 then try_again(call, call ~= id and id) end
end
return {count, tostring(redis.call('EXISTS', troubled))}
