-- lines.lua: the lines in which tasks wait, due or not: one for each kind (c: calls, b: campaigns), rank and client.
--
-- closing  zset, waiting calls by the millisecond at which their windows close or they expire: a sweep plans them anew

local function line_of(kind, rank, client) return kind .. ':' .. (rank or 2) .. ':' .. (client or '') end

-- Lines of one client, or (nil) of all that there are.
local function lines_of(client)
  if not client then return redis.call('ZRANGE', P .. 'lines', 0, -1) end
  local lines = {}
  for rank = 1, RANKS do
    for _, kind in ipairs({'c', 'b'}) do table.insert(lines, line_of(kind, rank, client)) end
  end
  return lines
end

-- `lines` knows the head of each line; where it knows an earlier one, the admission that looks at the line corrects it.
-- Whether the line goes sooner for that.
local function stand(line, id, at_ms)
  local score = string.format('%.3f', at_ms)
  redis.call('ZADD', P .. 'line:' .. line, score, id)
  return redis.call('ZADD', P .. 'lines', 'LT', 'CH', score, line) == 1
end

local function leave_line(id, kind, rank, client)
  local line = line_of(kind, rank, client)
  redis.call('ZREM', P .. 'line:' .. line, id)
  if redis.call('EXISTS', P .. 'line:' .. line) == 0 then redis.call('ZREM', P .. 'lines', line) end
end

-- For what may go before beats look by themselves, as what is known to wait perhaps; what goes later they see then.
local function nudge_for_lines(known_ms)
  local soon_ms = now_ms + 2 * MOST_SLEEP_MS
  if (known_ms or math.huge) <= soon_ms or redis.call('ZCOUNT', P .. 'lines', '-inf', int(soon_ms)) > 0 then nudge() end
end

-- The millisecond from which on a call may not leave any more, since its windows close or it expires; nil: it always may.
local function over_ms_of(closes_ms, expires_ms)
  local over_ms = math.min(tonumber(closes_ms or math.huge), tonumber(expires_ms or math.huge))
  return over_ms < math.huge and over_ms or nil
end
