-- SPDX-License-Identifier: Apache-2.0
-- A record was refused under this lease: the decision to come is not complete at the first try.
-- KEYS   the tag; touches c:
-- ARGV   4: token, 5: reviewer
-- REPLY  ok, case, -1, version | lease
-- LOG    nothing: a refused record is no act
-- KEEPS  only the holder's own lease is marked
register('attempt', {'allow-oom'}, function(tag, args, now, at)
    local id, case = lease_find(tag, args[at], args[at + 1], now)
    if not id then
        return {'lease'}
    end
    call('HSET', tag .. 'c:' .. id, 'ft', case.k)
    return {'ok', id, -1, case.w}
end)
