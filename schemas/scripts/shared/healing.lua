-- healing.lua: campaigns that run stand where they belong, whoever touched them: processes of versions that knew no rows
-- take a campaign with rows for one that has nothing to dial, and mark none of them.

local LOOK_GAP_MS, MOST_LOOKED_AT = 30000, 20

-- Marks of calls on their way that are there no longer. Returns how many marks there are.
local function correct_marks(campaign)
  local marks, at = redis.call('GET', P .. 'marks:' .. campaign) or '', 0
  for _ = 1, ROWS_AT_ONCE do
    at = string.find(marks, '[' .. MARKS.live .. MARKS.dispatched .. ']', at + 1)
    if not at then break end
    local id = campaign .. '-' .. int(at)
    if redis.call('SISMEMBER', P .. 'live', id) == 0 then mark_call(campaign, id) end
  end
  return #marks
end

local function heal_campaigns()
  local due = redis.call('ZRANGEBYSCORE', P .. 'campaigns', '-inf', int(now_ms), 'LIMIT', 0, MOST_LOOKED_AT)
  local looked_at = 0
  for _, campaign in ipairs(due) do
    if looked_at >= MOST_ROWS then return end -- the others are due still
    if redis.call('HGET', P .. 'task:' .. campaign, 'state') == 'active' then
      redis.call('ZADD', P .. 'campaigns', int(now_ms + LOOK_GAP_MS), campaign)
      looked_at = looked_at + correct_marks(campaign)
      rejoin(campaign)
    else
      redis.call('ZREM', P .. 'campaigns', campaign)
    end
  end
end
