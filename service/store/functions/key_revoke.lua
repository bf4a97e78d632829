-- SPDX-License-Identifier: Apache-2.0
-- Ends an API key for good. Its record stays.
-- KEYS   the tag of shard 0; touches k: keygen log
-- ARGV   from 4 on: id, entry
-- REPLY  ok|again, id, index or -1, generation | none busy
-- LOG    key
-- KEEPS  I3
register('key_revoke', {'allow-oom'}, function(tag, args, now, at)
    local id, entry = args[at], args[at + 1]
    local revoked = call('HGET', tag .. 'k:' .. id, 'x')
    if not revoked then
        return {'none'}
    end
    if revoked ~= '0' then
        return {'again', id, -1, call('GET', tag .. 'keygen') or 0}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {key = id})
    call('HSET', tag .. 'k:' .. id, 'x', whole(now))
    local generation = call('INCR', tag .. 'keygen')
    log_write(log)
    return {'ok', id, index, generation}
end)
