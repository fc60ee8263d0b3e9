-- retiming.lua: windows of a campaign were changed: what waited for their opening waits for its own time again, and is put
-- off anew when that has come and they are closed.
--
-- A campaign's field `untimed`: where its calls that wait again are gone on with (ZSCAN).

local LOOKED_AT, SOON_MS = 500, 60000

local function time_anew(campaign)
  local key, again = P .. 'task:' .. campaign, P .. 'again:' .. campaign
  local seen = redis.call('ZSCAN', again, redis.call('HGET', key, 'untimed'), 'COUNT', LOOKED_AT)
  for index = 1, #seen[2], 2 do
    local id, at_ms = seen[2][index], tonumber(seen[2][index + 1])
    local its = at_ms > now_ms + SOON_MS and redis.call('HMGET', P .. 'task:' .. id, 'due_ms', 'capped_ms') or {}
    local own_ms = math.max(tonumber(its[1] or at_ms), tonumber(its[2] or 0))
    if own_ms < at_ms then redis.call('ZADD', again, int(own_ms), id) end
  end
  if seen[1] == '0' then redis.call('HDEL', key, 'untimed') else redis.call('HSET', key, 'untimed', seen[1]) end
  redis.call('ZADD', P .. 'steps', int(now_ms), campaign)
  rejoin(campaign)
end
