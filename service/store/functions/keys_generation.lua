-- SPDX-License-Identifier: Apache-2.0
-- A number that rises with each change of any API key.
-- KEYS   the tag of shard 0; reads keygen
-- REPLY  ok, generation
register('keys_generation', {'no-writes'}, function(tag)
    return {'ok', call('GET', tag .. 'keygen') or '0'}
end)
