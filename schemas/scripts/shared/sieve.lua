-- sieve.lua: which tasks of a list are shown.

-- A function of an id: whether its task is wanted; nil if it is gone. '' stands for any kind, beginning of a name, external_id
-- and states ('|waiting|dialling|'). Of most tasks it reads but the field that shuts them out.
local function sieve_of(kind, name, external_id, states)
  local wanted = {}
  local function sift(field, asked, fits)
    if asked ~= '' then table.insert(wanted, {field, fits}) end
  end
  sift('kind', kind, function(its) return its == kind end)
  sift('name', name, function(its) return string.sub(its, 1, #name) == name end)
  sift('external_id', external_id, function(its) return its == external_id end)
  sift('state', states, function(its) return string.find(states, '|' .. its .. '|', 1, true) end)

  return function(id)
    local key, fits = P .. 'task:' .. id, true
    for _, one in ipairs(wanted) do
      local its = redis.call('HGET', key, one[1])
      fits = fits and one[2](its or '')
      if its and not fits then return false end
    end
    if redis.call('HEXISTS', key, 'created_ms') == 0 then return nil end
    return fits and true or false
  end
end
