-- SPDX-License-Identifier: Apache-2.0
-- Destroys what people wrote about a closed case: bodies and salts of its reports, who reported, the text of its
-- appeal, the reasons of its escalations. Entries stay; without the salts their commitments say nothing.
-- KEYS   the tag; touches c: m: r: u: a: h: s: ho: keep log
-- ARGV   from 4 on: case, actor, entry
-- REPLY  ok|again, case, index, version, reports left for another call | none state held busy
-- LOG    erasure, one a call
-- KEEPS  I3; the log stays whole; a case under review, or under a hold that has not ended, loses nothing
-- ERASE_MAX reports a call, so that nobody waits long for a case of many; ec counts those looked at.
local function reasons_forget(tag, id)
    for i, event in ipairs(call('LRANGE', tag .. 'h:' .. id, 0, -1)) do
        local head = string.match(event, '^(%d+ %S+ escalated %S+ )')
        if head then
            call('LSET', tag .. 'h:' .. id, i - 1, head)
        end
    end
end

local function next_reports(tag, id, case, from)
    local ids = call('LRANGE', tag .. 'm:' .. id, math.max(from - 1, 0), from + ERASE_MAX - 2)
    if from == 0 then
        table.insert(ids, 1, case.f)
    end
    return ids
end

register('erase', {'allow-oom'}, function(tag, args, now, at)
    local id, actor, entry = unpack(args, at, at + 2)
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    if case.s ~= CLOSED then
        return {'state'}
    end
    if hold_until(tag, id, now) > 0 then
        return {'held'}
    end
    local from, found = tonumber(case.ec or '0'), {}
    local ids = next_reports(tag, id, case, from)
    if #ids == 0 then
        call('ZREM', tag .. 'keep', id)
        return {'again', id, -1, case.w, 0}
    end
    for _, report in ipairs(ids) do
        local r = record_get(tag, report)
        if r and r[RECORD.erased] == 0 then
            found[#found + 1] = {report, r}
        end
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local left = call('LLEN', tag .. 'm:' .. id) + 1 - from - #ids
    local index = log_add(log, entry, {case = id, reports = whole(#found)})

    for _, one in ipairs(found) do
        record_erase(tag, one[1], one[2])
    end
    if left == 0 then
        call('DEL', tag .. 'a:' .. id, tag .. 'u:' .. id, tag .. 'ho:' .. id)
        call('ZREM', tag .. 'keep', id)
        reasons_forget(tag, id)
    end
    local version = case_set(tag, id, 'ec', from + #ids, 'y', '')
    case_event(tag, id, now, index, 'erased', actor, '')
    log_write(log)
    return {'ok', id, index, version, left}
end)
