-- SPDX-License-Identifier: Apache-2.0
-- Brings the queues of format 1 (one sorted set a queue and language) to format 2 (one a severity too).
-- KEYS   the tag; touches queues q: q2: c:
-- ARGV   4: most cases moved by this call, so that nobody waits long for it
-- REPLY  ok, cases moved; fewer than asked for: nothing of format 1 is left
-- KEEPS  I1 (each case is moved in one step); what is in format 2 already stays, so it may run again
register('queues_upgrade', {'allow-oom'}, function(tag, args, now, at)
    local most, moved = tonumber(args[at]), 0
    for _, pair in ipairs(call('SMEMBERS', tag .. 'queues')) do
        if string.match(pair, '^[^:]*:[^:]*$') then
            for _, kind in ipairs({'q:', 'q2:'}) do
                local ids = moved < most and call('ZRANGE', tag .. kind .. pair, 0, most - moved - 1, 'WITHSCORES') or {}
                for i = 1, #ids, 2 do
                    local triple = pair .. ':' .. (call('HGET', tag .. 'c:' .. ids[i], 'v') or '0')
                    call('SADD', tag .. 'queues', triple)
                    call('ZADD', tag .. kind .. triple, ids[i + 1], ids[i])
                    call('ZREM', tag .. kind .. pair, ids[i])
                end
                moved = moved + #ids / 2
            end
            if call('EXISTS', tag .. 'q:' .. pair, tag .. 'q2:' .. pair) == 0 then
                call('SREM', tag .. 'queues', pair)
            end
        end
    end
    return {'ok', moved}
end)
