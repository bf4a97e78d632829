-- SPDX-License-Identifier: Apache-2.0
-- Takes what is due for one endpoint: first what waits for another attempt, then new notices. What is taken
-- and not answered by webhook_done is due again when its time is over, so a crash loses nothing.
-- KEYS   the tag of shard 0; touches w: wp: wa: wq, reads n:
-- ARGV   4: partner, 5: ms until it is due again, 6: limit
-- REPLY  ok, url, secret, older secret, its end, then one array a message: cursor, at, kind, bytes, attempt
--        | none state
-- KEEPS  every notice behind `a` was delivered, given up or is in wp:
local function older(tag, partner, now, limit)
    local found = {}
    for _, cursor in ipairs(call('ZRANGEBYSCORE', tag .. 'wp:' .. partner, '-inf', whole(now), 'LIMIT', 0, limit)) do
        local one = call('XRANGE', tag .. 'n:' .. partner, cursor .. '-0', cursor .. '-0')[1]
        if one then
            found[#found + 1] = one
        else                                    -- cut off the stream by its ceiling
            call('ZREM', tag .. 'wp:' .. partner, cursor)
            call('HDEL', tag .. 'wa:' .. partner, cursor)
        end
    end
    return found
end

local function newer(tag, partner, after, room, found)
    local all = room > 0 and call('XRANGE', tag .. 'n:' .. partner, '(' .. after .. '-0', '+', 'COUNT', room) or {}
    for _, one in ipairs(all) do
        after = string.match(one[1], '^%d+')
        -- A replay meets notices that wait for another attempt: they stay as they are.
        if not call('ZSCORE', tag .. 'wp:' .. partner, after) then
            found[#found + 1] = one
        end
    end
    if #all > 0 then
        call('HSET', tag .. 'w:' .. partner, 'a', after)
    end
end

register('webhook_take', {'allow-oom'}, function(tag, args, now, at)
    local partner, again, limit = args[at], tonumber(args[at + 1]), tonumber(args[at + 2])
    local w = call('HMGET', tag .. 'w:' .. partner, 'x', 'u', 's', 's2', 'e2', 'a')
    if w[1] ~= WEBHOOK_ACTIVE then
        call('ZREM', tag .. 'wq', partner)
        return {w[1] and 'state' or 'none'}
    end
    local found = older(tag, partner, now, limit)
    newer(tag, partner, w[6], math.min(limit - #found,
        WEBHOOK_PENDING_MAX - call('ZCARD', tag .. 'wp:' .. partner)), found)
    local reply = {'ok', w[2], w[3], w[4], w[5]}
    for i, one in ipairs(found) do
        local cursor, f = string.match(one[1], '^%d+'), one[2]
        local tries, first = string.match(call('HGET', tag .. 'wa:' .. partner, cursor) or '', '^(%d+) (%d+)$')
        tries = (tonumber(tries) or 0) + 1
        call('HSET', tag .. 'wa:' .. partner, cursor, tries .. ' ' .. (first or whole(now)))
        call('ZADD', tag .. 'wp:' .. partner, whole(now + again), cursor)
        reply[5 + i] = {cursor, f[4], f[2], f[6], tries}
    end
    webhook_next(tag, partner, now)
    return reply
end)
