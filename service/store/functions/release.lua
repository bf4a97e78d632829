-- SPDX-License-Identifier: Apache-2.0
-- Gives a lease back: the case waits again, with its deadline.
-- KEYS   the tag; touches leased leases c: q: q2: queues h: log
-- ARGV   from 4 on: token, reviewer, entry
-- REPLY  ok, case, index, version | lease | busy
-- LOG    claim (release)
-- KEEPS  I1, I3, I5
register('release', {'allow-oom'}, function(tag, args, now, at)
    local id, case = lease_find(tag, args[at], args[at + 1], now)
    if not id then
        return {'lease'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, args[at + 2], {case = id, lease = case.k, fence = case.f1})
    local version = lease_return(tag, id, case, now, index, 'released')
    log_write(log)
    return {'ok', id, index, version}
end)
