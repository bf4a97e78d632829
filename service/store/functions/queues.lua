-- SPDX-License-Identifier: Apache-2.0
-- What waits, for each queue and language.
-- KEYS   the tag; reads queues q: q2: leases leased c: log
-- ARGV   4: at risk is what is due within so many ms
-- REPLY  ok, leases out, entries not trimmed, then one array a queue: queue, language, waiting,
--        awaiting second, leased, creation of the oldest among the most urgent, first deadline, at
--        risk, overdue
-- A case's creation is read from its id (UUIDv7), so that no second index is needed.
local HEADS, LEASES = 64, 2000

local function created(id)
    return tonumber(string.sub(id, 5, 12), 16) * 65536 + tonumber(string.sub(id, 14, 17), 16)
end

local function leased_by_queue(tag)
    local count = {}
    for _, token in ipairs(call('ZRANGE', tag .. 'leases', 0, LEASES - 1)) do
        local id = call('HGET', tag .. 'leased', token)
        local held = id and call('HMGET', tag .. 'c:' .. id, 'q', 'l')
        if held and held[1] then
            local pair = held[1] .. ':' .. held[2]
            count[pair] = (count[pair] or 0) + 1
        end
    end
    return count
end

local function row(tag, pair, leased, now, risk)
    local queue, language = string.match(pair, '^(.*):(.*)$')
    local total, oldest, first, late, soon = {}, 0, 0, 0, 0
    for i, kind in ipairs({'q:', 'q2:'}) do
        local key = tag .. kind .. pair
        total[i] = call('ZCARD', key)
        if total[i] > 0 then
            local heads = call('ZRANGE', key, 0, HEADS - 1, 'WITHSCORES')
            for j = 1, #heads, 2 do
                local at = created(heads[j])
                oldest = (oldest == 0 or at < oldest) and at or oldest
            end
            local due = tonumber(heads[2])
            first = (first == 0 or due < first) and due or first
            local overdue = call('ZCOUNT', key, '-inf', whole(now))
            late = late + overdue
            soon = soon + call('ZCOUNT', key, '-inf', whole(now + risk)) - overdue
        end
    end
    return {queue, language, total[1], total[2], leased[pair] or 0, whole(oldest), whole(first), soon, late}
end

register('queues', {'no-writes'}, function(tag, args, now, at)
    local list = call('SMEMBERS', tag .. 'queues')
    local leased = leased_by_queue(tag)
    local reply = {'ok', call('ZCARD', tag .. 'leases'), call('XLEN', tag .. 'log')}
    table.sort(list)
    for _, pair in ipairs(list) do
        reply[#reply + 1] = row(tag, pair, leased, now, tonumber(args[at]))
    end
    return reply
end)
