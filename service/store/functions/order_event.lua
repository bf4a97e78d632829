-- SPDX-License-Identifier: Apache-2.0
-- Something happened to the order of a case: its clock stops, runs again, or the case comes back.
-- KEYS   the tag; touches i: c: z: o: q: q2: queues h: log
-- ARGV   from 4 on: retry key or '', digest, case, partner, effect none|pause|resume|reopen, event
--        (JSON), deadline or 0, word of the event, entry
-- REPLY  ok|again, case, index, version | mismatch none state limit busy
-- LOG    order
-- KEEPS  I1, I3; a clock is paused once until it is resumed; who judged does not judge the appeal
local EVENTS_MAX = 64

register('order_event', {}, function(tag, args, now, at)
    local retry, digest, id, partner, effect = unpack(args, at, at + 4)
    local event, deadline, word, entry = unpack(args, at + 5, at + 8)
    local before = retry_find(tag, retry, digest)
    if before then
        return before
    end
    local case = case_load(tag, id)
    if not case or case.p ~= partner then
        return {'none'}
    end
    local paused = case.op ~= nil and case.ou == nil
    if (effect == 'pause' and paused) or (effect == 'resume' and not paused) then
        return {'state'}
    end
    if call('LLEN', tag .. 'z:' .. id) >= EVENTS_MAX then
        return {'limit'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id})

    call('RPUSH', tag .. 'z:' .. id, event)
    if effect == 'pause' then
        order_pause(tag, id, now)
    elseif effect == 'resume' then
        call('HSET', tag .. 'c:' .. id, 'ou', whole(now))
    end
    if effect == 'resume' or effect == 'reopen' then
        case_front(tag, id, case, deadline)
        anew(tag, id, case)
    elseif effect == 'pause' and case.s ~= CLOSED then
        case_front(tag, id, case, deadline)
    end
    local version = call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
    case_event(tag, id, now, index, word, partner, '')
    local reply = {'ok', id, index, version}
    retry_keep(tag, retry, digest, reply, args[3])
    log_write(log)
    return reply
end)
