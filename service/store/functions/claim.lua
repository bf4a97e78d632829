-- SPDX-License-Identifier: Apache-2.0
-- Leases the cases with the earliest deadlines over the given queues and languages.
-- KEYS   the tag; touches queues q: q2: c: leases leased fence h: log
-- ARGV   from 4 on: reviewer, pseudonym, lease ms, second 0|1, entry, number of queues, of languages,
--        of tokens, then these
-- REPLY  ok, then one array a lease: token, case, queue, language, fence, expiry, deadline, version,
--        severity, second 0|1, index
-- LOG    claim, one a lease
-- KEEPS  I1, I3, I5 (taken out of the queue and leased in one step; the fence rises)
-- A case its reviewer took part in is passed over, SKIPS of them at most: then the call ends with
-- what it found. Cost: one look a queue, and log n a case; not the length of a queue.
local SKIPS, PAIRS_KEPT = 256, 512

local function pairs_of(tag, args, at, queues, languages)
    local wanted_q, wanted_l, list = {}, {}, {}
    for i = at, at + queues - 1 do
        wanted_q[args[i]] = true
    end
    for i = at + queues, at + queues + languages - 1 do
        wanted_l[args[i]] = true
    end
    for _, pair in ipairs(call('SMEMBERS', tag .. 'queues')) do
        local queue, language = string.match(pair, '^(.*):(.*)$')
        if (queues == 0 or wanted_q[queue]) and (languages == 0 or wanted_l[language]) then
            list[#list + 1] = pair
        end
    end
    return list
end

local function look(head)
    local found = call('ZRANGE', head.key, head.at, head.at, 'WITHSCORES')
    head.id, head.deadline = found[1], tonumber(found[2])
    return head.id ~= nil
end

local function heads_of(tag, list, second)
    local heads = {}
    for _, pair in ipairs(list) do
        local found = false
        for _, kind in ipairs(second and {'q:', 'q2:'} or {'q:'}) do
            local head = {key = tag .. kind .. pair, at = 0, second = kind == 'q2:'}
            if look(head) then
                heads[#heads + 1] = head
                found = true
            end
        end
        if not found and #list > PAIRS_KEPT and call('EXISTS', tag .. 'q2:' .. pair) == 0 then
            call('SREM', tag .. 'queues', pair)
        end
    end
    return heads
end

local function earliest(heads)
    local best
    for _, head in ipairs(heads) do
        if head.id and (not best or head.deadline < best.deadline or
            (head.deadline == best.deadline and head.id < best.id)) then
            best = head
        end
    end
    return best
end

local function choose(tag, heads, reviewer, limit)
    local chosen, skips = {}, 0
    while #chosen < limit and skips < SKIPS do
        local head = earliest(heads)
        if not head then
            break
        end
        local id = head.id
        local case = case_load(tag, id)
        if not case then
            error('queue holds a case that is not there: ' .. id)
        end
        if took_part(case, reviewer) then
            skips = skips + 1
        else
            chosen[#chosen + 1] = {id = id, case = case, second = head.second, key = head.key}
        end
        head.at = head.at + 1
        look(head)
    end
    return chosen
end

register('claim', {}, function(tag, args, now, at)
    local reviewer, pseudonym, second, entry = args[at], args[at + 1], args[at + 3] == '1', args[at + 4]
    local expiry = whole(now + tonumber(args[at + 2]))
    local queues, languages, limit = tonumber(args[at + 5]), tonumber(args[at + 6]), tonumber(args[at + 7])
    local tokens = at + 8 + queues + languages
    if #args ~= tokens + limit - 1 then
        error('wrong number of arguments')
    end
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local list = pairs_of(tag, args, at + 8, queues, languages)
    local chosen = choose(tag, heads_of(tag, list, second), reviewer, limit)
    local fence = tonumber(call('GET', tag .. 'fence') or '0')
    local reply = {'ok'}
    for i, one in ipairs(chosen) do
        one.token, one.fence = args[tokens + i - 1], whole(fence + i)
        one.index = log_add(log, entry, {case = one.id, lease = one.token, fence = one.fence,
            queue = one.case.q, expiry = expiry, stage = one.second and 'second' or 'first'})
    end
    for i, one in ipairs(chosen) do
        local case = one.case
        call('ZREM', one.key, one.id)
        call('INCR', tag .. 'fence')
        call('ZADD', tag .. 'leases', expiry, one.token)
        call('HSET', tag .. 'leased', one.token, one.id)
        local version = case_set(tag, one.id, 's', one.second and SECOND_LEASED or LEASED,
            'k', one.token, 'o1', reviewer, 'o2', pseudonym, 'e', expiry, 'f1', one.fence)
        case_event(tag, one.id, now, one.index, 'claimed', reviewer, '')
        reply[i + 1] = {one.token, one.id, case.q, case.l, one.fence, expiry, case.d, version,
            case.v, one.second and 1 or 0, one.index}
    end
    log_write(log)
    return reply
end)
