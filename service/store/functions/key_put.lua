-- SPDX-License-Identifier: Apache-2.0
-- Stores a new API key; the secret is known by its digest only.
-- KEYS   the tag of shard 0; touches k: keys kn: keygen log
-- ARGV   from 4 on: id, role, name, digest of the secret, pseudonym key, expires or 0, live keys
--        allowed for role and name or 0, entry, what a reviewer may take as JSON or ''
-- REPLY  ok, id, index, generation | state limit busy
-- LOG    key
-- KEEPS  I3; keys of one role and name share the pseudonym key, so that rotation keeps the pseudonym, and
--        what the reviewer may take: said anew it holds for all of them, not said it stays
register('key_put', {'allow-oom'}, function(tag, args, now, at)
    local id, role, name, secret, pseudonym_key = unpack(args, at, at + 4)
    local expires, max_live, entry, may = unpack(args, at + 5, at + 8)
    if call('EXISTS', tag .. 'k:' .. id) == 1 then
        return {'state'}
    end
    if call('LLEN', tag .. 'keys') >= KEYS_MAX then
        return {'limit'}
    end
    local live, others = 0, call('SMEMBERS', tag .. 'kn:' .. role .. ':' .. name)
    local kept = ''
    for _, other in ipairs(others) do
        local held = call('HMGET', tag .. 'k:' .. other, 'x', 'e', 'k', 'a')
        kept = held[4] or kept
        pseudonym_key = held[3]
        if held[1] == '0' and (held[2] == '0' or tonumber(held[2]) > now) then
            live = live + 1
        end
    end
    if tonumber(max_live) > 0 and live >= tonumber(max_live) then
        return {'limit'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {key = id})
    call('HSET', tag .. 'k:' .. id, 'r', role, 'n', name, 's', secret, 'k', pseudonym_key,
        't', whole(now), 'x', '0', 'e', expires, 'a', may ~= '' and may or kept)
    for _, other in ipairs(may ~= '' and others or {}) do
        call('HSET', tag .. 'k:' .. other, 'a', may)
    end
    call('RPUSH', tag .. 'keys', id)
    call('SADD', tag .. 'kn:' .. role .. ':' .. name, id)
    local generation = call('INCR', tag .. 'keygen')
    log_write(log)
    return {'ok', id, index, generation}
end)
