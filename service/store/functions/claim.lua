-- SPDX-License-Identifier: Apache-2.0
-- Leases the cases with the earliest deadlines over the given queues and languages that this person
-- may take and still has room for.
-- KEYS   the tag; touches queues q: q2: c: leases leased fence x: h: log
-- ARGV   from 4 on: reviewer, pseudonym, lease ms, second 0|1, entry, clearance, then of their care:
--        queue that it never withholds or '', worst severity, how many of it before a pause or 0, pause
--        ms, cases of one queue in a row or 0, cases an hour, a day, then of each severity 0-4 an hour,
--        a day (0: no limit); then numbers of queues, of languages, of languages known, of harm
--        classes opted out of, of partners in conflict, of tokens, then these
-- REPLY  ok, then one array a lease: token, case, queue, language, fence, expiry, deadline, version,
--        severity, second 0|1, index | exposed, when the first limit ends | busy
-- LOG    claim, one a lease
-- KEEPS  I1, I3, I5 (taken out of the queue and leased in one step; the fence rises)
-- A case that its reviewer must not take is passed over, SKIPS of them at most: then the call ends with
-- what it found. A severity for which the reviewer has no room is a key that is not looked at, so it
-- costs nothing. Cost: one look a queue, and log n a case; not the length of a queue.
local SKIPS, PAIRS_KEPT = 512, 1024
-- What was handed out is counted in slots; a slot leaves a window when all of it lies outside.
local SLOT, HOUR, DAY = 300000, 3600000, 86400000

local function take(args, at, count)
    local set = {}
    for i = at, at + count - 1 do
        set[args[i]] = true
    end
    return set
end

local function read(args, at)
    local n = {}
    for i = 1, 6 do
        n[i] = tonumber(args[at + 22 + i])
    end
    local a = {name = args[at], pseudonym = args[at + 1], lease = tonumber(args[at + 2]),
        second = args[at + 3] == '1', entry = args[at + 4], clearance = tonumber(args[at + 5]),
        exempt = args[at + 6], worst = tonumber(args[at + 7]), row = tonumber(args[at + 8]),
        pause = tonumber(args[at + 9]), rotation = tonumber(args[at + 10]),
        hour = tonumber(args[at + 11]), day = tonumber(args[at + 12]), hours = {}, days = {}}
    for severity = 0, 4 do
        a.hours[severity] = tonumber(args[at + 13 + 2 * severity])
        a.days[severity] = tonumber(args[at + 14 + 2 * severity])
    end
    local first = at + 29
    a.queues, a.any_queue = take(args, first, n[1]), n[1] == 0
    a.languages, a.any_language = take(args, first + n[1], n[2]), n[2] == 0
    a.known, a.knows_all = take(args, first + n[1] + n[2], n[3]), n[3] == 0
    a.out = take(args, first + n[1] + n[2] + n[3], n[4])
    a.away = take(args, first + n[1] + n[2] + n[3] + n[4], n[5])
    a.tokens = first + n[1] + n[2] + n[3] + n[4] + n[5]
    a.limit = n[6]
    if #args ~= a.tokens + a.limit - 1 then
        error('wrong number of arguments')
    end
    return a
end

-- x:<reviewer>: u no worst case until, n worst cases since the last pause, q the last queue, r cases of
-- it in a row, e slot, severity, count, and so on, oldest first. Counted once from it: hour and day, by
-- severity and in `all`.
local function tally(counts, severity, count)
    counts.all = counts.all + count
    counts[severity] = (counts[severity] or 0) + count
end

local function exposure(tag, reviewer, now)
    local held = call('GET', tag .. 'x:' .. reviewer)
    local x = held and cmsgpack.unpack(held) or {u = 0, n = 0, q = '', r = 0, e = {}}
    local kept = {}
    x.hour, x.day = {all = 0}, {all = 0}
    for i = 1, #x.e, 3 do
        local ends = (x.e[i] + 1) * SLOT
        if ends + DAY > now then
            kept[#kept + 1], kept[#kept + 2], kept[#kept + 3] = x.e[i], x.e[i + 1], x.e[i + 2]
            tally(x.day, x.e[i + 1], x.e[i + 2])
        end
        if ends + HOUR > now then
            tally(x.hour, x.e[i + 1], x.e[i + 2])
        end
    end
    x.e = kept
    return x
end

-- When fewer than `budget` of these severities will lie in the window, `count` being there now.
local function room_at(x, now, window, budget, count, from, to)
    if budget == 0 or count < budget then
        return 0
    end
    for i = 1, #x.e, 3 do
        local ends = (x.e[i] + 1) * SLOT + window
        if ends > now and x.e[i + 1] >= from and x.e[i + 1] <= to then
            count = count - x.e[i + 2]
            if count < budget then
                return ends
            end
        end
    end
    error('a window without what was counted in it')
end

-- Until when a case of this severity is withheld; 0: it is not.
local function withheld(a, x, now, severity)
    return math.max((severity >= a.worst and x.u > now) and x.u or 0,
        room_at(x, now, HOUR, a.hour, x.hour.all, 0, 4), room_at(x, now, DAY, a.day, x.day.all, 0, 4),
        room_at(x, now, HOUR, a.hours[severity], x.hour[severity] or 0, severity, severity),
        room_at(x, now, DAY, a.days[severity], x.day[severity] or 0, severity, severity))
end

local function count_one(a, x, now, severity, queue)
    local slot, last = math.floor(now / SLOT), #x.e - 2
    while last > 0 and x.e[last] == slot and x.e[last + 1] ~= severity do
        last = last - 3
    end
    if last > 0 and x.e[last] == slot then
        x.e[last + 2] = x.e[last + 2] + 1
    else
        x.e[#x.e + 1], x.e[#x.e + 2], x.e[#x.e + 3] = slot, severity, 1
    end
    tally(x.hour, severity, 1)
    tally(x.day, severity, 1)
    x.q, x.r = queue, queue == x.q and x.r + 1 or 1
    if a.row > 0 and severity >= a.worst then
        x.n = x.n + 1
        if x.n >= a.row then
            x.n, x.u = 0, now + a.pause
        end
    end
end

local function look(head)
    local found = call('ZRANGE', head.key, head.at, head.at, 'WITHSCORES')
    head.id, head.deadline = found[1], tonumber(found[2])
    return head.id ~= nil
end

local function heads_of(tag, a)
    local heads, list = {}, call('SMEMBERS', tag .. 'queues')
    for _, pair in ipairs(list) do
        local queue, language, severity = string.match(pair, '^(.*):(.*):(%d)$')
        local known = a.knows_all or a.known[language] or language == 'und'
        if queue and known and (a.any_queue or a.queues[queue]) and (a.any_language or a.languages[language]) then
            local found = false
            for _, kind in ipairs(a.second and {'q:', 'q2:'} or {'q:'}) do
                local head = {key = tag .. kind .. pair, at = 0, second = kind == 'q2:', queue = queue,
                    severity = tonumber(severity)}
                if look(head) then
                    heads[#heads + 1] = head
                    found = true
                end
            end
            if not found and #list > PAIRS_KEPT and call('EXISTS', tag .. 'q:' .. pair, tag .. 'q2:' .. pair) == 0 then
                call('SREM', tag .. 'queues', pair)
            end
        end
    end
    return heads
end

-- The earliest deadline among heads that are not withheld; `turn`: of another queue than the last.
local function earliest(a, x, heads, turn)
    local best
    for _, head in ipairs(heads) do
        local may = head.id and not head.withheld and not (turn and head.queue == x.q and head.queue ~= a.exempt)
        if may and (not best or head.deadline < best.deadline or
            (head.deadline == best.deadline and head.id < best.id)) then
            best = head
        end
    end
    return best
end

-- Marks the heads for which there is no room; returns when the first of them has room again, or 0.
local function withhold(a, x, heads, now)
    local known, first = {}, 0
    for _, head in ipairs(heads) do
        if head.id and head.queue ~= a.exempt then
            known[head.severity] = known[head.severity] or withheld(a, x, now, head.severity)
            head.withheld = known[head.severity] > 0
            if head.withheld and (first == 0 or known[head.severity] < first) then
                first = known[head.severity]
            end
        end
    end
    return first
end

local function may_take(a, held)
    local case = {p = held[1], hc = held[2], cl = held[3], pa = held[4] or nil}
    return not took_part(case, a.name) and not a.away[case.p] and not (case.hc and a.out[case.hc]) and
        tonumber(case.cl or '0') <= a.clearance
end

local function choose(tag, a, x, heads, now)
    local chosen, skips = {}, 0
    local until_ms = withhold(a, x, heads, now)
    while #chosen < a.limit and skips < SKIPS do
        local turn = a.rotation > 0 and x.r >= a.rotation
        local head = (turn and earliest(a, x, heads, true)) or earliest(a, x, heads, false)
        if not head then
            break
        end
        local id = head.id
        if may_take(a, call('HMGET', tag .. 'c:' .. id, 'p', 'hc', 'cl', 'pa')) then
            local case = case_load(tag, id)
            if not case then
                error('queue holds a case that is not there: ' .. id)
            end
            chosen[#chosen + 1] = {id = id, case = case, second = head.second, key = head.key}
            count_one(a, x, now, head.severity, head.queue)
            withhold(a, x, heads, now)
        else
            skips = skips + 1
        end
        head.at = head.at + 1
        look(head)
    end
    return chosen, until_ms
end

register('claim', {'allow-oom'}, function(tag, args, now, at)
    local a = read(args, at)
    local expiry = whole(now + a.lease)
    local log = log_open(tag, args)
    if not log then
        return {'busy'}
    end
    local x = exposure(tag, a.name, now)
    local chosen, until_ms = choose(tag, a, x, heads_of(tag, a), now)
    if #chosen == 0 then
        return until_ms > 0 and {'exposed', whole(until_ms)} or {'ok'}
    end
    local fence = tonumber(call('GET', tag .. 'fence') or '0')
    local reply = {'ok'}
    for i, one in ipairs(chosen) do
        one.token, one.fence = args[a.tokens + i - 1], whole(fence + i)
        one.index = log_add(log, a.entry, {case = one.id, lease = one.token, fence = one.fence,
            queue = one.case.q, expiry = expiry, stage = one.second and 'second' or 'first'})
    end
    for i, one in ipairs(chosen) do
        local case = one.case
        call('ZREM', one.key, one.id)
        call('INCR', tag .. 'fence')
        call('ZADD', tag .. 'leases', expiry, one.token)
        call('HSET', tag .. 'leased', one.token, one.id)
        local version = case_set(tag, one.id, 's', one.second and SECOND_LEASED or LEASED,
            'k', one.token, 'o1', a.name, 'o2', a.pseudonym, 'e', expiry, 'f1', one.fence)
        case_event(tag, one.id, now, one.index, 'claimed', a.name, '')
        reply[i + 1] = {one.token, one.id, case.q, case.l, one.fence, expiry, case.d, version,
            case.v, one.second and 1 or 0, one.index}
    end
    call('SET', tag .. 'x:' .. a.name, cmsgpack.pack({u = x.u, n = x.n, q = x.q, r = x.r, e = x.e}),
        'PX', DAY + HOUR)
    log_write(log)
    return reply
end)
