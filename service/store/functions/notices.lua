-- SPDX-License-Identifier: Apache-2.0
-- A partner's notices in order, after a cursor.
-- KEYS   the tag; reads n:
-- ARGV   4: partner, 5: cursor of the last one seen or 0, 6: limit
-- REPLY  ok, then one array a notice: cursor, at, kind, bytes
register('notices', {'no-writes'}, function(tag, args, now, at)
    local found = call('XRANGE', tag .. 'n:' .. args[at], '(' .. args[at + 1] .. '-0', '+', 'COUNT', args[at + 2])
    local reply = {'ok'}
    for i, one in ipairs(found) do
        local f = one[2]
        reply[i + 1] = {string.match(one[1], '^%d+'), f[4], f[2], f[6]}
    end
    return reply
end)
