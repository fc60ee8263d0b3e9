-- opting.lua: how a number comes onto a list and off it, with the proof of each in a stream that outlives records.

local KEPT_MS = 5 * 366 * 86400000 -- proof is asked for as long as that

-- What is known of a number on a list, also of one that was taken off.
local function detail_of(list, member)
  local packed = redis.call('HGET', P .. 'optout:' .. list, member)
  return packed and cjson.decode(packed) or {proof = {}}
end

-- As what a number stands in the stream, which cannot forget: what is deleted there goes from Redis's memory much later.
local function sealed(member) return string.sub(member, 1, 1) == '#' and member or digest_of(member) end

local MOST_HELD = 20 -- entries that stand with a number; the list of others costs as little, however often it came and went

local function older(list, member) return P .. 'optout_older:' .. list .. '|' .. member end

-- One more entry of the stream tells of the number.
local function note_proof(list, member, detail, entry)
  if #detail.proof < MOST_HELD then return table.insert(detail.proof, entry) end
  redis.call('RPUSH', older(list, member), entry)
end

-- Writes down what happened, and on the list that it did.
local function prove(list, member, act, told)
  local words = {'list', list, 'number', sealed(member), 'act', act}
  for _, name in ipairs({'at_ms', 'by', 'call', 'source', 'reason'}) do
    if told[name] and told[name] ~= '' then
      table.insert(words, name)
      table.insert(words, told[name])
    end
  end
  local entry = redis.call('XADD', P .. 'optout_proof', 'MINID', '~', int(now_ms - KEPT_MS), '*', unpack(words))
  local detail = detail_of(list, member)
  note_proof(list, member, detail, entry)
  if act == 'added' then
    detail.at_ms, detail.by, detail.call, detail.source = told.at_ms, told.by, told.call, told.source
  else
    detail.at_ms, detail.run = nil, told.run
  end
  redis.call('HSET', P .. 'optout:' .. list, member, cjson.encode(detail))
end

-- Whether the number was not on the list; from now on it is.
local function opt_out(list, number, told)
  local known = member_on(list, number)
  if known then -- a write, so that WAIT after it waits for the replicas again
    redis.call('HSET', P .. 'optout:' .. list, known, redis.call('HGET', P .. 'optout:' .. list, known))
    return false
  end
  redis.call('SADD', P .. 'optout_lists', list)
  redis.call('ZADD', P .. 'optouts:' .. list, 0, number)
  prove(list, number, 'added', told)
  return true
end

-- Whether it was on the list, maybe before this very run, which was sent twice; from now on it is not.
local function opt_in(list, number, told)
  local member = member_on(list, number)
  if not member then return told.run ~= nil and detail_of(list, number).run == told.run end
  redis.call('ZREM', P .. 'optouts:' .. list, member)
  prove(list, member, 'removed', told)
  return true
end
