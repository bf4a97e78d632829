-- SPDX-License-Identifier: Apache-2.0
-- How many reports and reporters the case on some content has that is not closed.
-- KEYS   the tag; reads o: c:
-- ARGV   4: content key
-- REPLY  ok, case or '', reports, reporters
register('history', {'no-writes'}, function(tag, args, now, at)
    local id = call('GET', tag .. 'o:' .. args[at])
    if not id then
        return {'ok', '', 0, 0}
    end
    local held = call('HMGET', tag .. 'c:' .. id, 'c', 'u')
    return {'ok', id, held[1] or 0, held[2] or 0}
end)
