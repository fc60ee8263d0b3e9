-- opting.lua: how a number comes onto a list and off it, with the proof of each in a stream that outlives records.

local KEPT_MS = 5 * 366 * 86400000 -- proof is asked for as long as that

-- What is known of a number on a list, also of one that was taken off.
local function detail_of(list, member)
  local packed = redis.call('HGET', P .. 'optout:' .. list, member)
  return packed and cjson.decode(packed) or {proof = {}}
end

-- As what a number stands in the stream, which cannot forget: what is deleted there goes from Redis's memory much later.
local function sealed(member) return string.sub(member, 1, 1) == '#' and member or digest_of(member) end

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
  table.insert(detail.proof, entry)
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

-- The number is forgotten: of its entries a digest and the time stay. No one can be asked for more than that it is on a list.
local function forget_opt_outs(number, whose)
  for _, list in ipairs(redis.call('SMEMBERS', P .. 'optout_lists')) do
    local detail = detail_of(list, number)
    if (whose == 'all' or whose == list) and #detail.proof > 0 then
      local digest = digest_of(number)
      local known = detail_of(list, digest)
      for _, entry in ipairs(detail.proof) do
        local flat, told = (redis.call('XRANGE', P .. 'optout_proof', entry, entry)[1] or {})[2] or {}, {}
        for index = 1, #flat, 2 do told[flat[index]] = flat[index + 1] end
        redis.call('XDEL', P .. 'optout_proof', entry)
        if told.act then
          table.insert(known.proof, redis.call('XADD', P .. 'optout_proof', '*', 'list', list, 'number', digest,
            'act', told.act, 'at_ms', told.at_ms))
        end
      end
      known.at_ms = detail.at_ms or known.at_ms
      if redis.call('ZREM', P .. 'optouts:' .. list, number) == 1 then redis.call('ZADD', P .. 'optouts:' .. list, 0, digest) end
      redis.call('HDEL', P .. 'optout:' .. list, number)
      redis.call('HSET', P .. 'optout:' .. list, digest, cjson.encode(known))
    end
  end
end
