-- report.lua: a part tells of itself, or that it leaves. If workers were told different limits, the strictest hold.
--
-- ARGV     1 name of the part     2 what it tells, as JSON; '' if it leaves     3 the Twilio account that it uses; '' for none
-- Returns  {'1', or '0' if the calls here are of another account: nothing is recorded then; the account of the calls here,
--          the highest version of records that a worker with a pulse knows; 0 if none told}
write_though_full()
redis.call('PUBLISH', P .. 'reports', '')  -- heard by nobody: who may not publish, as `nudge` does, is to know it by this
local name, told, account = ARGV[1], ARGV[2], ARGV[3]
redis.call('ZREMRANGEBYSCORE', P .. 'parts', '-inf', int(now_ms - PART_FRESH_MS))
local owner = redis.call('GET', P .. 'account')
if told == '' then
  redis.call('ZREM', P .. 'parts', name)
elseif owner and account ~= '' and owner ~= account then
  return {'0', owner}
else
  if account ~= '' and not owner then
    redis.call('SET', P .. 'account', account)
    owner = account
  end
  redis.call('ZADD', P .. 'parts', int(now_ms), name)
  redis.call('HSET', P .. 'told', name, told)
end

local strictest, differ, newest = {}, false, 0
local function compare(kind, own, stricter)
  if not own then return end
  if strictest[kind] and strictest[kind] ~= own then differ = true end
  if not strictest[kind] or stricter(tonumber(string.match(own, '^%d+')), tonumber(string.match(strictest[kind], '^%d+'))) then
    strictest[kind] = own
  end
end
local function more(one, other) return one > other end
local function less(one, other) return one < other end

local parts = redis.call('HGETALL', P .. 'told')
for index = 1, #parts, 2 do
  if redis.call('ZSCORE', P .. 'parts', parts[index]) then
    local its = cjson.decode(parts[index + 1])
    compare('account', its.account, more)
    compare('singles', its.singles, more)
    compare('live', its.live, less)
    local pulse_ms = tonumber(redis.call('ZSCORE', P .. 'workers', parts[index]) or 0)
    if now_ms - pulse_ms <= WORKER_FRESH_MS then newest = math.max(newest, its.records or 0) end
  else
    redis.call('HDEL', P .. 'told', parts[index])
  end
end
if differ then
  redis.call('HSET', P .. 'strictest', 'account', strictest.account, 'singles', strictest.singles, 'live', strictest.live)
else
  redis.call('DEL', P .. 'strictest')
end
return {'1', owner or '', newest}
