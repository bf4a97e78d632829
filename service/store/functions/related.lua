-- SPDX-License-Identifier: Apache-2.0
-- What a case's content can be recognised by: addresses and hashes in one spelling, and pictures.
-- KEYS   the tag; reads c: m: r: p:
-- ARGV   4: case
-- REPLY  ok, partner, FEATURE_LEN bytes a feature, 32 bytes a picture hash | none
local REPORTS_READ, CASES_A_FEATURE = 50, 50

register('features', {'no-writes'}, function(tag, args, now, at)
    local id = args[at]
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    local ids = call('LRANGE', tag .. 'm:' .. id, -(REPORTS_READ - 1), -1)
    table.insert(ids, 1, case.f)
    local features, pictures, seen = {}, {}, {}
    for _, report in ipairs(ids) do
        local r = record_get(tag, report)
        for feature in features_of(r) do
            features[#features + 1] = not seen[feature] and feature or ''
            seen[feature] = true
        end
        for _, number in ipairs(r and r[RECORD.pictures] or {}) do
            local hash = string.sub(picture_get(tag, number), 1, 32)
            pictures[#pictures + 1] = not seen[hash] and hash or ''
            seen[hash] = true
        end
    end
    return {'ok', case.p, table.concat(features), table.concat(pictures)}
end)

-- The newest cases of this shard with any of these features, and those named, where their content is still there.
-- KEYS   the tag; reads f: c: d:
-- ARGV   4: case to leave out, 5: features, then cases
-- REPLY  ok, then one array a case: case, feature or '' where it was named, partner, state, harm class or '', created,
--        closed or 0, outcome in force or ''
register('related', {'no-writes'}, function(tag, args, now, at)
    local reply, seen = {'ok'}, {[args[at]] = true}
    local function add(id, feature)
        local case = not seen[id] and case_load(tag, id)
        seen[id] = true
        if case and not is_erased(case) then
            reply[#reply + 1] = {id, feature, case.p, case.s, case.hc or '', case.t, case.x or 0, case_outcome(tag, case)}
        end
    end
    for feature in features_of({[RECORD.features] = args[at + 1]}) do
        for _, id in ipairs(call('ZREVRANGE', tag .. 'f:' .. feature, 0, CASES_A_FEATURE)) do
            add(id, feature)
        end
    end
    for i = at + 2, #args do
        add(args[i], '')
    end
    return reply
end)

-- Picture hashes of this shard in the order they came.
-- KEYS   the tag; reads p: pn
-- ARGV   4: number to begin with
-- REPLY  ok, number of the first given, how many there ever were, PICTURE_LEN bytes each: hash, case id (zeros: erased)
register('pictures', {'no-writes'}, function(tag, args, now, at)
    local from, count = tonumber(args[at]), tonumber(call('GET', tag .. 'pn') or '0')
    local oldest = math.max(0, math.floor((count - 1) / PICTURES_A_KEY) - PICTURE_KEYS + 1) * PICTURES_A_KEY
    from = math.max(from, oldest)
    local bytes = ''
    if from < count then
        bytes = call('GETRANGE', tag .. 'p:' .. whole(math.floor(from / PICTURES_A_KEY)),
            from % PICTURES_A_KEY * PICTURE_LEN, -1)
    end
    return {'ok', from, count, bytes}
end)
