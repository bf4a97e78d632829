-- SPDX-License-Identifier: Apache-2.0
-- Accepts reports: each joins the case on its content that is not closed, or opens one.
-- KEYS   the tag; touches i: o: r: c: m: u: s: f: p: pn ct ct: q: q2: queues recent log log:n
-- ARGV   from 4 on, 24 a report: report id, case id for a new case, partner, content id, content key,
--        retry key or '', digest of the body, body, salt, verdict, queue, language, severity,
--        deadline, second needed 0|1, reporter, what the verdict took for earlier reports and reporters
--        (two numbers with a space, or '' where no rule asked), entry report, entry verdict, harm class,
--        author, FEATURE_LEN bytes a feature, 32 bytes a picture, entries it cites (LF between them)
-- REPLY  ok, then one array a report: ok|again|mismatch|busy|stale, report, case, joined 0|1, index of both
--        entries, reports, reporters, deadline, severity, queue; stale: the reports and reporters there are,
--        since when (0: none), whether this reporter is one of them 0|1
-- LOG    report and verdict, for each accepted one
-- KEEPS  I1 (a report is in exactly one case, a case in exactly one queue), I2, I3
local FIELDS = 24
-- The list of the newest reports is cut once in so many.
local RECENT_SLACK = 100
local NAMES = {report = '', case = '', joined = '', reports = '', reporters = '', queue = '',
    severity = '', deadline = '', seq = ''}

local function check(template)
    fill(template, NAMES)
    if #template > ENTRY_MAX - 512 then
        error('entry too large')
    end
end

local function answer(word, id, r)
    return {word, id, r[RECORD.case], r[RECORD.joined], r[RECORD.index], r[RECORD.verdict_index],
        r[RECORD.reports], r[RECORD.reporters], r[RECORD.deadline], r[RECORD.severity], r[RECORD.queue]}
end

local function again(tag, held, digest)
    if string.sub(held, 1, 32) ~= digest then
        return {'mismatch'}
    end
    local id = string.sub(held, 33)
    local r = record_get(tag, id)
    if not r then
        error('retry record without its report')
    end
    return answer('again', id, r)
end

local function new_case(tag, a, now)
    local case = {p = a.partner, i = a.content, o = a.content_key, s = OPEN, q = a.queue,
        l = a.language, v = a.severity, n = a.second, t = whole(now), d = a.deadline, w = '1', c = '1',
        u = '1', f = a.report, g = a.report, y = a.reporter, hc = a.harm}
    local known = call('SISMEMBER', tag .. 'queues', a.queue .. ':' .. a.language .. ':' .. a.severity) == 1
    if not known and call('SCARD', tag .. 'queues') >= QUEUES_MAX then
        case.l = 'und'
    end
    return case, known
end

-- Whether this reporter reported the case before.
local function reported(tag, id, case, reporter)
    return reporter == case.y or call('SISMEMBER', tag .. 'u:' .. id, reporter) == 1
end

-- What the case is with one more report. Returns changed fields; `case` keeps the old ones.
local function joined_case(tag, id, case, a)
    local now = {c = whole(tonumber(case.c) + 1), q = case.q, l = case.l, d = case.d, v = case.v,
        n = case.n, u = case.u, g = case.g, hc = case.hc}
    if tonumber(a.deadline) < tonumber(case.d) then
        now.d = a.deadline
    end
    if tonumber(a.severity) > tonumber(case.v) then
        now.v, now.g, now.hc = a.severity, a.report, a.harm
        if case.s == OPEN or case.s == LEASED then
            now.q = a.queue
        end
    end
    if a.second == '1' then
        now.n = '1'
    end
    if tonumber(case.u) < REPORTERS_MAX and not reported(tag, id, case, a.reporter) then
        now.u = whole(tonumber(case.u) + 1)
    end
    return now
end

local function write_join(tag, id, case, now, a)
    if now.u ~= case.u then
        call('SADD', tag .. 'u:' .. id, a.reporter)
    end
    call('RPUSH', tag .. 'm:' .. id, a.report)
    if (now.d ~= case.d or now.q ~= case.q or now.v ~= case.v) and (case.s == OPEN or case.s == AWAITING) then
        call('ZREM', queue_key(tag, case, case.s == AWAITING), id)
        queue_put(tag, id, now, case.s == AWAITING)
    end
    case_set(tag, id, 'c', now.c, 'q', now.q, 'd', now.d, 'v', now.v, 'n', now.n, 'u', now.u, 'g', now.g,
        'hc', now.hc or '')
end

local function write_new(tag, id, case, known)
    local flat = {}
    for field, value in pairs(case) do
        flat[#flat + 1] = field
        flat[#flat + 1] = value
    end
    call('HSET', tag .. 'c:' .. id, unpack(flat))
    if known then
        call('ZADD', queue_key(tag, case, false), case.d, id)
    else
        queue_put(tag, id, case, false)
    end
end

-- The first write: one that finds the report's id taken has written nothing. Each call of Redis costs about as much as
-- what it does, so the report and the way to its case are written by one.
local function write_record(tag, id, a, joined, there, packed)
    local fresh
    if joined then
        fresh = call('SET', tag .. 'r:' .. a.report, packed, 'NX')
    else
        if there then                   -- a way to a case that is not there
            call('DEL', tag .. 'o:' .. a.content_key)
        end
        fresh = call('MSETNX', tag .. 'r:' .. a.report, packed, tag .. 'o:' .. a.content_key, id) == 1
    end
    if not fresh then
        error('an id is not fresh')
    end
end

local function submit_one(tag, args, now_ms, a)
    local held = call('MGET', tag .. 'o:' .. a.content_key, tag .. 'log:n', tag .. 'i:' .. a.retry)
    if a.retry ~= '' and held[3] then
        return again(tag, held[3], a.digest)
    end
    local log = log_open(tag, args, held[2])
    if not log then
        return {'busy'}
    end
    local id = held[1]
    local case = id and case_load(tag, id)
    local joined = case ~= nil and case ~= false
    local now, known
    if a.history ~= '' and a.history ~= (joined and case.c .. ' ' .. case.u or '0 0') then
        if not joined then
            return {'stale', 0, 0, 0, 0}
        end
        return {'stale', case.c, case.u, case.t, reported(tag, id, case, a.reporter) and 1 or 0}
    end
    if joined then
        now = joined_case(tag, id, case, a)
    else
        id = a.case
        now, known = new_case(tag, a, now_ms)
    end
    local late = {report = a.report, case = id, joined = tostring(joined), reports = now.c,
        reporters = now.u, queue = now.q, severity = now.v, deadline = now.d}
    local index = log_add(log, a.entry_report, late)
    local verdict_index = log_add(log, a.entry_verdict, late)
    local r = {id, a.partner, a.content, a.body, a.salt, a.verdict, whole(now_ms), index, verdict_index,
        joined and 1 or 0, a.digest, tonumber(now.c), tonumber(now.u), now.d, tonumber(now.v), now.q, 0,
        a.author, a.reporter, a.features, features_put(tag, id, a.features, a.pictures)}

    write_record(tag, id, a, joined, held[1], cmsgpack.pack(r))
    if joined then
        write_join(tag, id, case, now, a)
    else
        write_new(tag, id, now, known)
    end
    for _, person in ipairs({a.author, a.reporter}) do
        if person ~= '' then
            call('ZADD', tag .. 's:' .. person, 0, a.report)
        end
    end
    for name in string.gmatch(a.cited, '[^\n]+') do
        call('ZADD', tag .. 'ct', 0, name)
        call('ZADD', tag .. 'ct:' .. name, 0, id)
    end
    if call('LPUSH', tag .. 'recent', a.report) > RECENT_KEPT + RECENT_SLACK then
        call('LTRIM', tag .. 'recent', 0, RECENT_KEPT - 1)
    end
    if a.retry ~= '' then
        call('SET', tag .. 'i:' .. a.retry, a.digest .. a.report, 'PX', args[3])
    end
    log_write(log)
    return answer('ok', a.report, r)
end

local function item(args, at)
    local a = {report = args[at], case = args[at + 1], partner = args[at + 2], content = args[at + 3],
        content_key = args[at + 4], retry = args[at + 5], digest = args[at + 6], body = args[at + 7],
        salt = args[at + 8], verdict = args[at + 9], queue = args[at + 10], language = args[at + 11],
        severity = args[at + 12], deadline = args[at + 13], second = args[at + 14],
        reporter = args[at + 15], history = args[at + 16], entry_report = args[at + 17],
        entry_verdict = args[at + 18], harm = args[at + 19], author = args[at + 20],
        features = args[at + 21], pictures = args[at + 22], cited = args[at + 23]}
    if not tonumber(a.severity) or not tonumber(a.deadline) or #a.digest ~= 32 or #a.features % FEATURE_LEN ~= 0 or
        #a.pictures % 32 ~= 0 then
        error('severity, deadline, digest or features')
    end
    return a
end

register('submit', {}, function(tag, args, now, at)
    local items, reply = {}, {'ok'}
    if #args < at or (#args - at + 1) % FIELDS ~= 0 then
        error('wrong number of arguments')
    end
    for i = at, #args, FIELDS do
        items[#items + 1] = item(args, i)
    end
    for _, a in ipairs(#items > 1 and items or {}) do   -- one alone is checked before it writes anything
        check(a.entry_report)
        check(a.entry_verdict)
    end
    for i, a in ipairs(items) do
        reply[i + 1] = submit_one(tag, args, now, a)
    end
    return reply
end)
