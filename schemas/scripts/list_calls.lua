-- list_calls.lua: calls of some tasks that were attempted or wait by themselves, and those that are live, with when each
-- changed last.
--
-- ARGV     1 most numbers of campaigns to look at: of each campaign the last that began or ended
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

-- Places of a campaign's numbers that began, or ended without, the last first. Not by `next`: before them some may wait for
-- their windows.
local unbegun = string.rep(MARKS.waiting, MARKS_AT_ONCE)

local function add_begun(places, page, behind, most)
  local at = string.find(page, '[^' .. MARKS.waiting .. ']') and #page or 0
  while at > 0 and #places < most do
    if string.sub(page, at, at) ~= MARKS.waiting then table.insert(places, behind + at) end
    at = at - 1
  end
end

local function begun_places(campaign, most)
  local marks, places = P .. 'marks:' .. campaign, {}
  local last = redis.call('STRLEN', marks)
  while last > 0 and #places < most do
    local first = math.max(0, last - MARKS_AT_ONCE)
    local page = redis.call('GETRANGE', marks, int(first), int(last - 1))
    local at = page == string.sub(unbegun, 1, #page) and 0 or #page
    while at > 0 and #places < most do
      local from = math.max(0, at - ROWS_AT_ONCE)
      add_begun(places, string.sub(page, from + 1, at), first + from, most)
      at = from
    end
    last = first
  end
  return places
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
    local places = begun_places(id, left)
    for _, place in ipairs(places) do tell_call(id .. '-' .. int(place), id) end
    left = left - #places
  end
end
return calls
