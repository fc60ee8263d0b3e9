-- forgetting.lua: numbers of which every trace is being removed.

-- Whose task it is, a campaign's for its calls; '' for nobody's.
local function client_of(own, campaign)
  return own or campaign and redis.call('HGET', P .. 'task:' .. campaign, 'client') or ''
end

-- Whether what was accepted then for this client is to be forgotten, by somebody's wish for all names or for this one.
local function is_to_be_forgotten(to, client, created_ms)
  local until_ms = redis.call('HMGET', P .. 'forgetting', to .. '|all', to .. '|of:' .. client)
  return tonumber(created_ms) <= math.max(tonumber(until_ms[1] or 0), tonumber(until_ms[2] or 0))
end
