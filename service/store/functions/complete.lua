-- SPDX-License-Identifier: Apache-2.0
-- The full record of a deferred decision, by who decided or by a senior; without a lease, since the case
-- is closed, or waits only because the record is late.
-- KEYS   the tag; touches i: c: d: o: q: q2: queues n: held heldb h: due deferred log
-- ARGV   from 4 on: retry key or '', digest, deferred decision, reviewer, senior 0|1, pseudonym,
--        decision id, record, second needed 0|1, appeal until or 0, notice, entry, entry of the notice,
--        twice: when a letter held back is due or 0, and the letter or ''
-- REPLY  ok|again, decision, case, decision's state, index, version
--        | mismatch none same state limit busy
-- LOG    decision, and notice when effective
-- KEEPS  I1, I3, I6
register('complete', {'allow-oom'}, function(tag, args, now, at)
    local retry, digest, deferred, reviewer, senior = unpack(args, at, at + 4)
    local pseudonym, decision, record, second, appeal_until = unpack(args, at + 5, at + 9)
    local notice, entry, entry_notice = unpack(args, at + 10, at + 12)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    local owner = call('HMGET', tag .. 'd:' .. deferred, 'c', 'r')
    local id = owner[1]
    local case = id and case_load(tag, id)
    if not case then
        return {'none'}
    end
    if owner[2] ~= reviewer and senior ~= '1' then
        return {'same'}
    end
    if (case.s ~= CLOSED and case.s ~= OPEN) or case.df ~= deferred then
        return {'state'}
    end
    local _, decisions = string.gsub(case.ds or '', ',', '')
    if decisions >= DECISIONS_MAX then
        return {'limit'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    if entry == '' or call('EXISTS', tag .. 'd:' .. decision) == 1 then
        error('a decision needs its entry and a fresh id')
    end
    local awaits = second == '1' or case.n == '1'
    local late = {case = id, decision = decision, state = awaits and 'awaiting_second' or 'effective'}
    local index = log_add(log, entry, late)
    if not awaits then
        log_add(log, entry_notice, late)
    end

    local state = awaits and D_AWAITING or D_EFFECTIVE
    call('HSET', tag .. 'd:' .. decision, 'c', id, 'p', case.p, 'r', reviewer, 'm', pseudonym, 'j', record,
        's', state, 't', whole(now), 'i', whole(index), 'a', appeal_until)
    if case.s == OPEN then
        call('ZREM', queue_key(tag, case, false), id)
    end
    if awaits then
        call('HDEL', tag .. 'c:' .. id, 'x')
        queue_put(tag, id, case, true)
        call('HSET', tag .. 'c:' .. id, 's', AWAITING, 'aw', decision)
    else
        call('HSET', tag .. 'd:' .. decision, 'e', whole(now))
        decision_close(tag, id, case, decision, now)
        notice_put(tag, case.p, index, now, notice, late)
        held_put(tag, case.p, id, decision, args, at + 13, late)
    end
    local new = case_set(tag, id, 'pa', with_part(case, reviewer), 'ds', (case.ds or '') .. decision .. ',')
    case_event(tag, id, now, index, 'decided', reviewer, decision)
    local reply = {'ok', decision, id, state, index, new}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
