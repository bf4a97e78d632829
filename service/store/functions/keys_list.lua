-- SPDX-License-Identifier: Apache-2.0
-- Every API key, revoked ones too, oldest first.
-- KEYS   the tag of shard 0; reads keys k: keygen
-- REPLY  ok, generation, array of {id, role, name, digest, pseudonym key, created, revoked, expires,
--        what a reviewer may take or ''}
register('keys_list', {'no-writes'}, function(tag)
    local list = {}
    for i, id in ipairs(call('LRANGE', tag .. 'keys', 0, -1)) do
        local k = call('HMGET', tag .. 'k:' .. id, 'r', 'n', 's', 'k', 't', 'x', 'e', 'a')
        list[i] = {id, k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8] or ''}
    end
    return {'ok', call('GET', tag .. 'keygen') or '0', list}
end)
