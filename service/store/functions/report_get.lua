-- SPDX-License-Identifier: Apache-2.0
-- One report as it was accepted.
-- KEYS   the tag; reads r:
-- ARGV   4: report
-- REPLY  ok, {report, case, partner, content id, body, salt, verdict, received, index, verdict index,
--        joined 0|1, digest, erased 0|1} | none
register('report_get', {'no-writes'}, function(tag, args, now, at)
    local r = record_get(tag, args[at])
    if not r then
        return {'none'}
    end
    return {'ok', record_reply(args[at], r)}
end)
