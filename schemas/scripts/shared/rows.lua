-- rows.lua: a campaign's rows, one for each number, in the order given.
--
-- rows:<id>     list, and so in pages: what schemas/campaigns/rows.py makes of each; '' once it was forgotten, else for ever the same
-- marks:<id>    string, a byte for each row: see marks.lua
-- again:<id>    zset, calls that wait again, by the millisecond from which on
-- sets:<id>     string, a byte for each row: a letter for the zones in which it may be called; only if windows matter
-- zones:<id>    hash, by such a letter those zones; <letter>:opens_ms and <letter>:closes_ms, when they may be called;
--               <letter>:next, how many rows stand before the first of them that never began
-- campaigns     zset, campaigns that run, by the millisecond at which a beat looks whether they stand where they belong
-- steps         zset, campaigns with more to be done than one run may, by the millisecond of the next step, which a sweep takes
-- retry:<id>    hash, while rows are gone through that are tried again: digest of the request, marks that are wanted, due_ms,
--               place up to which all is done, last (row), count (of those that wait again), counted by its day, counted_ms
-- answers:<id>  list, digests by which repetitions are known of the requests of a day that brought further rows
-- recent:<id>   string, a letter for each of the last numbers that were settled, if the campaign has `stop_if`: see stopping.lua
-- A campaign's field `next`: how many rows stand before the first that never began and may; `total` if none may.

local ROWS_AT_ONCE = 1000 -- that one run looks at, or changes

-- The campaign goes on, or something of it does.
local function keep_campaign(campaign)
  keep_on(campaign)
  for _, name in ipairs({'rows:', 'marks:', 'sets:', 'zones:', 'recent:'}) do redis.call('PERSIST', P .. name .. campaign) end
end

-- What was given of a row beside its number, as JSON has it.
local function given_in(text)
  if string.sub(text, 1, 1) == '[' then return cjson.decode(text) end
  local before, timezone, expires_ms = string.match(text, '^([^\30]*)\30?([^\30]*)\30?([^\30]*)')
  local head, values = {}, {}
  for part in string.gmatch(before .. '\31', '([^\31]*)\31') do table.insert(#head < 2 and head or values, part == '\29' and cjson.null or part) end
  return {head[1], head[2] ~= '' and head[2], #values > 0 and values, timezone ~= '' and timezone, tonumber(expires_ms)}
end

-- Whom the row is to, and what else the record of its call begins with: field, value, ...
local function read_row(text)
  if not string.find(text, '[%[\31]') then return text == '' and '' or '+' .. text, {} end
  local given, more = given_in(text), {}
  for index, name in ipairs({'external_id', 'variables', 'timezone', 'expires_ms'}) do
    local value = given[index + 1]
    if type(value) == 'table' then value = cjson.encode(value) elseif type(value) == 'number' then value = int(value) end
    for _, word in ipairs(value and value ~= cjson.null and {name, value} or {}) do table.insert(more, word) end
  end
  return '+' .. given[1], more
end

-- Rows that had begun, or ended without, wait again: so each set's next row may be one of them.
local function seek_sets_anew(campaign, from)
  for _, field in ipairs(redis.call('HKEYS', P .. 'zones:' .. campaign)) do
    if string.find(field, ':next$') then redis.call('HSET', P .. 'zones:' .. campaign, field, int(from)) end
  end
end

-- The first row from this one on that never began; `next` is known after it.
local function seek_next(campaign, from)
  local marks, at, total = P .. 'marks:' .. campaign, tonumber(from), redis.call('STRLEN', P .. 'marks:' .. campaign)
  while at < total do
    local page = redis.call('GETRANGE', marks, int(at), int(at + ROWS_AT_ONCE - 1))
    local found = string.find(page, MARKS.waiting, 1, true)
    at = at + (found and found - 1 or #page)
    if found then break end
  end
  local known = redis.call('HMGET', P .. 'task:' .. campaign, 'next', 'total')
  if at >= total then at = tonumber(known[2] or at) end -- also if the marks got lost: nobody is dialled twice
  redis.call('HSET', P .. 'task:' .. campaign, 'next', int(at))
  if at < tonumber(known[1] or 0) then seek_sets_anew(campaign, at) end
end

-- The record of a row's call begins; its mark is for whoever gives it a state.
local function begin_row(campaign, place)
  local id = campaign .. '-' .. int(place)
  local to, more = read_row(redis.call('LINDEX', P .. 'rows:' .. campaign, int(place - 1)) or '')
  local its = redis.call('HMGET', P .. 'task:' .. campaign, 'rank', 'created_ms', 'due_ms', 'from_numbers', 'client')
  if its[4] then
    local ids, nth = cjson.decode(its[4]), tonumber(string.sub(redis.sha1hex((its[5] or '') .. '|' .. to), 1, 8), 16)
    redis.call('HSET', P .. 'task:' .. id, 'from', ids[nth % #ids + 1]) -- for a client's number always the same
  end
  redis.call('HSET', P .. 'task:' .. id, 'v', VERSION, 'kind', 'bulk_call', 'bulk', campaign, 'to', to,
    'rank', its[1], 'created_ms', its[2], 'due_ms', its[3], unpack(more))
  return id
end
