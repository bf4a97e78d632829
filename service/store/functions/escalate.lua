-- SPDX-License-Identifier: Apache-2.0
-- The holder sends a case to another queue and gives the lease back.
-- KEYS   the tag; touches i: leased leases c: q: queues h: log
-- ARGV   from 4 on: retry key or '', digest, case, token, reviewer, queue, severity, deadline or 0,
--        second needed 0|1, reason, entry, clearance it takes
-- REPLY  ok|again, case, index, version | mismatch none lease state busy
-- LOG    escalation
-- KEEPS  I1, I3, I5; severity and clearance only rise, the deadline only moves forward
register('escalate', {'allow-oom'}, function(tag, args, now, at)
    local retry, digest, id, token, reviewer = unpack(args, at, at + 4)
    local queue, severity, deadline, second, reason, entry, clearance = unpack(args, at + 5, at + 11)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    if call('EXISTS', tag .. 'c:' .. id) == 0 then
        return {'none'}
    end
    local held, case = lease_find(tag, token, reviewer, now)
    if held ~= id then
        return {'lease'}
    end
    if case.s ~= LEASED then
        return {'state'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local after = {q = queue, l = case.l, d = case.d, v = case.v}
    if tonumber(deadline) > 0 and tonumber(deadline) < tonumber(case.d) then
        after.d = deadline
    end
    if tonumber(severity) > tonumber(case.v) then
        after.v = severity
    end
    local index = log_add(log, entry, {case = id, queue = queue, severity = after.v, deadline = after.d})

    lease_drop(tag, id, case)
    queue_put(tag, id, after, false)
    local version = case_set(tag, id, 's', OPEN, 'q', after.q, 'd', after.d, 'v', after.v,
        'n', (second == '1' or case.n == '1') and '1' or '0',
        'cl', whole(math.max(tonumber(case.cl or '0'), tonumber(clearance))))
    case_event(tag, id, now, index, 'escalated', reviewer, reason)
    local reply = {'ok', id, index, version}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
