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

-- Look-ups at Twilio happen one after another in a sweep, so this bounds how many it is asked at once.
local MOST_SWEEPS = 3

-- A slot that is a minute old belongs to a record that no sweep can use.
local FORGOTTEN_US = 60e6

-- Lua's own conversion keeps 14 digits: too few for microseconds. Redis's keeps all of a whole number that a command
-- gets as it is, which also saves the string.
local function int(value) return string.format('%.0f', value) end

local function nudge() redis.call('PUBLISH', P .. 'nudge', '') end
