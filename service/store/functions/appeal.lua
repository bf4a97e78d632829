-- SPDX-License-Identifier: Apache-2.0
-- Opens a closed case again, for people who took no part in it. Its decision stays in force meanwhile.
-- KEYS   the tag; touches i: c: d: o: a: q: queues h: log
-- ARGV   from 4 on: retry key or '', digest, case, partner, record, queue or '', deadline, entry,
--        id of the appeal
-- REPLY  ok|again, appeal, index, version | mismatch none state late busy
-- LOG    appeal
-- KEEPS  I1, I3; one appeal a decision, inside its window
-- Everybody who decided on the case or answered as second person, as `pa` holds them.
local function deciders(tag, case)
    local all = {pa = case.pa}
    for decision in string.gmatch(case.ds or '', '([^,]+),') do
        for _, reviewer in ipairs(call('HMGET', tag .. 'd:' .. decision, 'r', 'r2')) do
            all.pa = reviewer and with_part(all, reviewer) or all.pa
        end
    end
    return all.pa or ','
end

register('appeal', {}, function(tag, args, now, at)
    local retry, digest, id, partner, record, queue, deadline, entry, appeal = unpack(args, at, at + 8)
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
    local version = case_set(tag, id, 's', OPEN, 'q', after.q, 'd', deadline, 'ap', case.cd,
        'pa', deciders(tag, case))
    case_event(tag, id, now, index, 'appealed', partner, appeal)
    local reply = {'ok', appeal, index, version}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
