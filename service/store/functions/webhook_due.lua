-- SPDX-License-Identifier: Apache-2.0
-- The partners whose endpoint has something to deliver now, the longest due first.
-- KEYS   the tag of shard 0; reads wq webhooks wp: w:
-- ARGV   4: limit, 5: 1 when the sums are wanted too
-- REPLY  ok, notices waiting, endpoints disabled, then the partners; the sums are -1 where not wanted
register('webhook_due', {'no-writes'}, function(tag, args, now, at)
    local reply = {'ok', -1, -1}
    if args[at + 1] == '1' then
        reply[2], reply[3] = 0, 0
        for _, name in ipairs(call('SMEMBERS', tag .. 'webhooks')) do
            reply[2] = reply[2] + call('ZCARD', tag .. 'wp:' .. name)
            if call('HGET', tag .. 'w:' .. name, 'x') ~= WEBHOOK_ACTIVE then
                reply[3] = reply[3] + 1
            end
        end
    end
    for i, name in ipairs(call('ZRANGEBYSCORE', tag .. 'wq', '-inf', whole(now), 'LIMIT', 0, args[at])) do
        reply[i + 3] = name
    end
    return reply
end)
