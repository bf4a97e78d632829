-- SPDX-License-Identifier: Apache-2.0
-- Destroys bodies and salts of a case's reports and the text of its appeal. Entries stay; without the
-- salts their commitments say nothing.
-- KEYS   the tag; touches c: m: r: a: h: log
-- ARGV   from 4 on: case, actor, entry
-- REPLY  ok|again, case, index, version | none limit busy
-- LOG    erasure
-- KEEPS  I3; the log stays whole
register('erase', {'allow-oom'}, function(tag, args, now, at)
    local id, actor, entry = unpack(args, at, at + 2)
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    if call('LLEN', tag .. 'm:' .. id) > ERASE_MAX then
        return {'limit'}
    end
    local reports, found = call('LRANGE', tag .. 'm:' .. id, 0, -1), {}
    reports[#reports + 1] = case.f
    for _, report in ipairs(reports) do
        local r = record_get(tag, report)
        if r and r[RECORD.erased] == 0 then
            found[#found + 1] = {report, r}
        end
    end
    if #found == 0 then
        return {'again', id, -1, case.w}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, entry, {case = id, reports = whole(#found)})
    for _, one in ipairs(found) do
        local r = one[2]
        r[RECORD.body], r[RECORD.salt], r[RECORD.erased] = '', '', 1
        call('SET', tag .. 'r:' .. one[1], cmsgpack.pack(r))
    end
    call('DEL', tag .. 'a:' .. id)
    local version = call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
    case_event(tag, id, now, index, 'erased', actor, '')
    log_write(log)
    return {'ok', id, index, version}
end)
