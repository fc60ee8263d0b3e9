-- sieve.lua: which tasks of a list are shown.

local SHOWN = {'created_ms', 'kind', 'state', 'name', 'external_id'}

-- A function of an id: its fields SHOWN; nil if the task is gone, false if it is not wanted. '' stands for any kind, beginning
-- of a name, external_id and states ('|waiting|dialling|'). Of most tasks it reads but the field that shuts them out.
local function sieve_of(kind, name, external_id, states)
  local wanted, fields = {}, {'created_ms'}
  local function sift(field, asked, fits)
    if asked == '' then return end
    table.insert(wanted, fits)
    table.insert(fields, field)
  end
  sift('kind', kind, function(its) return its == kind end)
  sift('name', name, function(its) return string.sub(its or '', 1, #name) == name end)
  sift('external_id', external_id, function(its) return its == external_id end)
  sift('state', states, function(its) return string.find(states, '|' .. (its or '') .. '|', 1, true) end)

  return function(id)
    if #wanted > 0 then
      local its = redis.call('HMGET', P .. 'task:' .. id, unpack(fields))
      if not its[1] then return nil end
      for index, fits in ipairs(wanted) do
        if not fits(its[index + 1]) then return false end
      end
    end
    local task = redis.call('HMGET', P .. 'task:' .. id, unpack(SHOWN))
    return task[1] and task or nil
  end
end
