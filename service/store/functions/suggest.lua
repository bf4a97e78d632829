-- SPDX-License-Identifier: Apache-2.0
-- What was suggested to the holder of a lease: the decision under it must not repeat a judgement nobody touched.
-- KEYS   the tag; touches c:
-- ARGV   4: token, 5: reviewer, 6: suggestions (JSON)
-- REPLY  ok, case, -1, version | lease
-- LOG    nothing: what the record says of it is in the decision
-- KEEPS  the version of the case: a suggestion changes nothing that anybody decided on
register('suggest', {'allow-oom'}, function(tag, args, now, at)
    local id, case = lease_find(tag, args[at], args[at + 1], now)
    if not id then
        return {'lease'}
    end
    call('HSET', tag .. 'c:' .. id, 'sl', case.k, 'sg', args[at + 2])
    return {'ok', id, -1, case.w}
end)
