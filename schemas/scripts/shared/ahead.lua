-- ahead.lua: how much goes before a task. Clients take turns, so that of another client no more goes first than of one's own.

local MOST_COUNTED = 300 -- lines; with more, these stand for the others

-- What is due, which is counted once, for however many tasks: what each client has (c: calls, b: campaigns); how many
-- calls, and calls and campaigns together, clients have, the fewest first; and how many lines each counted one stands for.
local all_due

local function rising(counts)
  table.sort(counts)
  local sums = {[0] = 0}
  for index, count in ipairs(counts) do sums[index] = sums[index - 1] + count end
  return {counts = counts, sums = sums}
end

local function count_due()
  if all_due then return end
  local lines = redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', now_exact_ms, 'LIMIT', 0, MOST_COUNTED)
  all_due = {of = {}, stands_for = 1}
  if #lines == MOST_COUNTED then all_due.stands_for = redis.call('ZCOUNT', P .. 'lines', '-inf', now_exact_ms) / #lines end
  for _, line in ipairs(lines) do
    local kind, whose = string.match(line, '^(%a):%d+:(.*)$')
    local count = redis.call('ZCOUNT', P .. 'line:' .. line, '-inf', now_exact_ms)
    all_due.of[whose] = all_due.of[whose] or {c = 0, b = 0}
    all_due.of[whose][kind] = all_due.of[whose][kind] + count
  end
  local calls, both = {}, {}
  for _, its in pairs(all_due.of) do
    table.insert(calls, its.c)
    table.insert(both, its.c + its.b)
  end
  all_due.calls, all_due.both = rising(calls), rising(both)
end

-- Of clients but one, who has so much of it: the sum, of each at most so much.
local function of_others(all, its, most)
  local low, high = 0, #all.counts
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if all.counts[middle] <= most then low = middle else high = middle - 1 end
  end
  return (all.sums[low] + (#all.counts - low) * most - math.min(its, most)) * all_due.stands_for
end

-- Due calls and due campaigns that go before what stands in this line since that millisecond; a campaign counts as one.
local function ahead(rank, client, since_ms)
  count_due()
  local own, counted = {c = 0, b = 0}, all_due.of[client or ''] or {c = 0, b = 0}
  for better = 1, tonumber(rank) do
    local before = better == tonumber(rank) and string.format('(%.3f', since_ms) or now_exact_ms
    for kind, count in pairs(own) do
      own[kind] = count + redis.call('ZCOUNT', P .. 'line:' .. line_of(kind, better, client), '-inf', before)
    end
  end
  local turns = own.c + own.b + 1
  local calls = of_others(all_due.calls, counted.c, turns)
  local both = of_others(all_due.both, counted.c + counted.b, turns)
  return math.floor(own.c + calls + 0.5), math.floor(own.b + both - calls + 0.5)
end
