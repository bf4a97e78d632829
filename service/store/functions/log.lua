-- SPDX-License-Identifier: Apache-2.0
-- What the sequencer needs of a shard's log, and the store's own beginnings.

-- KEYS   the tag; reads log log:n log:mirror
-- REPLY  ok, leaves counted, last leaf index + 1 in the stream (trimmed or not), mirror's epoch, size,
--        root
register('log_state', {'no-writes'}, function(tag)
    local last, info = '0', call('EXISTS', tag .. 'log') == 1 and call('XINFO', 'STREAM', tag .. 'log') or {}
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then
            last = string.match(info[i + 1], '^%d+')
        end
    end
    local mirror = call('HMGET', tag .. 'log:mirror', 'epoch', 'size', 'root')
    return {'ok', call('GET', tag .. 'log:n') or '0', last, mirror[1] or '0', mirror[2] or '0', mirror[3] or ''}
end)

-- Raises the counter, never lowers it: no leaf index is given out twice after Redis lost its tail.
-- KEYS   the tag; touches log:n
-- ARGV   4: size
-- REPLY  ok, counter
-- KEEPS  I4 (a leaf index is given out once)
register('log_raise', {'allow-oom'}, function(tag, args, now, at)
    if tonumber(call('GET', tag .. 'log:n') or '0') < tonumber(args[at]) then
        call('SET', tag .. 'log:n', args[at])
    end
    return {'ok', call('GET', tag .. 'log:n') or '0'}
end)

-- Remembers the log's size and root, if the epoch is still the expected one.
-- KEYS   the tag; touches log:mirror
-- ARGV   4: expected epoch, 5: epoch, 6: size, 7: root
-- REPLY  ok | stale
-- KEEPS  I4 (a second sequencer, or a restored disk, is noticed)
register('log_mirror', {'allow-oom'}, function(tag, args, now, at)
    if (call('HGET', tag .. 'log:mirror', 'epoch') or '0') ~= args[at] then
        return {'stale'}
    end
    call('HSET', tag .. 'log:mirror', 'epoch', args[at + 1], 'size', args[at + 2], 'root', args[at + 3])
    return {'ok'}
end)

-- Fixes the number of shards the first time, and says in which format the store is.
-- KEYS   the tag of shard 0; touches meta
-- ARGV   4: shards wanted, 5: format of this version, 6: 1 once every shard is in it, or 0
-- REPLY  ok, shards, format | state (of a later version)
-- KEEPS  the number of shards never changes: ids carry theirs
register('prepare', {'allow-oom'}, function(tag, args, now, at)
    call('HSETNX', tag .. 'meta', 'shards', args[at])
    call('HSETNX', tag .. 'meta', 'version', args[at + 1])
    local format = call('HGET', tag .. 'meta', 'version')
    if tonumber(format) > tonumber(args[at + 1]) then
        return {'state'}
    end
    if args[at + 2] == '1' then
        call('HSET', tag .. 'meta', 'version', args[at + 1])
    end
    return {'ok', call('HGET', tag .. 'meta', 'shards'), format}
end)
