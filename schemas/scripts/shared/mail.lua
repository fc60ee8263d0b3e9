-- mail.lua: events on their way to clients: each client, and each of its hosts, has a line of its own.

-- What was written about a record that is finished already goes when the record does.
local function expire_with(id, name)
  local left_ms = redis.call('PTTL', P .. 'task:' .. id)
  if left_ms > 0 then redis.call('PEXPIRE', P .. name, left_ms) end
end

-- Who is told of a task: where, whose task it is, and whether of more than Twilio's own events; nil if nobody is.
local function receiver_of(id, campaign)
  local task = redis.call('HMGET', P .. 'task:' .. id, 'status_callback_url', 'client', 'tells', 'to')
  if task[4] == '' then return nil end -- its number was forgotten
  if not task[1] and campaign then
    task = redis.call('HMGET', P .. 'task:' .. campaign, 'status_callback_url', 'client', 'tells')
  end
  if not task[1] then return nil end
  local host = string.match(task[1], '^%w+://([^/?#]*)') or ''
  return {url = task[1], client = task[2] or '', tells = task[3] == '1', host = string.lower(string.match(host, '[^@]*$'))}
end

local function follow_head(parent, child, member)
  local first = redis.call('ZRANGE', child, 0, 0, 'WITHSCORES')
  if first[1] then redis.call('ZADD', parent, first[2], member) else redis.call('ZREM', parent, member) end
end

-- When the call's events are looked at next, nil: never. Each client, and each of its hosts, has a line of its own.
local function look_at(id, client, host, at_ms)
  local hosts, calls = P .. 'mail:' .. client, P .. 'mail:' .. client .. '|' .. host
  if at_ms then
    redis.call('ZADD', calls, int(at_ms), id)
    redis.call('SADD', P .. 'untold', id)
  else
    redis.call('ZREM', calls, id)
    redis.call('SREM', P .. 'untold', id)
  end
  follow_head(hosts, calls, host)
  follow_head(P .. 'mail', hosts, client)
end

-- Nobody is told of the task any more.
local function leave_mail(id, campaign)
  local to = receiver_of(id, campaign)
  look_at(id, to and to.client or redis.call('HGET', P .. 'task:' .. (campaign or id), 'client') or '', to and to.host or '')
end

-- Whether an event with this name was never kept before for the task; from now on it was.
local function is_first(id, name)
  local told = redis.call('HGET', P .. 'task:' .. id, 'told') or ','
  if string.find(told, ',' .. name .. ',', 1, true) then return false end
  redis.call('HSET', P .. 'task:' .. id, 'told', told .. name .. ',')
  return true
end

local function is_told(id, name)
  return string.find(redis.call('HGET', P .. 'task:' .. id, 'told') or '', ',' .. name .. ',', 1, true) ~= nil
end
