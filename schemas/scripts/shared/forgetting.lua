-- forgetting.lua: numbers of which every trace is being removed.

-- Whose task it is, a campaign's for its calls; '' for nobody's.
local function client_of(own, campaign)
  return own or campaign and redis.call('HGET', P .. 'task:' .. campaign, 'client') or ''
end

-- Whether what was accepted then was there when that was asked for. What lies ahead of the clock was: it was set back since.
local function was_there(created_ms, asked_ms)
  return tonumber(created_ms) <= tonumber(asked_ms) or tonumber(created_ms) > now_ms
end

-- Whether what was accepted then for this client is to be forgotten, by somebody's wish for all names or for this one.
local function is_to_be_forgotten(to, client, created_ms)
  for _, asked_ms in ipairs(redis.call('HMGET', P .. 'forgetting', to .. '|all', to .. '|of:' .. client)) do
    if asked_ms and was_there(created_ms, asked_ms) then return true end
  end
  return false
end
