-- SPDX-License-Identifier: Apache-2.0
-- What keeps a case's content, and until when.
-- KEYS   the tag; reads c: ho: keep
-- ARGV   4: case
-- REPLY  ok, state, content gone 0|1, erasure asked for 0|1, when it is looked at next or 0, preserved until or 0,
--        then one array a hold: hold, authority, reference, until, pseudonym, placed | none
register('holds', {'no-writes'}, function(tag, args, now, at)
    local id = args[at]
    local case = case_load(tag, id)
    if not case then
        return {'none'}
    end
    local reply = {'ok', case.s, is_erased(case) and 1 or 0, case.ez and 1 or 0,
        call('ZSCORE', tag .. 'keep', id) or 0, case.ke or 0}
    local flat = call('HGETALL', tag .. 'ho:' .. id)
    for i = 1, #flat, 2 do
        local held = cmsgpack.unpack(flat[i + 1])
        reply[#reply + 1] = {flat[i], unpack(held)}
    end
    return reply
end)
