-- prelude.lua: stands before every script: the prefix, Redis's clock, the names of keys and what scripts share.
--
-- KEYS[1]  prefix of every key; the names below come after it
-- task:<id>         hash, the record of a call or a campaign
-- numbers:<id>      list, a campaign's numbers not yet admitted, and ids of its calls that wait again
-- idem:<digest>     hash: fingerprint, id, created_ms, start_ms of the request with that Idempotency-Key
-- day:<number>      how many numbers that UTC day, counted from 1970, has accepted
-- sid:<call SID>    the id of its call
-- later             zset, tasks by the millisecond at which they become due
-- ready:calls       zset, due calls by rank and due time; ready:campaigns likewise
-- live              set, calls that count against the cap on live calls
-- checks            zset, calls by the millisecond at which the sweep looks at them
-- sweeps            zset, sweeps at work by the millisecond at which they count as dead
-- pace:account      hash: free_us (first free slot), last_us (last call that left), paused_us (no call before)
-- pace:singles      hash: free_us, last_us; a campaign's record holds the same two
-- left:account      zset, '<call id>:<try>' of the newest requests by the latest microsecond at which they may have
--                   reached Twilio; left:singles and left:<campaign> likewise
-- slots:account     zset, admitted calls that have not left, by slot; slots:singles likewise
-- relay:<id>        zset, news of a call to be passed on to its client, by SequenceNumber: '<arrival, ms>|<form body>'
-- relays            zset, calls with such news by the millisecond of the next attempt
-- halt              hash, while the account refuses calls: reason, since_ms, probe_ms; halts: how often in a row
-- drain             hash, while the operator lets no call go: since_ms
-- nudge             channel: a message wakes every sleeping beat
-- asked:dispatch    set while a wake-up for calls.dispatch is under way; asked:sweep likewise
-- workers, beats    zsets, workers and beats by the millisecond of their last pulse
local P = KEYS[1]
local clock = redis.call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local now_ms = math.floor(now_us / 1000)

-- Field `v` of each record, and schemas.records.VERSION: which code wrote it. It grows when older code could do harm.
local VERSION = 1

local LIVE = {dispatched = true, dialling = true, confirming = true, placed = true}
local FINAL = {ended = true, rejected = true, unknown = true, cancelled = true}

-- Look-ups at Twilio happen one after another in a sweep, so this bounds how many it is asked at once.
local MOST_SWEEPS = 3

-- Lua's own conversion keeps 14 digits: too few for microseconds.
local function int(value) return string.format('%.0f', value) end

local function nudge() redis.call('PUBLISH', P .. 'nudge', '') end

-- How long a wake-up may be under way before it counts as lost. With no worker alive more of them only pile up.
local function patience_ms()
  return redis.call('ZCOUNT', P .. 'workers', int(now_ms - 10000), '+inf') > 0 and 1000 or 5000
end

-- '1' for the one who is to send the wake-up now; the others leave it to them.
local function ask(task)
  return redis.call('SET', P .. 'asked:' .. task, '1', 'NX', 'PX', patience_ms()) and '1' or '0'
end

-- A due task's place in line: by rank first, then by time. A double of this size still holds a few microseconds.
local RANK_STEP = 1e13
local function line_up(name, id, rank, due_ms)
  redis.call('ZADD', P .. name, string.format('%.3f', rank * RANK_STEP + due_ms), id)
end

-- The record is finished: it expires, and with it what points to it. An Idempotency-Key lives 24 h at least.
local function expire(id, retention_ms)
  local key = P .. 'task:' .. id
  redis.call('PEXPIRE', key, retention_ms)
  redis.call('PEXPIRE', P .. 'relay:' .. id, retention_ms)
  local names = redis.call('HMGET', key, 'sid', 'idem', 'created_ms')
  if names[1] then redis.call('PEXPIRE', P .. 'sid:' .. names[1], retention_ms) end
  if names[2] then redis.call('PEXPIREAT', P .. 'idem:' .. names[2], int(math.max(now_ms, names[3] + 86400000))) end
end

-- Calls that workers should have let go two seconds ago: with many, more would only wait there and not here. The sweep
-- rescues them; a slot that is a minute old belongs to a record that no sweep can use.
local MOST_OVERDUE, FORGOTTEN_US = 20, 60e6
local function overdue() return redis.call('ZCOUNT', P .. 'slots:account', int(now_us - FORGOTTEN_US), int(now_us - 2e6)) end

-- When the sweep looks at a live call; one that is to be hung up is never looked at later than planned.
local function check_in(id, milliseconds, hang_up)
  redis.call('ZADD', P .. 'checks', hang_up == '1' and 'LT' or 'CH', int(now_ms + milliseconds), id)
  if milliseconds == 0 then nudge() end
end
