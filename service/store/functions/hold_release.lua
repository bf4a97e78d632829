-- SPDX-License-Identifier: Apache-2.0
-- Ends a hold before its time. What it kept goes as soon as nothing else keeps it.
-- KEYS   the tag; touches c: ho: keep log
-- ARGV   from 4 on: case, hold, entry
-- REPLY  ok, case, index, version | none busy
-- LOG    hold (release)
-- KEEPS  I3
register('hold_release', {'allow-oom'}, function(tag, args, now, at)
    local id, hold, entry = unpack(args, at, at + 2)
    local case = case_load(tag, id)
    if not case or call('HEXISTS', tag .. 'ho:' .. id, hold) == 0 then
        return {'none'}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id})

    call('HDEL', tag .. 'ho:' .. id, hold)
    keep_look(tag, id, case, now)
    log_write(log)
    return {'ok', id, index, case.w}
end)
