-- SPDX-License-Identifier: Apache-2.0
-- Keeps a case's content beyond its time, for a proceeding that an authority named.
-- KEYS   the tag; touches c: ho: keep log
-- ARGV   from 4 on: case, hold, authority, reference, until, pseudonym of who placed it, entry
-- REPLY  ok, case, index, version | none state limit busy (state: the content is gone)
-- LOG    hold (place)
-- KEEPS  I3; what is under a hold is not erased (erase.lua)
register('hold', {'allow-oom'}, function(tag, args, now, at)
    local id, hold, authority, reference, until_ms, actor, entry = unpack(args, at, at + 6)
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    if is_erased(case) then
        return {'state'}
    end
    if tonumber(until_ms) <= now or authority == '' or reference == '' then
        error('a hold needs an authority, a reference and an end that lies ahead')
    end
    if call('HLEN', tag .. 'ho:' .. id) >= HOLDS_MAX then
        return {'limit'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id})

    call('HSET', tag .. 'ho:' .. id, hold, cmsgpack.pack({authority, reference, until_ms, actor, whole(now)}))
    keep_look(tag, id, case, now)
    log_write(log)
    return {'ok', id, index, case.w}
end)
