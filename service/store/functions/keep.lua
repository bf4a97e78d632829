-- SPDX-License-Identifier: Apache-2.0
-- Says until when a closed case's content is kept: next look at it then, and until when the law wants it kept.
-- KEYS   the tag; touches c: keep
-- ARGV   from 4 on: case, expected version, next look, preserved until or 0
-- REPLY  ok, case, -1, version | none state stale
-- LOG    nothing: times follow from the decision, which is logged
-- KEEPS  only a closed case that nobody changed since it was looked at is given a time
register('keep', {'allow-oom'}, function(tag, args, now, at)
    local id, version, next_ms, preserved = unpack(args, at, at + 3)
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    if case.s ~= CLOSED then
        return {'state'}
    end
    if case.w ~= version then
        return {'stale'}
    end
    call('HSET', tag .. 'c:' .. id, 'ke', preserved)
    call('ZADD', tag .. 'keep', next_ms, id)
    return {'ok', id, -1, case.w}
end)
