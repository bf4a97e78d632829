-- SPDX-License-Identifier: Apache-2.0
-- What else is done to an endpoint: rotate (a new secret, the old one signs beside it until a time), enable,
-- disable (an operator), delete, replay (deliver again what came after a cursor, or from a time on).
-- KEYS   the tag of shard 0; touches w: wp: wa: wq webhooks n: log
-- ARGV   from 4 on: partner, what, secret or '', number (rotate: end of the old secret, ms; replay: cursor),
--        since (replay: ms, 0: by the cursor), entry or ''
-- REPLY  ok, number (replay: the cursor it begins behind) | none busy
-- LOG    config, where an entry is given
-- KEEPS  I3; a replay gives the same messages the same ids
local change = {}

function change.rotate(tag, partner, now, secret, number)
    call('HSET', tag .. 'w:' .. partner, 's2', call('HGET', tag .. 'w:' .. partner, 's'), 'e2', number, 's', secret)
end

function change.enable(tag, partner, now)
    webhook_restart(tag, partner, now)
end

function change.disable(tag, partner, now)
    call('HSET', tag .. 'w:' .. partner, 'x', WEBHOOK_OPERATOR, 'xt', whole(now))
    call('ZREM', tag .. 'wq', partner)
end

function change.delete(tag, partner)
    call('DEL', tag .. 'w:' .. partner, tag .. 'wp:' .. partner, tag .. 'wa:' .. partner)
    call('ZREM', tag .. 'wq', partner)
    call('SREM', tag .. 'webhooks', partner)
end

-- The stream is in the order of the log's index, so times rise with it: the first notice at or after
-- `since` is found by halving.
local function before_time(tag, partner, since)
    local newest = call('XREVRANGE', tag .. 'n:' .. partner, '+', '-', 'COUNT', 1)[1]
    if not newest then
        return 0
    end
    local low, high = 0, tonumber(string.match(newest[1], '^%d+')) + 1
    while high - low > 1 do
        local middle = math.floor((low + high) / 2)
        local one = call('XRANGE', tag .. 'n:' .. partner, whole(middle) .. '-0', '+', 'COUNT', 1)[1]
        if one and tonumber(one[2][4]) < since then
            low = middle
        else
            high = middle
        end
    end
    return low
end

function change.replay(tag, partner, now, secret, number, since)
    local from = tonumber(number)
    if tonumber(since) > 0 then
        from = before_time(tag, partner, tonumber(since))
    end
    call('HSET', tag .. 'w:' .. partner, 'a', whole(from))
    webhook_next(tag, partner, now)
    return from
end

register('webhook_change', {'allow-oom'}, function(tag, args, now, at)
    local partner, what, secret, number, since, entry = unpack(args, at, at + 5)
    if call('EXISTS', tag .. 'w:' .. partner) == 0 then
        return {'none'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    log_add(log, entry, {})
    local result = change[what](tag, partner, now, secret, number, since)
    log_write(log)
    return {'ok', result or 0}
end)
