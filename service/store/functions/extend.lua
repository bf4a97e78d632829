-- SPDX-License-Identifier: Apache-2.0
-- Keeps a lease for longer.
-- KEYS   the tag; touches leased leases c:
-- ARGV   from 4 on: token, reviewer, lease ms
-- REPLY  ok, case, expiry, fence | lease
-- LOG    nothing: what is known of the case stays the same
-- KEEPS  I5 (only the holder, only while the lease is valid; an expiry never moves back)
register('extend', {'allow-oom'}, function(tag, args, now, at)
    local id, case = lease_find(tag, args[at], args[at + 1], now)
    if not id then
        return {'lease'}
    end
    local expiry = whole(math.max(tonumber(case.e), now + tonumber(args[at + 2])))
    call('ZADD', tag .. 'leases', expiry, case.k)
    call('HSET', tag .. 'c:' .. id, 'e', expiry)
    return {'ok', id, expiry, case.f1}
end)
