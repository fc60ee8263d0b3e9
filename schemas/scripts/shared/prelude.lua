-- prelude.lua: the prefix, Redis's clock, the names of keys and what all kinds of scripts share.
-- A script gets of the shared files what it uses: see schemas/lua/source.py. Keys of do-not-call lists: see barred.lua.
--
-- KEYS[1]  prefix of every key; the names below come after it
-- task:<id>         hash, the record of a call or a campaign
-- rows:<id>         a campaign's rows; marks:, again:, retry:, campaigns, steps: see rows.lua; numbers: list, before rows
-- tasks:<client>    zset, of its tasks: see index.lua
-- clients, tidying  those with such, and what keeps this true; begun: hash, calls that began lately: see begun.lua
-- idem:<digest>     hash: fingerprint, id, created_ms, start_ms of the request with that Idempotency-Key
-- day:<number>      how many numbers that UTC day, counted from 1970, has accepted
-- talk              hash: calls, how many Twilio may have, and since_ms, the sum of when each was begun
-- talked:<number>   minutes of calls that ended in that UTC day, each rounded up
-- sid:<call SID>    the id of its call
-- line:<line>       zset, tasks by the millisecond from which on they may go; a line is 'c' (calls) or 'b' (campaigns),
--                   a rank and a client, with colons between
-- lines             zset, lines by the millisecond of their head, or an earlier one; closing: zset, see lines.lua
-- in_campaigns      hash, clients by how many numbers of their campaigns wait, or of calls that are paused
-- turns             hash, of clients whose tasks were due together: how many calls each began, or may count as having begun
-- live              set, calls that count against the cap on live calls
-- checks            zset, calls by the millisecond at which a sweep asks Twilio about them
-- leases            zset, calls that a sweep asks about by the millisecond at which that sweep counts as dead
-- stuck             zset, dispatched and dialling calls by the millisecond at which their message, or worker, counts as lost
-- rescued           list, calls that were put back and the state that each was stuck in, for the log of the next sweep
-- doubt:<from>:<to> zset, calls between these numbers that ended unknown, by the millisecond at which their request left
-- streak:ambiguous  zset, called numbers that were refused in a row, by the microsecond at which the request left, as long
--                   as it is not known whether the account is refused; streak:unknown likewise: nobody knows the outcome
-- pace:account      hash: free_us (first free slot), paused_us (no call before),
--                   turn (of the client that began a call last), way_us (the longest way to Twilio),
--                   last_accepted_us (the newest request that Twilio took, by when it left), last_answered_us (answered itself)
-- pace:singles      hash: free_us; a campaign's record holds the same
-- left:account      zset, '<call id>:<try>' of the newest requests by the latest microsecond at which they may have
--                   reached Twilio; left:singles and left:<campaign> likewise
-- slots:account     zset, admitted calls that have not left, by slot; slots:singles likewise
-- events:<id>       hash, events of a call or a campaign that its client is to be told of, as JSON by name
-- untold            set, tasks with such events; log: list, what happened to a task: see log.lua
-- undelivered, troubled  what clients did not take: see deliveries.lua
-- mail              zset, clients by when one of their events is due; mail:<client> hosts, mail:<client>|<host> tasks likewise
-- relay:<id>        zset, what versions before 2 kept of a call's events; relays: zset, calls with such
-- turned            hash, names whose members still move back with a clock, by how many milliseconds; turned:<name> those
-- hold              hash, while no call goes: kind (account | ambiguous | unknown), reason, since_us, stage (read: a sweep
--                   probes by a read; call: the next call is the probe), probe_ms, probes (how many failed), probing
-- drain             hash, while the operator lets no call go: since_ms
-- forget:<id>       hash, a job that removes every trace of a number, which it holds no longer than that takes
-- forgotten:<id>    whose claim removed the record, for a minute
-- forgets           zset, jobs that go on by the millisecond of their next step; forget_rows: list, campaigns before them
-- forget_turns      hash, each name's newest place among them
-- forgetting        hash, numbers that are being forgotten, with whose tasks: what was accepted up to then does not begin
-- nudge, reports    channels: a message wakes every sleeping beat; one that nobody hears, see report.lua
-- asked:dispatch    set while a wake-up for calls.dispatch is under way; asked:sweep likewise
-- workers, beats    zsets, workers and beats by the millisecond of their last pulse
-- parts             zset, web processes, workers and beats by the millisecond of their last report
-- told              hash, by the same names: what they reported, as JSON (schemas/operation/part.py)
-- strictest         hash, while workers were told different limits: account, singles (paces), live
-- ended             hash: how many calls ended with each outcome, by the words of a campaign's counts
-- copy              hash, in a copy that `worker.admin backup` made, until it is restored or accepted: at_ms, id; no call goes
-- account           the Twilio account whose calls these are
-- broker            a mark, in the Redis over which messages go
local P = KEYS[1]
local clock = redis.call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local now_ms = math.floor(now_us / 1000)
local now_exact_ms = string.format('%.3f', now_us / 1000)

-- How many calls Twilio is asked about at once.
local MOST_LOOK_UPS = 3

-- A slot that is a minute old belongs to a record that no sweep can use.
local FORGOTTEN_US = 60e6

-- Lua's own conversion keeps 14 digits: too few for microseconds. Redis's keeps all of a whole number that a command
-- gets as it is, which also saves the string.
local format = string.format -- looked up once
local function int(value) return format('%d', value) end

-- When its memory is full, Redis still lets a script write what it has begun to write: what goes on with calls that were
-- accepted, or ends them, begins so. Only what brings new ones does not.
local function write_though_full() redis.call('DEL', P .. 'nothing') end

local function nudge() redis.call('PUBLISH', P .. 'nudge', '') end
