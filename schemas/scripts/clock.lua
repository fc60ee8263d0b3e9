-- clock.lua: tells a beat what to wake now and how long to sleep. Reads only the heads of the queues.
--
-- ARGV     1 most live calls      2 wake so long before a slot, microseconds      3 name of this beat
-- Returns  {'1' if calls.dispatch is to be sent, '1' if calls.sweep is to be sent, milliseconds to sleep}
local never_us = now_us + 1e12
local function due_us(name)
  local head = redis.call('ZRANGE', P .. name, 0, 0, 'WITHSCORES')
  return head[2] and head[2] * 1000 or never_us
end

local function next_call_us()
  local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
  local account_us = math.max(tonumber(account[1] or 0), tonumber(account[2] or 0))
  local single_us = math.max(account_us, tonumber(redis.call('HGET', P .. 'pace:singles', 'free_us') or 0))
  local earliest_us = math.max(due_us('later'), account_us)
  if redis.call('EXISTS', P .. 'ready:calls') == 1 then earliest_us = math.min(earliest_us, single_us) end
  if redis.call('EXISTS', P .. 'ready:campaigns') == 1 then earliest_us = math.min(earliest_us, account_us) end
  return earliest_us - tonumber(ARGV[2])
end

-- A nudged beat comes here with every change of a call: only now and then is that worth a write, and its flush.
if now_ms - tonumber(redis.call('ZSCORE', P .. 'beats', ARGV[3]) or 0) >= 500 then
  redis.call('ZADD', P .. 'beats', int(now_ms), ARGV[3])
  redis.call('ZREMRANGEBYSCORE', P .. 'beats', '-inf', int(now_ms - 60000))
end
local probe_ms = redis.call('HGET', P .. 'halt', 'probe_ms')
local full = redis.call('SCARD', P .. 'live') >= tonumber(ARGV[1])
local drained = redis.call('EXISTS', P .. 'drain') == 1
local call_us = (probe_ms or full or drained) and never_us or next_call_us()
if overdue() >= MOST_OVERDUE then call_us = math.max(call_us, now_us + 250000) end
local check_us = math.min(due_us('checks'), probe_ms and probe_ms * 1000 or never_us)
if redis.call('ZCOUNT', P .. 'sweeps', int(now_ms), '+inf') >= MOST_SWEEPS then check_us = never_us end
local dispatch = call_us <= now_us and ask('dispatch') or '0'
local sweep = check_us <= now_us and ask('sweep') or '0'
local wait_us = never_us
for _, at_us in ipairs({call_us, check_us}) do
  wait_us = math.min(wait_us, at_us > now_us and at_us - now_us or patience_ms() * 1000)
end
return {dispatch, sweep, int(math.ceil(wait_us / 1000))}
