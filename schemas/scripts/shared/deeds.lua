-- deeds.lua: what somebody did to a task, or its time, for its log.

local function log_deed(id, campaign, kind, by) log(id, campaign or nil, kind, cjson.encode({by = by or ''})) end
