-- SPDX-License-Identifier: Apache-2.0
-- One case with its first and newest reports, its decisions and its events.
-- KEYS   the tag; reads c: m: r: d: h: a: z:
-- ARGV   4: case, 5: how many reports, 6: how many events
-- REPLY  ok, {case fields}, {reports}, {decisions}, {events}, appeal, {order events} | none
local FIELDS = {'p', 'i', 'q', 'l', 's', 'v', 'n', 't', 'd', 'x', 'w', 'c', 'u', 'g', 'k', 'o1', 'e',
    'f1', 'ap', 'ft', 'df', 'op', 'ou', 'sl', 'sg'}
local DECISION = {'c', 'p', 'r', 'm', 'j', 's', 't', 'i', 'e', 'a', 'r2', 'm2', 'j2', 'g2', 't2', 'i2',
    'ea', 'ei', 'em', 'fd', 'fc'}

local function decision_reply(tag, id)
    local held = call('HMGET', tag .. 'd:' .. id, unpack(DECISION))
    if not held[1] then
        return nil
    end
    local reply = {id}
    for i = 1, #DECISION do
        reply[i + 1] = held[i] or ''
    end
    return reply
end

register('case_get', {'no-writes'}, function(tag, args, now, at)
    local id = args[at]
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    local fields, reports, decisions = {id}, {}, {}
    if case.ap ~= case.cd then
        case.ap = nil -- that appeal has been decided
    end
    for i, field in ipairs(FIELDS) do
        fields[i + 1] = case[field] or ''
    end
    local ids = call('LRANGE', tag .. 'm:' .. id, -(tonumber(args[at + 1]) - 1), -1)
    table.insert(ids, 1, case.f)
    for _, report in ipairs(ids) do
        local r = record_get(tag, report)
        reports[#reports + 1] = r and record_reply(report, r)
    end
    local lead = record_get(tag, case.g)
    fields[#fields + 1] = lead and lead[RECORD.verdict] or ''
    for decision in string.gmatch(case.ds or '', '([^,]+),') do
        decisions[#decisions + 1] = decision_reply(tag, decision)
    end
    return {'ok', fields, reports, decisions,
        call('LRANGE', tag .. 'h:' .. id, -tonumber(args[at + 2]), -1), call('GET', tag .. 'a:' .. id) or '',
        call('LRANGE', tag .. 'z:' .. id, 0, -1)}
end)

-- KEYS   the tag; reads d:
-- ARGV   4: decision
-- REPLY  ok, {decision} | none
register('decision_get', {'no-writes'}, function(tag, args, now, at)
    local reply = decision_reply(tag, args[at])
    return reply and {'ok', reply} or {'none'}
end)
