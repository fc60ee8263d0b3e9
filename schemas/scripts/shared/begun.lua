-- begun.lua: how many calls began in the last hour.
--
-- begun:<number>    hash, clients by how many of their calls began in these ten seconds, counted from 1970

local BEGUN_MS, BEGUN_KEPT_MS = 10000, 3700000

local function note_begun(client)
  local name = P .. 'begun:' .. math.floor(now_ms / BEGUN_MS)
  if redis.call('HINCRBY', name, client, 1) == 1 then redis.call('PEXPIRE', name, BEGUN_KEPT_MS) end
end
