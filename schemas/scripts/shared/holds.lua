-- holds.lua: nothing goes while the account is refused, until a call is taken that goes as a probe.

local PROBE_GAP_MS = 30000

-- How long after so many failed probes the next one is due.
local function probe_gap_ms(probes) return math.min(PROBE_GAP_MS, 500 * 2 ^ math.min(probes, 6)) end

-- No call goes. In doubt about the numbers the next call in line is the probe; else a read goes before it, which costs none.
local function hold(kind, reason)
  if redis.call('EXISTS', P .. 'hold') == 1 then return end
  local read = kind ~= 'ambiguous'
  redis.call('HSET', P .. 'hold', 'kind', kind, 'reason', reason, 'since_us', int(now_us), 'probes', 0,
    'stage', read and 'read' or 'call', 'probe_ms', int(now_ms + (read and probe_gap_ms(0) or PROBE_GAP_MS)))
  nudge()
end

-- When the next call goes as a probe, milliseconds; nil while a read goes first, or nothing is held. And what is held, if
-- anything. The probe before is waited for no longer once it is over, as when it was cancelled on its way.
local function probe_call_ms()
  if not RARE then return end
  local held = redis.call('HMGET', P .. 'hold', 'stage', 'probe_ms', 'probing', 'kind')
  if held[1] ~= 'call' then return nil, held[4] end
  local is_over = held[3] and redis.call('SISMEMBER', P .. 'live', held[3]) == 0
  return is_over and 0 or tonumber(held[2]), held[4]
end

local function lift()
  if redis.call('DEL', P .. 'hold') == 1 then nudge() end
end

local function probe_in(milliseconds, stage)
  redis.call('HDEL', P .. 'hold', 'probing')
  redis.call('HSET', P .. 'hold', 'stage', stage, 'probe_ms', int(now_ms + milliseconds))
  nudge()
end

-- What came of a call that was not taken, if it was the probe; `own` if Twilio itself answered: then a hold for want of
-- answers is over, unless the account is refused.
local function note_probe(id, about, reason, own)
  local held = redis.call('HMGET', P .. 'hold', 'probing', 'kind')
  if held[1] ~= id then return end
  if about == 'account' then
    redis.call('HSET', P .. 'hold', 'kind', about, 'reason', reason)
    probe_in(probe_gap_ms(redis.call('HINCRBY', P .. 'hold', 'probes', 1)), 'read')
  elseif own and held[2] == 'unknown' then
    lift()
  elseif about == 'ambiguous' or about == 'unknown' then
    probe_in(PROBE_GAP_MS, 'call')
  else
    probe_in(1000, 'call')
  end
end

-- Nothing goes for so long, which is returned, unless it is to be longer already.
local function pause_account(pause_us)
  local paused_us = tonumber(redis.call('HGET', P .. 'pace:account', 'paused_us') or 0)
  if now_us + pause_us > math.max(paused_us, now_us) then
    redis.call('HSET', P .. 'pace:account', 'paused_us', int(now_us + pause_us))
  end
  return pause_us
end
