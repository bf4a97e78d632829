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

-- Adds what waits in one sorted set to its row.
local function add(row, kind, key, now, risk)
    local count = call('ZCARD', key)
    if count == 0 then
        return
    end
    local heads = call('ZRANGE', key, 0, HEADS - 1, 'WITHSCORES')
    local first, overdue = tonumber(heads[2]), call('ZCOUNT', key, '-inf', whole(now))
    for j = 1, #heads, 2 do
        local at = created(heads[j])
        row.oldest = (row.oldest == 0 or at < row.oldest) and at or row.oldest
    end
    row[kind] = row[kind] + count
    row.first = (row.first == 0 or first < row.first) and first or row.first
    row.overdue = row.overdue + overdue
    row.soon = row.soon + call('ZCOUNT', key, '-inf', whole(now + risk)) - overdue
end

register('queues', {'no-writes'}, function(tag, args, now, at)
    local list, risk = call('SMEMBERS', tag .. 'queues'), tonumber(args[at])
    local leased, rows = leased_by_queue(tag), {}
    local reply = {'ok', call('ZCARD', tag .. 'leases'), call('XLEN', tag .. 'log')}
    table.sort(list)
    for _, triple in ipairs(list) do
        local queue, language = string.match(triple, '^(.*):(.*):%d$')
        local pair = queue and queue .. ':' .. language
        if pair and not rows[pair] then
            rows[pair] = {queue = queue, language = language, ['q:'] = 0, ['q2:'] = 0, oldest = 0, first = 0,
                soon = 0, overdue = 0}
            rows[#rows + 1] = rows[pair]
        end
        if pair then
            add(rows[pair], 'q:', tag .. 'q:' .. triple, now, risk)
            add(rows[pair], 'q2:', tag .. 'q2:' .. triple, now, risk)
        end
    end
    for i, row in ipairs(rows) do
        reply[3 + i] = {row.queue, row.language, row['q:'], row['q2:'],
            leased[row.queue .. ':' .. row.language] or 0, whole(row.oldest), whole(row.first), row.soon,
            row.overdue}
    end
    return reply
end)
