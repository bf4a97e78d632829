-- SPDX-License-Identifier: Apache-2.0
-- Takes a case out of a lease, or into another queue, by order of a senior or an admin.
-- KEYS   the tag; touches leased leases c: q: q2: queues h: log
-- ARGV   from 4 on: case, actor, queue or '', entry
-- REPLY  ok, case, index, version | none state busy
-- LOG    claim or escalation, as the caller's entry says
-- KEEPS  I1, I3, I5 (the old token is worth nothing afterwards)
register('requeue', {'allow-oom'}, function(tag, args, now, at)
    local id, actor, queue, entry = unpack(args, at, at + 3)
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    if case.s == CLOSED then
        return {'state'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local second = case.s == AWAITING or case.s == SECOND_LEASED
    local after = {q = queue ~= '' and queue or case.q, l = case.l, v = case.v, d = case.d}
    local index = log_add(log, entry, {case = id, queue = after.q})

    if case.k then
        lease_drop(tag, id, case)
    else
        call('ZREM', queue_key(tag, case, second), id)
    end
    queue_put(tag, id, after, second)
    local version = case_set(tag, id, 's', second and AWAITING or OPEN, 'q', after.q)
    case_event(tag, id, now, index, 'requeued', actor, after.q)
    log_write(log)
    return {'ok', id, index, version}
end)
