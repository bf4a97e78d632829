-- SPDX-License-Identifier: Apache-2.0
-- Opens a closed case again, for people who took no part in it. Its decision stays in force meanwhile.
-- KEYS   the tag; touches i: c: d: o: a: q: queues h: log
-- ARGV   from 4 on: retry key or '', digest, case, partner, record, queue or '', deadline, entry
-- REPLY  ok|again, case, index, version | mismatch none state late busy
-- LOG    appeal
-- KEEPS  I1, I3; one appeal a decision, inside its window
register('appeal', {}, function(tag, args, now, at)
    local retry, digest, id, partner, record, queue, deadline, entry = unpack(args, at, at + 7)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    local case = case_load(tag, id)
    if not case or case.p ~= partner then
        return {'none'}
    end
    if case.s ~= CLOSED or not case.cd or case.ap == case.cd then
        return {'state'}
    end
    if tonumber(call('HGET', tag .. 'd:' .. case.cd, 'a') or '0') < now then
        return {'late'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local after = {q = queue ~= '' and queue or case.q, l = case.l, v = case.v, d = deadline}
    local index = log_add(log, entry, {case = id, decision = case.cd, queue = after.q})

    call('SET', tag .. 'o:' .. case.o, id, 'NX')
    call('SET', tag .. 'a:' .. id, record)
    call('HDEL', tag .. 'c:' .. id, 'x')
    queue_put(tag, id, after, false)
    local version = case_set(tag, id, 's', OPEN, 'q', after.q, 'd', deadline, 'ap', case.cd)
    case_event(tag, id, now, index, 'appealed', partner, case.cd)
    local reply = {'ok', id, index, version}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
