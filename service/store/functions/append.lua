-- SPDX-License-Identifier: Apache-2.0
-- Appends an entry about something outside any case: lists, rules, policy, export, config.
-- KEYS   the tag; touches log
-- ARGV   from 4 on: entry
-- REPLY  ok, '', index, 0 | busy
-- LOG    the entry
-- KEEPS  I3
register('append', {'allow-oom'}, function(tag, args, now, at)
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local index = log_add(log, args[at], {})
    log_write(log)
    return {'ok', '', index, 0}
end)
