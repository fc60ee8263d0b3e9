-- merge_opt_outs.lua: what happened to do-not-call lists after a copy was taken happens to them again, and its proof with it.
--
-- ARGV     1 what digests are made with where it happened     2.. entries of its stream, as JSON, a thousand at most
-- Returns  how many of them changed a list
write_though_full()
if ARGV[1] ~= '' then redis.call('SETNX', P .. 'optout_salt', ARGV[1]) end
local changed = 0
for index = 2, #ARGV do
  local entry = cjson.decode(ARGV[index])
  local known = #redis.call('XRANGE', P .. 'optout_proof', entry.id, entry.id) > 0
  if not known and redis.call('SADD', P .. 'optout_merged', entry.id) == 1 then
    local change = entry.act == 'removed' and opt_in or opt_out
    if change(entry.list, entry.number, entry) then changed = changed + 1 end
  end
end
redis.call('PEXPIRE', P .. 'optout_merged', 604800000)
return changed
