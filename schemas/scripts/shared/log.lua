-- log.lua: what happened to a task and its calls, in the order in which it counts, for whoever reads it later.
--
-- log:<task id>     list of '<millisecond>|<number of the campaign's call or ''>|<kind>|<what>', a letter a kind:
--                   e  an event of a call: attempt|status|answered_by|flags|seconds|number of the event among its call's;
--                      of the flags f says that it is final, c that it is a correction, u that nobody knows the outcome
--                      m that another attempt follows
--                   c  an event of a campaign, JSON: fields of its record
--                   a word: what somebody did, JSON: by (name of the key, '' without one) and what else there is to say
-- It is kept as long as the record of its task.

local BESIDES_COUNTS = {'state', 'total', 'dispatched', 'placed', 'first_dialled_ms', 'expired'}

local function log(id, campaign, kind, what)
  local owner = campaign or id
  local name, row = P .. 'log:' .. owner, campaign and string.sub(id, #campaign + 2) or ''
  redis.call('RPUSH', name, int(now_ms) .. '|' .. row .. '|' .. kind .. '|' .. what)
  local left_ms = redis.call('PTTL', P .. 'task:' .. owner)
  if left_ms > 0 then redis.call('PEXPIRE', name, left_ms) elseif redis.call('PTTL', name) > 0 then redis.call('PERSIST', name) end
end

local function log_event(id, campaign, event)
  if event.campaign then
    local counts = {}
    for _, names in ipairs({BESIDES_COUNTS, COUNTS}) do
      for _, field in ipairs(names) do counts[field] = event.campaign[field] end
    end
    return log(id, nil, 'c', cjson.encode(counts))
  end
  local form = '&' .. (event.body or '')
  local function given(field) return string.match(form, '&' .. field .. '=([%w_-]+)') or '' end
  local flags = (event.final and 'f' or '') .. (event.correction and 'c' or '') .. (event.outcome and 'u' or '')
    .. (event.more and 'm' or '')
  log(id, campaign, 'e', table.concat({event.attempt, event.status or given('CallStatus'), given('AnsweredBy'), flags,
    given('CallDuration'), int(event.n)}, '|'))
end
