-- unlisting.lua: a number on a do-not-call list, or off it again, that is forgotten.

local ENTRIES_AT_ONCE = 500

-- Some entries of the number tell of its digest from now on, and of nothing but the time; whether there are more of them.
local function forget_entries(list, number, digest)
  local detail, known = detail_of(list, number), detail_of(list, digest)
  for _, entry in ipairs(redis.call('LPOP', older(list, number), ENTRIES_AT_ONCE) or {}) do table.insert(detail.proof, entry) end
  for _, entry in ipairs(detail.proof) do
    local flat, told = (redis.call('XRANGE', P .. 'optout_proof', entry, entry)[1] or {})[2] or {}, {}
    for index = 1, #flat, 2 do told[flat[index]] = flat[index + 1] end
    redis.call('XDEL', P .. 'optout_proof', entry)
    if told.act then
      note_proof(list, digest, known, redis.call('XADD', P .. 'optout_proof', '*', 'list', list, 'number', digest,
        'act', told.act, 'at_ms', told.at_ms))
    end
  end
  known.at_ms, detail.proof = detail.at_ms or known.at_ms, {}
  redis.call('HSET', P .. 'optout:' .. list, digest, cjson.encode(known), number, cjson.encode(detail))
  return redis.call('EXISTS', older(list, number)) == 1
end

-- The number is forgotten: of its entries a digest and the time stay. No one can be asked for more than that it is on a
-- list. Whether a further run goes on with it.
local function forget_opt_outs(number, whose)
  for _, list in ipairs(redis.call('SMEMBERS', P .. 'optout_lists')) do
    if (whose == 'all' or whose == list) and redis.call('HEXISTS', P .. 'optout:' .. list, number) == 1 then
      local digest = digest_of(number)
      if forget_entries(list, number, digest) then return true end
      if redis.call('ZREM', P .. 'optouts:' .. list, number) == 1 then redis.call('ZADD', P .. 'optouts:' .. list, 0, digest) end
      redis.call('HDEL', P .. 'optout:' .. list, number)
    end
  end
  return false
end
