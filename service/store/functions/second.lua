-- SPDX-License-Identifier: Apache-2.0
-- A second person agrees with a decision that awaits one (it becomes effective) or does not (it is
-- rejected, and the case waits again for somebody who took no part).
-- KEYS   the tag; touches i: c: d: leased leases o: q: q2: queues n: held heldb h: due deferred log
-- ARGV   from 4 on: retry key or '', digest, case, decision, reviewer, pseudonym, token or '', agree
--        0|1, record, notice, entry, entry of the notice, twice: when a letter held back is due or 0, and the
--        letter or ''; clearance, then partners in conflict
-- REPLY  ok|again, decision, case, decision's state, index, version
--        | mismatch none lease leased state same barred busy
-- LOG    second, and notice on agreement
-- KEEPS  I1, I3, I5, I6; the second person is another one than all who decided before
local function holder_word(case, reviewer, token, now)
    if case.s ~= SECOND_LEASED or tonumber(case.e) <= now then
        return token ~= '' and 'lease' or nil
    end
    if case.o1 ~= reviewer then
        return 'leased'
    end
    if token ~= '' and token ~= case.k then
        return 'lease'
    end
    return nil
end

register('second', {'allow-oom'}, function(tag, args, now, at)
    local retry, digest, id, decision, reviewer, pseudonym = unpack(args, at, at + 5)
    local token, agree, record, notice, entry, entry_notice = unpack(args, at + 6, at + 11)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    local case = case_load(tag, id)
    if not case or call('HGET', tag .. 'd:' .. decision, 'c') ~= id then
        return {'none'}
    end
    if (case.s ~= AWAITING and case.s ~= SECOND_LEASED) or case.aw ~= decision then
        return {'state'}
    end
    if took_part(case, reviewer) then
        return {'same'}
    end
    if barred(case, tonumber(args[at + 16]), args, at + 17) then
        return {'barred'}
    end
    local word = holder_word(case, reviewer, token, now)
    if word then
        return {word}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    if entry == '' then
        error('a second view needs its entry')
    end
    local agreed = agree == '1'
    local state = agreed and D_EFFECTIVE or D_REJECTED
    local late = {case = id, decision = decision, agree = tostring(agreed),
        state = agreed and 'effective' or 'rejected'}
    local index = log_add(log, entry, late)
    if agreed then
        log_add(log, entry_notice, late)
    end

    if case.s == SECOND_LEASED then
        lease_drop(tag, id, case)
    else
        call('ZREM', queue_key(tag, case, true), id)
    end
    call('HSET', tag .. 'd:' .. decision, 's', state, 'r2', reviewer, 'm2', pseudonym, 'j2', record,
        'g2', agree, 't2', whole(now), 'i2', whole(index))
    if agreed then
        call('HSET', tag .. 'd:' .. decision, 'e', whole(now))
        decision_close(tag, id, case, decision, now)
        notice_put(tag, case.p, index, now, notice, late)
        held_put(tag, case.p, id, decision, args, at + 12, late)
    else
        call('HDEL', tag .. 'c:' .. id, 'aw')
        call('HSET', tag .. 'c:' .. id, 's', OPEN)
        queue_put(tag, id, case, false)
    end
    local version = case_set(tag, id, 'pa', with_part(case, reviewer))
    case_event(tag, id, now, index, agreed and 'agreed' or 'disagreed', reviewer, decision)
    local reply = {'ok', decision, id, state, index, version}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
