-- SPDX-License-Identifier: Apache-2.0
-- Stores a decision of the lease's holder, effective at once or awaiting a second person.
-- KEYS   the tag; touches i: leased leases c: d: o: q2: queues n: held heldb h: due deferred log
-- ARGV   from 4 on: retry key or '', digest, case, token, reviewer, pseudonym, fence or 0, expected
--        version or 0, decision id, record, second needed 0|1, appeal until or 0, notice, entry,
--        entry of the notice, twice: when a letter held back is due or 0, and the letter or '';
--        when the full record is due or 0; the order's clock stops 0|1
-- REPLY  ok|again, decision, case, decision's state, index, version
--        | mismatch none lease stale same state limit busy
-- LOG    decision, and notice when effective
-- KEEPS  I1, I3, I5 (token, owner, time and fence), I6 (a decision is written once)
register('decide', {'allow-oom'}, function(tag, args, now, at)
    local retry, digest, id, token, reviewer = unpack(args, at, at + 4)
    local pseudonym, fence, version, decision, record = unpack(args, at + 5, at + 9)
    local second, appeal_until, notice, entry, entry_notice = unpack(args, at + 10, at + 14)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    if call('EXISTS', tag .. 'c:' .. id) == 0 then
        return {'none'}
    end
    local held, case = lease_find(tag, token, reviewer, now)
    if held ~= id or (fence ~= '0' and fence ~= case.f1) then
        return {'lease'}
    end
    if version ~= '0' and version ~= case.w then
        return {'stale'}
    end
    if case.s ~= LEASED then
        return {'state'}
    end
    if took_part(case, reviewer) then
        return {'same'}
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
    -- What acts first, or stops a clock, waits for nobody that only the rules asked for.
    local awaits = second == '1' or (case.n == '1' and args[at + 19] == '0' and args[at + 20] == '0')
    local late = {case = id, decision = decision, state = awaits and 'awaiting_second' or 'effective'}
    local index = log_add(log, entry, late)
    if not awaits then
        log_add(log, entry_notice, late)
    end

    local state = awaits and D_AWAITING or D_EFFECTIVE
    call('HSET', tag .. 'd:' .. decision, 'c', id, 'p', case.p, 'r', reviewer, 'm', pseudonym,
        'j', record, 's', state, 't', whole(now), 'i', whole(index), 'a', appeal_until,
        'fd', args[at + 19], 'pz', args[at + 20])
    lease_drop(tag, id, case)
    if awaits then
        queue_put(tag, id, case, true)
        call('HSET', tag .. 'c:' .. id, 's', AWAITING, 'aw', decision)
    else
        call('HSET', tag .. 'd:' .. decision, 'e', whole(now))
        decision_close(tag, id, case, decision, now)
        notice_put(tag, case.p, index, now, notice, late)
        held_put(tag, case.p, id, decision, args, at + 15, late)
    end
    local new = case_set(tag, id, 'pa', with_part(case, reviewer), 'ds', (case.ds or '') .. decision .. ',')
    case_event(tag, id, now, index, 'decided', reviewer, decision)
    local reply = {'ok', decision, id, state, index, new}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
