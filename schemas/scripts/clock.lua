-- clock.lua: tells a beat what to wake now and how long to sleep. Reads only the heads of the queues.
--
-- ARGV     1 most live calls      2 wake so long before a slot, microseconds      3 name of this beat
--          4 interval of the account pace, microseconds     5 interval of the single pace
--          6 how long a finished record is kept, milliseconds
--          7 most minutes of calls in one UTC day; 0: any
-- Returns  {'1' if calls.dispatch is to be sent, '1' if calls.sweep is to be sent, milliseconds to sleep}
write_though_full()
local never_us = now_us + 1e12
local account_interval_us, single_interval_us = strict_pace('account', ARGV[4]), strict_pace('singles', ARGV[5])
local function head_us(name)
  local head = redis.call('ZRANGE', P .. name, 0, 0, 'WITHSCORES')
  return head[2] and head[2] * 1000 or never_us
end

-- When the next call may go, as far as lines and paces tell.
local function next_call_us()
  if move_old_lines() then return now_us end
  local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us', 'way_us')
  local account_us = math.max(sound_us(account[1], MOST_AHEAD_US + MOST_LATE_SLOTS * account_interval_us), sound_us(account[2], MOST_PAUSE_US))
  local singles = redis.call('HGET', P .. 'pace:singles', 'free_us')
  local single_us = math.max(account_us, sound_us(singles, MOST_AHEAD_US + MOST_LATE_SLOTS * single_interval_us))
  local later = redis.call('ZRANGEBYSCORE', P .. 'lines', '(' .. now_exact_ms, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local earliest_us, from = later[2] and math.max(later[2] * 1000, account_us) or never_us, 0
  repeat -- until one is found for which nothing is too early: there may be very many lines
    local lines = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', now_exact_ms, 'LIMIT', from, 100)
    for _, line in ipairs(lines) do
      earliest_us = math.min(earliest_us, string.sub(line, 1, 1) == 'c' and single_us or account_us)
    end
    from = from + #lines
  until #lines < 100 or earliest_us <= account_us
  return earliest_us - tonumber(ARGV[2]) - (account[3] or 0)
end

-- A nudged beat comes here with every change of a call: only now and then is that worth a write, and its flush.
turn_back()
local copied = redis.call('EXISTS', P .. 'copy') == 1
if not copied then rescue(ARGV[6]) end
local writes = now_ms - tonumber(redis.call('ZSCORE', P .. 'beats', ARGV[3]) or 0) >= 500
if writes then
  heal_campaigns()
  tidy_index()
end
local held = redis.call('HMGET', P .. 'hold', 'stage', 'probe_ms')
local read_us = held[1] == 'read' and held[2] * 1000 or never_us
local full = redis.call('SCARD', P .. 'live') >= strict_live(ARGV[1])
local drained = stopped()
local call_us = never_us
if not (full or drained or held[1] == 'read') then call_us = math.max(next_call_us(), (probe_call_ms() or 0) * 1000) end
if used_up_ms(ARGV[7]) then call_us = math.max(call_us, (math.floor(now_ms / 86400000) + 1) * 86400e6) end
if overdue() >= MOST_OVERDUE then call_us = math.max(call_us, now_us + 250000) end
local check_us = math.min(head_us('checks'), head_us('forgets'), head_us('steps'), head_us('closing'), read_us)
if redis.call('ZCOUNT', P .. 'leases', int(now_ms), '+inf') >= MOST_LOOK_UPS or copied then check_us = never_us end
local dispatch = call_us <= now_us and ask('dispatch') or '0'
local sweep = check_us <= now_us and ask('sweep') or '0'
local wait_us = never_us
for _, at_us in ipairs({call_us, check_us, copied and never_us or head_us('stuck')}) do
  wait_us = math.min(wait_us, at_us > now_us and at_us - now_us or math.min(patience_ms(), 5000) * 1000)
end
if writes then -- at the end: a beat that cannot look at all of it has no pulse
  redis.call('ZADD', P .. 'beats', int(now_ms), ARGV[3])
  redis.call('ZREMRANGEBYSCORE', P .. 'beats', '-inf', int(now_ms - 60000))
end
return {dispatch, sweep, int(math.ceil(wait_us / 1000))}
