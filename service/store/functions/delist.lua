-- SPDX-License-Identifier: Apache-2.0
-- Names of list entries that cases cite, in their order.
-- KEYS   the tag; reads ct
-- ARGV   4: name to begin behind or '', 5: limit
-- REPLY  ok, names
register('cited', {'no-writes'}, function(tag, args, now, at)
    local after = args[at] == '' and '-' or '(' .. args[at]
    return {'ok', unpack(call('ZRANGEBYLEX', tag .. 'ct', after, '+', 'LIMIT', 0, args[at + 1]))}
end)

-- An entry was withdrawn from its list: restrictions that cite it are looked at again, by anybody; cases that are open
-- have it in their history. A decision stays in force until the next one, and a deadline stays or is that of the new look.
-- KEYS   the tag; touches ct ct: c: o: q: q2: queues h: log; reads d:
-- ARGV   4: name, 5: limit, 6: deadline, 7: outcomes that restrict, a comma around each, 8: entry
-- REPLY  ok, cases opened again, cases noted, left 0|1 | busy
-- LOG    escalation, for each case opened or noted
-- KEEPS  I1, I3; who judged does not judge the appeal
register('delist', {'allow-oom'}, function(tag, args, now, at)
    local name, limit, deadline, restrict, entry = unpack(args, at, at + 4)
    local ids = call('ZRANGE', tag .. 'ct:' .. name, 0, limit - 1)
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local todo, opened = {}, 0
    for _, id in ipairs(ids) do
        local case = case_load(tag, id)
        local again = case and case.s == CLOSED
        if case and not is_erased(case) and
            (not again or string.find(restrict, ',' .. case_outcome(tag, case) .. ',', 1, true)) then
            todo[#todo + 1] = {id, case, again, log_add(log, entry, {case = id, queue = case.q})}
        end
    end

    for _, one in ipairs(todo) do
        local id, case, again, index = unpack(one)
        if again then
            case_front(tag, id, case, deadline)
            anew(tag, id, case)
            opened = opened + 1
        end
        call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
        case_event(tag, id, now, index, 'delisted', 'system', name)
    end
    if #ids > 0 then
        call('ZREM', tag .. 'ct:' .. name, unpack(ids))
    end
    local left = call('EXISTS', tag .. 'ct:' .. name)
    if left == 0 then
        call('ZREM', tag .. 'ct', name)
    end
    log_write(log)
    return {'ok', opened, #todo - opened, left}
end)
