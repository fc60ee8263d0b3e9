-- barred.lua: who is not to be called. A list is `service`, which holds for everybody, or `of:` and a client, for its tasks.
--
-- optout_lists      set, the lists that there are
-- optouts:<list>    zset, the numbers on a list, all with score 0; `#` and a digest for one that was forgotten
-- optout:<list>     hash, by the same names and those that were taken off: what is known of each, as JSON
-- optout_older:<list>|<name>  list, entries of the stream that tell of one of these, but for those that it names itself
-- optout_proof      stream, what happened to the lists: when, by which key, in which call
-- optout_salt       what digests of numbers are made with
-- optout_merged     set, ids of what was merged into optout_proof from that of another Redis

-- What stands on a list in place of a number that was forgotten.
local function digest_of(number)
  local salt = redis.call('GET', P .. 'optout_salt') or ''
  return '#' .. redis.sha1hex(salt .. redis.sha1hex(salt .. number))
end

-- As what each of the numbers, some hundreds at most, is on the list: itself, or its digest; false if it is not.
local function members_on(list, numbers)
  local order, members, digests = P .. 'optouts:' .. list, {}, {}
  local plain, sealed = redis.call('ZMSCORE', order, unpack(numbers)), {}
  if string.sub(redis.call('ZRANGE', order, 0, 0)[1] or '', 1, 1) == '#' then -- digests stand before all numbers
    for index, number in ipairs(numbers) do digests[index] = digest_of(number) end
    sealed = redis.call('ZMSCORE', order, unpack(digests))
  end
  for index, number in ipairs(numbers) do members[index] = plain[index] and number or sealed[index] and digests[index] or false end
  return members
end

-- As what the number is on the list: itself, or its digest; nil if it is not.
local function member_on(list, number) return members_on(list, {number})[1] or nil end

-- Whether the client, '' for nobody, is not to call the number.
local function is_barred(number, client)
  if redis.call('EXISTS', P .. 'optout_lists') == 0 then return false end
  return (member_on('service', number) or client ~= '' and member_on('of:' .. client, number)) and true or false
end

-- Whether the number of a call of the client, or of its campaign's, is not to be called.
local function is_barred_call(key, campaign)
  if redis.call('EXISTS', P .. 'optout_lists') == 0 then return false end
  local its = redis.call('HMGET', key, 'to', 'client')
  return is_barred(its[1], its[2] or campaign and redis.call('HGET', P .. 'task:' .. campaign, 'client') or '')
end
