-- SPDX-License-Identifier: Apache-2.0
-- A person's data: marks the cases about an author to go as soon as nothing keeps them (keep_due), and erases what a
-- reporter sent where nothing keeps it. Page by page: call again with `next` until it is ''.
-- KEYS   the tag; touches s: c: r: u: keep log; reads ho:
-- ARGV   from 4 on: pseudonym, author|reporter, report after which to go on or '', limit, entry
-- REPLY  ok, next or '', index of the first entry or -1, cases marked, reports erased,
--        then one array for each case that is kept: case, open|preserved, until or 0 | busy
-- LOG    erasure, one for each case marked and each report erased; hole subject: its id
-- KEEPS  I3; nothing under review, preserved by law or under a hold is erased
local function kept(tag, id, case, now)
    if case.s ~= CLOSED or not case.ke then
        return 'open', 0
    end
    local until_ms = math.max(tonumber(case.ke), hold_until(tag, id, now))
    if until_ms > now then
        return 'preserved', until_ms
    end
end

local function sort_out(tag, ids, kind, now)
    local found = {marks = {}, records = {}, kept = {}}
    local seen = {}
    for _, report in ipairs(ids) do
        local r = record_get(tag, report)
        if not r then
            error('a person without their report: ' .. report)
        end
        local id = r[RECORD.case]
        local case = case_load(tag, id)
        local why, until_ms = kept(tag, id, case, now)
        if why and not seen[id] then
            found.kept[#found.kept + 1] = {id, why, whole(until_ms)}
        end
        if kind == 'reporter' and not why then
            found.records[#found.records + 1] = {id = report, record = r, case = id}
        elseif not seen[id] and not case.ez then
            found.marks[#found.marks + 1] = {id = id, case = case}
        end
        seen[id] = true
    end
    return found
end

register('forget', {'allow-oom'}, function(tag, args, now, at)
    local person, kind, after, limit, entry = unpack(args, at, at + 4)
    local ids = call('ZRANGEBYLEX', tag .. 's:' .. person, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit)
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local found, first = sort_out(tag, ids, kind, now), -1
    for _, list in ipairs({found.marks, found.records}) do
        for _, one in ipairs(list) do
            local index = log_add(log, entry, {subject = one.id, case = list == found.marks and one.id or one.case})
            first = first >= 0 and first or index
        end
    end

    for _, one in ipairs(found.marks) do
        call('HSET', tag .. 'c:' .. one.id, 'ez', '1')
        keep_look(tag, one.id, one.case, now)
    end
    for _, one in ipairs(found.records) do
        record_erase(tag, one.id, one.record)
        call('SREM', tag .. 'u:' .. one.case, person)
    end
    log_write(log)
    local reply = {'ok', #ids == tonumber(limit) and ids[#ids] or '', first, #found.marks, #found.records}
    for _, one in ipairs(found.kept) do
        reply[#reply + 1] = one
    end
    return reply
end)
