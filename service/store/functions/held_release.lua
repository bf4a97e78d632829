-- SPDX-License-Identifier: Apache-2.0
-- Letters to users that the law held back and whose time has come: each becomes a notice of its partner.
-- KEYS   the tag; touches held heldb n: wq log
-- ARGV   4: limit, 5: entry
-- REPLY  ok, how many, how many are still held | busy
-- LOG    notice, one a letter
-- KEEPS  I3; a letter goes out once
register('held_release', {'allow-oom'}, function(tag, args, now, at)
    local due = call('ZRANGEBYSCORE', tag .. 'held', '-inf', whole(now), 'LIMIT', 0, args[at])
    if #due == 0 then
        return {'ok', 0, call('ZCARD', tag .. 'held')}
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local letters = {}
    for i, name in ipairs(due) do
        local one = cmsgpack.unpack(call('HGET', tag .. 'heldb', name))
        one.index = log_add(log, args[at + 1], {partner = one[1], case = one[2], decision = one[3]})
        letters[i] = one
    end
    for i, name in ipairs(due) do
        call('ZREM', tag .. 'held', name)
        call('HDEL', tag .. 'heldb', name)
        notice_put(tag, letters[i][1], letters[i].index, now, letters[i][4], {}, 'user_notice')
    end
    local left = call('ZCARD', tag .. 'held')
    log_write(log)
    return {'ok', #due, left}
end)
