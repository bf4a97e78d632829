-- SPDX-License-Identifier: Apache-2.0
-- Full records that deferred decisions owe.
-- KEYS   the tag; reads due deferred d:
-- ARGV   4: limit
-- REPLY  ok, full records owed, of them overdue (at most 1000 are counted), {reviewers who owe an overdue
--        one}, {decisions overdue that overdue has not been called for}
local LATE_MAX = 1000

local function owing(tag, late)
    local seen, list = {}, {}
    for _, decision in ipairs(late) do
        local reviewer = call('HGET', tag .. 'd:' .. decision, 'r')
        if reviewer and not seen[reviewer] then
            seen[reviewer] = true
            list[#list + 1] = reviewer
        end
    end
    return list
end

register('due', {'no-writes'}, function(tag, args, now, at)
    local before = '(' .. whole(now)
    local late = call('ZRANGEBYSCORE', tag .. 'deferred', '-inf', before, 'LIMIT', 0, LATE_MAX)
    return {'ok', call('ZCARD', tag .. 'deferred'), #late, owing(tag, late),
        call('ZRANGEBYSCORE', tag .. 'due', '-inf', before, 'LIMIT', 0, args[at])}
end)
