-- SPDX-License-Identifier: Apache-2.0
-- The full record of a deferred decision did not come in time: its case goes to the front of its
-- queue, for anybody, also for who decided first.
-- KEYS   the tag; touches due d: c: o: q: queues h: log
-- ARGV   from 4 on: decision, entry
-- REPLY  ok|again, case, index, version | none busy
-- LOG    escalation
-- KEEPS  I1, I3; who judged does not judge the appeal. Said once a decision. The debt itself stays until the record comes.
local function front(tag, case)
    local head = call('ZRANGE', queue_key(tag, case, false), 0, 0, 'WITHSCORES')
    local before = head[2] and tonumber(head[2]) - 1 or tonumber(case.t)
    return whole(math.max(1, math.min(before, tonumber(case.t))))
end

register('overdue', {'allow-oom'}, function(tag, args, now, at)
    local decision, entry = args[at], args[at + 1]
    local id = call('HGET', tag .. 'd:' .. decision, 'c')
    local case = id and case_load(tag, id)
    if not case then
        return {'none'}
    end
    if case.df ~= decision or not call('ZSCORE', tag .. 'due', decision) then
        call('ZREM', tag .. 'due', decision)
        return {'again', id, -1, case.w}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id, decision = decision, queue = case.q})

    call('ZREM', tag .. 'due', decision)
    case_front(tag, id, case, front(tag, case))
    anew(tag, id, case)
    local version = call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
    case_event(tag, id, now, index, 'overdue', 'system', decision)
    log_write(log)
    return {'ok', id, index, version}
end)
