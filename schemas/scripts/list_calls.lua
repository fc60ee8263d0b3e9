-- list_calls.lua: calls of some tasks that were attempted or wait by themselves, and those that are live, with when each
-- changed last.
--
-- ARGV     1 most numbers of campaigns to look at: of each campaign those that began last
--          2 whose live calls are told besides: all | of:<client>; '' for none
--          3.. ids of tasks
-- Returns  {{id, updated_ms, number or '', its mark, its campaign or '', events that its client does not have}, ...}
write_though_full()
local left, whose, calls, told = tonumber(ARGV[1]), ARGV[2], {}, {}

local function tell_call(id, campaign)
  local its = redis.call('HMGET', P .. 'task:' .. id, 'updated_ms', 'to', 'undelivered', 'retrying', 'state', 'call_status',
    'hang_up', 'answered_by', 'reason', 'last_mark')
  if told[id] or not its[1] or not its[5] then return end
  told[id] = true
  local untold = (tonumber(its[3]) or 0) + (tonumber(its[4]) or 0)
  table.insert(calls, {id, its[1], its[2] or '', mark_of(unpack(its, 5, 10)), campaign or '', untold})
end

for _, id in ipairs(whose ~= '' and redis.call('SMEMBERS', P .. 'live') or {}) do
  local its = redis.call('HMGET', P .. 'task:' .. id, 'bulk', 'client')
  local client = its[2] or its[1] and redis.call('HGET', P .. 'task:' .. its[1], 'client') or ''
  if whose == 'all' or whose == 'of:' .. client then tell_call(id, its[1]) end
end
for index = 3, #ARGV do
  local id = ARGV[index]
  if redis.call('HGET', P .. 'task:' .. id, 'kind') ~= 'bulk' then
    tell_call(id)
  elseif left > 0 then
    move_rows(id)
    for _, call in ipairs(redis.call('ZRANGE', P .. 'again:' .. id, 0, math.min(left, 100) - 1)) do tell_call(call, id) end
    local last = tonumber(redis.call('HGET', P .. 'task:' .. id, 'next') or 0)
    for place = last, math.max(1, last - left + 1), -1 do tell_call(id .. '-' .. int(place), id) end
    left = left - math.min(left, last)
  end
end
return calls
