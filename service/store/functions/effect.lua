-- SPDX-License-Identifier: Apache-2.0
-- The partner says when and how a decision was carried out: the clock of an order stops here.
-- KEYS   the tag; touches d: c: h: log
-- ARGV   from 4 on: decision, partner, effective at, measure, entry
-- REPLY  ok|again, case, index, version | none state busy
-- LOG    effect
-- KEEPS  I3, I6 (said once; the same again changes nothing, another is refused)
register('effect', {'allow-oom'}, function(tag, args, now, at)
    local decision, partner, effective, measure, entry = unpack(args, at, at + 4)
    local held = call('HMGET', tag .. 'd:' .. decision, 'c', 'p', 's', 'ea', 'em', 'ei')
    local id = held[1]
    if not id or held[2] ~= partner then
        return {'none'}
    end
    if held[4] then
        if held[4] == effective and held[5] == measure then
            return {'again', id, held[6], call('HGET', tag .. 'c:' .. id, 'w')}
        end
        return {'state'}
    end
    if held[3] ~= D_EFFECTIVE and held[3] ~= D_SUPERSEDED then
        return {'state'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id, decision = decision})
    local version = call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
    call('HSET', tag .. 'd:' .. decision, 'ea', effective, 'em', measure, 'ei', whole(index))
    case_event(tag, id, now, index, 'done', partner, decision)
    log_write(log)
    return {'ok', id, index, version}
end)
