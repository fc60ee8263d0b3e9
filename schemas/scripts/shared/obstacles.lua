-- obstacles.lua: what holds calls up, whosesoever they are.

local function alive(name, fresh_ms) return redis.call('ZCOUNT', P .. name, int(now_ms - fresh_ms), '+inf') end

-- Facts that decide when a call goes, each told as tell(name, value); nil for what is not so. schemas/scripts/explain.py
-- names them.
local function tell_obstacles(tell, most_minutes)
  tell('drained_ms', redis.call('HGET', P .. 'drain', 'since_ms') or redis.call('HGET', P .. 'copy', 'at_ms'))
  tell('workers', alive('workers', WORKER_FRESH_MS))
  tell('beats', alive('beats', BEAT_FRESH_MS))
  local late, hold = overdue(), redis.call('HMGET', P .. 'hold', 'reason', 'probe_ms')
  tell('overdue', late >= MOST_OVERDUE and late)
  tell('hold_reason', hold[1])
  tell('probe_ms', hold[2])
  local account = redis.call('HMGET', P .. 'pace:account', 'free_us', 'paused_us')
  tell('account_free_us', account[1])
  tell('paused_us', account[2])
  tell('singles_free_us', redis.call('HGET', P .. 'pace:singles', 'free_us'))
  tell('live', redis.call('SCARD', P .. 'live'))
  local used_ms = used_up_ms(most_minutes)
  tell('talked_ms', used_ms and int(used_ms))
end
