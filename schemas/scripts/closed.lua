-- closed.lua: what is closed, for a sweep to plan the next opening: calls, sets of zones of a campaign, campaigns of which
-- nothing was planned yet. What has expired ends.
--
-- ARGV     1 how long a finished record is kept, milliseconds
--          2 lease: another sweep gets them after this many milliseconds, if this one dies
--          3 most of them
-- Returns  {'1' if there may be more of them, now_ms, kind, id, to, windows, zones, kind, ...}, '' for what it has not; kind:
--          call (zones: where its client says that it is) | set (its id: campaign#letter) | campaign
write_though_full()
local answer = {'0', int(now_ms)}
if redis.call('EXISTS', P .. 'copy') == 1 then return answer end

local function hand_out(...)
  redis.call('ZADD', P .. 'closing', int(now_ms + ARGV[2]), (select(2, ...)))
  for _, value in ipairs({...}) do table.insert(answer, value or '') end
end

local function look_at_set(member, campaign, letter)
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'state', 'windows', 'unplanned')
  local zones = redis.call('HGET', P .. 'zones:' .. campaign, letter)
  if its[1] ~= 'active' or its[3] or not zones then return redis.call('ZREM', P .. 'closing', member) end
  hand_out('set', member, '', its[2], zones)
  rejoin(campaign)
end

local function look_at_campaign(id)
  local its = redis.call('HMGET', P .. 'task:' .. id, 'state', 'windows', 'unplanned', 'expires_ms')
  redis.call('ZREM', P .. 'closing', id)
  if its[1] ~= 'active' then return end
  if its[4] and tonumber(its[4]) <= now_ms then
    if redis.call('HSET', P .. 'task:' .. id, 'expired', '1') == 1 then log_deed(id, nil, 'expired') end
    redis.call('ZADD', P .. 'steps', int(now_ms), id)
    rejoin(id)
  elseif its[3] then
    hand_out('campaign', id, '', its[2], '')
  elseif its[4] then
    redis.call('ZADD', P .. 'closing', its[4], id)
  end
end

local function look_at_row(id)
  local campaign, place = row_named(id)
  redis.call('ZREM', P .. 'closing', id)
  if campaign and mark_at(campaign, place) == MARKS.waiting then end_row(campaign, place, MARKS.expired, ARGV[1]) end
end

local function look_at_call(call)
  local its = fields_of(call.id, 'rank', 'client', 'windows', 'timezone', 'expires_ms')
  if call.state == 'dispatched' or call.state == 'dialling' then -- it may come to wait again
    redis.call('ZADD', P .. 'closing', int(now_ms + 2000), call.id)
  elseif call.state ~= 'waiting' then
    redis.call('ZREM', P .. 'closing', call.id)
  else
    if not call.bulk then leave_line(call.id, 'c', its.rank, its.client) end
    if tonumber(its.expires_ms or math.huge) <= now_ms then return expire_call(call, ARGV[1]) end
    if call.bulk then return redis.call('ZREM', P .. 'closing', call.id) end
    hand_out('call', call.id, call.to, its.windows, its.timezone)
  end
end

local over = redis.call('ZRANGEBYSCORE', P .. 'closing', '-inf', int(now_ms), 'LIMIT', 0, ARGV[3])
for _, member in ipairs(over) do
  local campaign, letter = string.match(member, '^(.+)#(.)$')
  local kind = redis.call('HGET', P .. 'task:' .. member, 'kind')
  if campaign then look_at_set(member, campaign, letter)
  elseif kind == 'bulk' then look_at_campaign(member)
  elseif not kind then look_at_row(member)
  else look_at_call(call_of(member)) end
end
answer[1] = #over >= tonumber(ARGV[3]) and '1' or '0'
return answer
