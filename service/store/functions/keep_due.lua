-- SPDX-License-Identifier: Apache-2.0
-- Closed cases whose content somebody has to look at now: to erase it, or to say until when it is kept.
-- KEYS   the tag; touches keep c:; reads d: ho:
-- ARGV   4: limit
-- REPLY  ok, then one array a case: case, version, closed, outcome of its decision or '', erasure asked for 0|1,
--        end of its last hold or 0
-- KEEPS  a case that is open again is left alone: its next decision brings it back
register('keep_due', {'allow-oom'}, function(tag, args, now, at)
    local reply = {'ok'}
    for _, id in ipairs(call('ZRANGEBYSCORE', tag .. 'keep', '-inf', whole(now), 'LIMIT', 0, args[at])) do
        local case = case_load(tag, id)
        if not case or case.s ~= CLOSED then
            call('ZREM', tag .. 'keep', id)
        else
            reply[#reply + 1] = {id, case.w, case.x or case.t, case_outcome(tag, case), case.ez and 1 or 0,
                hold_until(tag, id, now)}
        end
    end
    return reply
end)
