-- stopping.lua: a campaign pauses by itself once too many of its last numbers came to no good, by its client's `stop_if`.

-- Each share, which letters count for it, and what became of those numbers.
local STOPS = {{'failed_share', '[f]', 'failed'}, {'short_call_share', '[sb]', 'hung up within short_call_seconds'},
  {'opt_out_share', '[ob]', 'opted out'}}

-- Nothing more of the campaign begins, and its client is told; whoever calls this puts it where it belongs then.
local function pause_by_itself(campaign, reason)
  redis.call('HSET', P .. 'task:' .. campaign, 'paused', '1', 'paused_reason', reason, 'updated_ms', int(now_ms))
  tell_campaign(campaign, 'paused:' .. int(now_ms))
end

-- The letter for a number that is settled; nil if it says nothing of the campaign.
local function letter_of(call, to, status, wanted, opt_out_digit)
  local its = redis.call('HMGET', P .. 'task:' .. call.id, 'answered_by', 'duration_seconds', 'digits')
  local mark = mark_of(to, status, call.hang_up, its[1])
  if mark == MARKS.hung_up then return nil end
  if mark == MARKS.failed then return 'f' end
  local short = status == 'completed' and tonumber(its[2] or math.huge) < (wanted.short_call_seconds or 0)
  local out = opt_out_digit and its[3] == opt_out_digit
  return short and (out and 'b' or 's') or out and 'o' or '-'
end

-- No further attempt of the call follows. Counts each once, also if its end was not known at first.
local function stop_if_bad(call, to, status)
  if not FINAL[to] or to == 'cancelled' then return end
  local key, recent = P .. 'task:' .. call.campaign, P .. 'recent:' .. call.campaign
  local its = redis.call('HMGET', key, 'stop_if', 'opt_out_digit', 'state', 'paused')
  if not its[1] or its[3] ~= 'active' then return end
  local wanted = cjson.decode(its[1])
  local letter = letter_of(call, to, status, wanted, its[2])
  if not letter or redis.call('HSETNX', P .. 'task:' .. call.id, 'judged', '1') == 0 then return end
  local last = string.sub((redis.call('GET', recent) or '') .. letter, -wanted.of_last)
  redis.call('SET', recent, last)
  if its[4] or #last < wanted.of_last then return end
  for _, stop in ipairs(STOPS) do
    local share, _, count = wanted[stop[1]], string.gsub(last, stop[2], '')
    if share and count / #last >= share then
      return pause_by_itself(call.campaign,
        string.format('%d of the last %d numbers %s: stop_if.%s is %.14g.', count, #last, stop[3], stop[1], share))
    end
  end
end
