-- moving.lua: campaigns of versions that kept only the numbers not yet dialled, in numbers:<id>, a thousand at most.

-- Gives such a campaign rows and marks, from its list and the records of its calls. Numbers of which nothing is left, as
-- of one that was cancelled, are rows without a number.
local function move_rows(campaign)
  local key, list = P .. 'task:' .. campaign, P .. 'numbers:' .. campaign
  local task = redis.call('HMGET', key, 'kind', 'total', 'dialled')
  if task[1] ~= 'bulk' or redis.call('EXISTS', P .. 'rows:' .. campaign) == 1 then return end
  local rows, marks = {}, {}
  for place = 1, tonumber(task[3] or 0) do
    local call = P .. 'task:' .. campaign .. '-' .. place
    local its = redis.call('HMGET', call, 'to', 'state', 'call_status', 'hang_up', 'answered_by')
    rows[place] = string.gsub(its[1] or '', '^%+', '')
    marks[place] = its[2] and mark_of(unpack(its, 2, 5)) or MARKS.unknown
  end
  for _, item in ipairs(redis.call('LRANGE', list, 0, -1)) do
    if item == '' or string.sub(item, 1, 1) == '+' then
      table.insert(rows, string.sub(item, 2))
      table.insert(marks, item == '' and MARKS.cancelled or MARKS.waiting)
    else -- a call that waits again, which versions before 2 kept there
      redis.call('ZADD', P .. 'again:' .. campaign, int(now_ms), item)
    end
  end
  for place = #rows + 1, tonumber(task[2]) do rows[place], marks[place] = '', MARKS.cancelled end
  for from = 1, #rows, 500 do
    redis.call('RPUSH', P .. 'rows:' .. campaign, unpack(rows, from, math.min(from + 499, #rows)))
  end
  redis.call('SET', P .. 'marks:' .. campaign, table.concat(marks))
  redis.call('DEL', list)
  redis.call('HDEL', key, 'blanks')
  seek_next(campaign, task[3] or 0)
  local left_ms = redis.call('PTTL', key)
  if left_ms > 0 then
    redis.call('PEXPIRE', P .. 'rows:' .. campaign, left_ms)
    redis.call('PEXPIRE', P .. 'marks:' .. campaign, left_ms)
  else
    redis.call('ZADD', P .. 'campaigns', int(now_ms), campaign)
  end
end
