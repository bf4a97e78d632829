-- SPDX-License-Identifier: Apache-2.0
-- Webhook endpoints with their secrets and numbers, of one partner or of all.
-- KEYS   the tag of shard 0; reads webhooks w: wp:
-- ARGV   4: partner or '' for all
-- REPLY  ok, then one array an endpoint: partner, url, secret, older secret, its end, state, disabled at,
--        created, delivered behind, last success, last failure, status and text of the last failure, failures
--        in a row, delivered, given up, waiting | none (of one partner)
register('webhooks', {'no-writes'}, function(tag, args, now, at)
    local names = {args[at]}
    if args[at] == '' then
        names = call('SMEMBERS', tag .. 'webhooks')
        table.sort(names)
    elseif call('EXISTS', tag .. 'w:' .. args[at]) == 0 then
        return {'none'}
    end
    local reply = {'ok'}
    for i, name in ipairs(names) do
        local w = call('HMGET', tag .. 'w:' .. name, 'u', 's', 's2', 'e2', 'x', 'xt', 't', 'a', 'ls', 'lf', 'lc',
            'le', 'f', 'd', 'g')
        local row = {name}
        for j = 1, 15 do
            row[j + 1] = w[j] or ''
        end
        row[17] = call('ZCARD', tag .. 'wp:' .. name)
        reply[i + 1] = row
    end
    return reply
end)
