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
    local second = case.s == SECOND_LEASED
    lease_drop(tag, id, case)
    queue_put(tag, id, case, second)
    local version = case_set(tag, id, 's', second and AWAITING or OPEN)
    case_event(tag, id, now, index, 'released', case.o1, '')
    log_write(log)
    return {'ok', id, index, version}
end)
