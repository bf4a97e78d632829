-- SPDX-License-Identifier: Apache-2.0
-- The newest reports, page by page, newest first.
-- KEYS   the tag; reads recent r:
-- ARGV   4: from, 5: limit
-- REPLY  ok, next or -1, then one array a report as report_get gives it
register('recent', {'no-writes'}, function(tag, args, now, at)
    local from, limit = tonumber(args[at]), tonumber(args[at + 1])
    local ids = call('LRANGE', tag .. 'recent', from, from + limit - 1)
    local reply = {'ok', #ids == limit and from + limit or -1}
    for _, id in ipairs(ids) do
        local r = record_get(tag, id)
        reply[#reply + 1] = r and record_reply(id, r)
    end
    return reply
end)
