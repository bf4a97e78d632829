-- SPDX-License-Identifier: Apache-2.0
-- Makes a partner's webhook endpoint, or changes its URL. A new one begins behind the newest notice. Another
-- URL makes an endpoint active again that answered 410 or failed for too long, but not one that an operator
-- switched off. The secret is taken for a new endpoint only.
-- KEYS   the tag of shard 0; touches w: wp: wa: wq webhooks n: log
-- ARGV   from 4 on: partner, url, secret, entry
-- REPLY  ok, created 0|1 | limit busy
-- LOG    config
-- KEEPS  I3; a change of URL loses no notice that waits
register('webhook_put', {}, function(tag, args, now, at)
    local partner, url, secret, entry = unpack(args, at, at + 3)
    local held = call('HMGET', tag .. 'w:' .. partner, 'u', 'x')
    if not held[1] and call('SCARD', tag .. 'webhooks') >= WEBHOOKS_MAX then
        return {'limit'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    log_add(log, entry, {})
    if held[1] then
        call('HSET', tag .. 'w:' .. partner, 'u', url)
        if held[1] ~= url and (held[2] == WEBHOOK_GONE or held[2] == WEBHOOK_FAILING) then
            webhook_restart(tag, partner, now)
        end
    else
        local newest = call('XREVRANGE', tag .. 'n:' .. partner, '+', '-', 'COUNT', 1)
        call('HSET', tag .. 'w:' .. partner, 'u', url, 's', secret, 's2', '', 'e2', '0', 'x', WEBHOOK_ACTIVE,
            'a', newest[1] and string.match(newest[1][1], '^%d+') or '0', 't', whole(now))
        call('SADD', tag .. 'webhooks', partner)
    end
    log_write(log)
    return {'ok', held[1] and 0 or 1}
end)
