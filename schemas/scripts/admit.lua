-- admit.lua: chooses the calls that may go now and gives each its slot in time.
--
-- ARGV     1 interval of the account pace, microseconds     2 interval of the single pace, microseconds
--          3 most live calls                                4 horizon: admit slots up to this many microseconds ahead
--          5 most calls admitted by this run                6 age at which an admitted call counts as lost, ms
--          7 most minutes of calls in one UTC day; 0: any
-- Returns  ids of the admitted calls; their state is now `dispatched`
--
-- Both paces are taken together or not at all. A slot is a reservation: begin.lua lets the call out no earlier.
-- What may not leave at its slot is passed over, so many times in a run. Clients take turns while each has something due; of one client the best rank goes first, and in a rank the longest due.
local MOST_PASSED = 200
local run = redis.call -- looked up once
local account_us, single_us, most_live, probe_ms, held, halted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if RARE then account_us, single_us, most_live, probe_ms, held, halted = under_rarities(account_us, single_us, most_live) end
local account = run('HMGET', P .. 'pace:account', 'free_us', 'paused_us', 'way_us')
local horizon_us, most = now_us + ARGV[4] + (account[3] or 0), tonumber(ARGV[5])
local horizon_ms = horizon_us / 1000

run('DEL', P .. 'asked:dispatch')
local probes, live, passed = (probe_ms or math.huge) <= now_ms, run('SCARD', P .. 'live'), 0
local behind = live >= MOST_OVERDUE and overdue() >= MOST_OVERDUE -- what is overdue is live
if held and not probes or behind or halted or ARGV[7] ~= '0' and used_up_ms(ARGV[7]) then
  nudge_for_lines()
  return {}
end
if probes then most = 1 end

local account_free = math.max(sound_us(account[1], MOST_AHEAD_US + MOST_LATE_SLOTS * account_us), sound_us(account[2], MOST_PAUSE_US), now_us)
local singles_us = sound_us(run('HGET', P .. 'pace:singles', 'free_us'), MOST_AHEAD_US + MOST_LATE_SLOTS * single_us)
local single_free, admitted, singles, clients = math.max(singles_us, now_us), {}, 0, ripe_clients(horizon_ms)
if not clients[1] and move_old_lines() then clients = ripe_clients(horizon_ms) end
local shared, now_text, stuck_text, next_ms, turn = clients[2] ~= nil, int(now_ms), int(now_ms + ARGV[6]), nil, nil

while #admitted < most and passed < MOST_PASSED and live + #admitted < most_live and account_free <= horizon_us do
  local client, line = choose(clients, horizon_ms, single_free <= horizon_us)
  if not line then break end
  local single = line.kind == 'c'
  local slot_us = math.floor(math.max(account_free, single and single_free or 0, line.at_ms * 1000) + 0.5)
  local id, slot, task = line.id, int(slot_us), nil
  if single then
    task = P .. 'task:' .. id
    local its = run('HMGET', task, 'state', 'closes_ms', 'expires_ms') -- it may be lost
    local shut = (its[2] or its[3]) and over_ms_of(its[2], its[3]) * 1000 <= slot_us -- a sweep plans its next opening
    id = its[1] == 'waiting' and not shut and id
  else
    run('ZREMRANGEBYRANK', P .. 'line:' .. line.name, '0', '0') -- by rank, for ZREM would search through cold memory
    id = take_from(id, slot_us, horizon_ms, probes and held ~= 'account')
  end
  if id then
    account_free, turn, admitted[#admitted + 1] = slot_us + account_us, client.turn, id
    run('ZADD', P .. 'stuck', stuck_text, id) -- first: where a key of another type ends this run, it is put back
    run('HSET', task or P .. 'task:' .. id, 'state', 'dispatched', 'slot_us', slot, 'updated_ms', now_text)
    run('ZADD', P .. 'slots:account', slot, id)
    run('SADD', P .. 'live', id)
  else
    passed = passed + 1
  end
  if single then
    if id then
      single_free, singles = slot_us + single_us, singles + 1
      run('ZADD', P .. 'slots:singles', slot, id)
    end
    run('ZREMRANGEBYRANK', P .. 'line:' .. line.name, '0', '0')
  end
  look_at_line(line)
  next_ms = line.at_ms
  if shared then take_turn(clients, id) end -- alone, a client needs no turns
end
if probes and admitted[1] then run('HSET', P .. 'hold', 'probing', admitted[1], 'probe_ms', int(now_ms + PROBE_LEASE_MS)) end
if #admitted > 0 then run('HSET', P .. 'pace:account', 'free_us', int(account_free)) end
if turn then run('HSET', P .. 'pace:account', 'turn', int(turn)) end
if singles > 0 then run('HSET', P .. 'pace:singles', 'free_us', int(single_free)) end
nudge_for_lines(next_ms)
return admitted
