-- SPDX-License-Identifier: Apache-2.0
-- Gives back the leases that have ended.
-- KEYS   the tag; touches leases leased c: q: q2: queues h: log
-- ARGV   from 4 on: limit, entry
-- REPLY  ok, how many, leases still out | busy
-- LOG    claim (expire), one a lease
-- KEEPS  I1, I3, I5 (a dead holder's case is back within its time and one sweep)
register('expire', {'allow-oom'}, function(tag, args, now, at)
    local ended = call('ZRANGEBYSCORE', tag .. 'leases', '-inf', whole(now), 'LIMIT', 0, args[at])
    local log = #ended > 0 and log_open(tag, args)
    local back = {}
    if #ended > 0 and not log then
        return {'busy'}
    end
    for i, token in ipairs(ended) do
        local id = call('HGET', tag .. 'leased', token)
        local case = id and case_load(tag, id)
        if not case or case.k ~= token then
            error('lease without its case: ' .. token)
        end
        local index = log_add(log, args[at + 1],
            {case = id, lease = token, fence = case.f1, reviewer = case.o2})
        back[i] = {id = id, case = case, index = index}
    end
    for _, one in ipairs(back) do
        lease_return(tag, one.id, one.case, now, one.index, 'expired')
    end
    if log then
        log_write(log)
    end
    return {'ok', #back, call('ZCARD', tag .. 'leases')}
end)
