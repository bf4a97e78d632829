-- SPDX-License-Identifier: Apache-2.0
-- What became of one message. A refusal waits for its next attempt; after `patience` it is given up when others
-- came through since its first attempt, else the endpoint is switched off and keeps what waits. Gone (410)
-- switches it off at once.
-- KEYS   the tag of shard 0; touches w: wp: wa: wq log, reads n:
-- ARGV   from 4 on: partner, cursor, result (delivered|refused|gone), status, text of the failure, next
--        attempt ms, patience ms, entry for switching off
-- REPLY  ok, delivered|waits|given_up|disabled | none busy
-- LOG    config, when it switches off
-- KEEPS  I3; nothing waits in an endpoint twice
local function fail(tag, partner, now, status, text)
    call('HINCRBY', tag .. 'w:' .. partner, 'f', 1)
    call('HSET', tag .. 'w:' .. partner, 'lf', whole(now), 'lc', status, 'le', text)
end

local function forget(tag, partner, cursor)
    call('ZREM', tag .. 'wp:' .. partner, cursor)
    call('HDEL', tag .. 'wa:' .. partner, cursor)
end

local function switch_off(tag, args, partner, now, state, entry)
    local log = log_open(tag, args)
    if not log then
        return false
    end
    log_add(log, entry, {})
    call('HSET', tag .. 'w:' .. partner, 'x', state, 'xt', whole(now))
    call('ZREM', tag .. 'wq', partner)
    log_write(log)
    return true
end

register('webhook_done', {'allow-oom'}, function(tag, args, now, at)
    local partner, cursor, result, status, text = unpack(args, at, at + 4)
    local next_ms, patience, entry = args[at + 5], tonumber(args[at + 6]), args[at + 7]
    local w = call('HMGET', tag .. 'w:' .. partner, 'x', 'ls')
    if not w[1] or not call('ZSCORE', tag .. 'wp:' .. partner, cursor) then
        return {'none'}
    end
    local word = 'delivered'
    if result == 'delivered' then
        forget(tag, partner, cursor)
        call('HINCRBY', tag .. 'w:' .. partner, 'd', 1)
        call('HSET', tag .. 'w:' .. partner, 'ls', whole(now), 'f', 0)
    else
        local first = tonumber(string.match(call('HGET', tag .. 'wa:' .. partner, cursor) or '', ' (%d+)$')) or now
        local over = now - first >= patience
        local off = result == 'gone' and WEBHOOK_GONE or
            (over and (tonumber(w[2]) or 0) < first and WEBHOOK_FAILING) or nil
        if off and w[1] == WEBHOOK_ACTIVE then
            if not switch_off(tag, args, partner, now, off, entry) then
                return {'busy'}
            end
            w[1], word = off, 'disabled'
        else
            word = over and not off and 'given_up' or 'waits'
        end
        fail(tag, partner, now, status, text)
        if word == 'given_up' then
            forget(tag, partner, cursor)
            call('HINCRBY', tag .. 'w:' .. partner, 'g', 1)
        else
            call('ZADD', tag .. 'wp:' .. partner, next_ms, cursor)
        end
    end
    if w[1] == WEBHOOK_ACTIVE then
        webhook_next(tag, partner, now)
    end
    return {'ok', word}
end)
