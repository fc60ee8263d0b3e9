-- ahead.lua: how much goes before a task. Clients take turns, so that of another client no more goes first than of one's own.

local due_lines -- read once, of however many tasks

-- Due calls and due campaigns that go before what stands in this line since that millisecond; a campaign counts as one.
local function ahead(rank, client, since_ms)
  local own, others = {c = 0, b = 0}, {}
  due_lines = due_lines or redis.call('ZRANGEBYSCORE', P .. 'lines', '-inf', now_exact_ms)
  for _, line in ipairs(due_lines) do
    local of, its_rank, whose = string.match(line, '^(%a):(%d+):(.*)$')
    local before = tonumber(its_rank) == tonumber(rank) and since_ms or now_exact_ms
    local count = redis.call('ZCOUNT', P .. 'line:' .. line, '-inf', string.format('(%.3f', before))
    if whose ~= (client or '') then
      others[whose] = others[whose] or {c = 0, b = 0}
      others[whose][of] = others[whose][of] + count
    elseif tonumber(its_rank) <= tonumber(rank) then
      own[of] = own[of] + count
    end
  end
  local turns = own.c + own.b + 1
  for _, their in pairs(others) do
    local calls = math.min(their.c, turns)
    own.c, own.b = own.c + calls, own.b + math.min(their.b, turns - calls)
  end
  return own.c, own.b
end
