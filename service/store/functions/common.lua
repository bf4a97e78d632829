-- SPDX-License-Identifier: Apache-2.0
-- What all functions share. Each function: checks first, writes after, audit entries last, since a
-- function that fails half-way keeps what it wrote.
-- KEYS[1] is the shard's hash tag, for example {s00}; every key touched is KEYS[1] .. ':' .. name, so
-- all lie in one slot. ARGV[1] now, ms. ARGV[2] unpublished log entries allowed. ARGV[3] how long
-- retry records live, ms. A function's own arguments begin at ARGV[4].
-- A reply is an array that begins with a word: ok again mismatch none lease state stale same leased
-- late limit exposed barred held busy (enum store_outcome).
--
--   meta               hash: shards, version (shard 0 only)
--   log, log:n         stream of entries, id <leaf index + 1>-0; count of leaves ever given out
--   log:mirror         hash: epoch, size, root
--   r:<report>         the report, packed (RECORD below)
--   c:<case>           hash of short fields (CASE below); m: further reports; u: further reporters;
--                      h: events; a: text of the appeal
--   o:<content>        the case on this content that is not closed
--   i:<retry>          digest (32 bytes) and the first answer, with an end of life
--   q:<pair>           waiting cases by deadline, <pair> = <queue>:<lang>:<severity>; q2: those that wait
--                      for a second person
--   queues             every <pair>
--   x:<reviewer>       what a reviewer was handed (claim.lua), packed; ends after a day
--   leases, leased     lease tokens by expiry; token -> case
--   fence              the last fencing token
--   d:<decision>       hash
--   n:<partner>        stream of notices, id <leaf index + 1>-0
--   held, heldb        letters held back, <decision>:<n>, by when they are due; the letters, packed
--   deferred, due      deferred decisions whose full record is owed, by when it is due; those whose lateness
--                      has not been said
--   z:<case>           what happened to its order, one JSON object each
--   recent             the newest report ids
--   keep               closed cases whose content is there, by when somebody has to look at it
--   ho:<case>          holds: id -> authority, reference, until, who placed it, when, packed
--   f:<feature>        cases whose content has this address or hash, by their ids
--   pn, p:<number>     how many pictures there ever were; their hashes and cases, PICTURES_A_KEY in a row
--   ct, ct:<name>      entries of lists that cases cite, <list>/<entry>; the cases that cite one, by their ids
--   s:<person>         reports about an author, or of a reporter, by their ids; a person is a pseudonym
--   k:<key>, keys, kn:<role>:<name>, keygen     API keys (shard 0 only)
--   webhooks           partners with an endpoint (shard 0 only)
--   w:<partner>        hash: u url  s s2 secrets  e2 end of the older one  x state 0-3  xt since  t created
--                      a taken up to here  ls lf last success, failure  lc le its status, text  f failures
--                      in a row  d delivered  g given up
--   wp:<partner>       notices taken and not delivered, by the time of their next attempt
--   wa:<partner>       notice -> attempts, space, time of the first
--   wq                 partners by when their endpoint has something to do
--
-- CASE  p partner  i content id  o content  s state 0-4  q queue  l language  v severity  n second
--       needed  t created  d deadline  x closed  w version  c reports  u reporters  f first report
--       g leading report  y first reporter  k o1 o2 e f1 lease: token, owner, pseudonym, expiry, fence
--       pa who took part, between commas  ds decisions, comma after each  cd effective decision
--       aw decision that awaits a second person  ap decision appealed against  ft lease under which a
--       record was refused  df deferred decision that owes its full record  op ou its order paused,
--       resumed  sl sg lease under which something was suggested, and what
--       hc harm class of the leading report  cl clearance it takes
--       ke content preserved by law until, or 0  ez erasure asked for  ec reports whose content was erased
local call      -- redis.call, which does not exist yet while the library is loaded
local OPEN, LEASED, AWAITING, SECOND_LEASED, CLOSED = '0', '1', '2', '3', '4'
local D_AWAITING, D_EFFECTIVE, D_REJECTED, D_SUPERSEDED = '0', '1', '2', '3'
local ENTRY_MAX, EVENTS_KEPT, DECISIONS_MAX, RECENT_KEPT = 65535, 256, 16, 10000
local WEBHOOK_ACTIVE, WEBHOOK_GONE, WEBHOOK_FAILING, WEBHOOK_OPERATOR = '0', '1', '2', '3'
local WEBHOOKS_MAX, WEBHOOK_PENDING_MAX = 2000, 1000
local REPORTERS_MAX, QUEUES_MAX, NOTICES_KEPT, KEYS_MAX, ERASE_MAX = 1000, 4000, 1000000, 10000, 1000
local HOLDS_MAX, LOG_LARGE = 16, 10000
local FEATURE_LEN, PICTURE_LEN, PICTURES_A_KEY, PICTURE_KEYS = 12, 72, 1000, 1000

local function register(name, flags, body)
    redis.register_function{function_name = 'rap_' .. name .. '_' .. VERSION, flags = flags,
        callback = function(keys, args)
            if #keys ~= 1 or #args < 3 then
                error('one tag and three arguments at least')
            end
            call = redis.call
            return body(keys[1] .. ':', args, tonumber(args[1]), 4)
        end}
end

local function whole(number)
    return string.format('%.0f', number)
end

-- The log: entries are filled and checked by log_add before anything is written, and written by
-- log_write at the very end.
-- `counter`: what log:n holds, where the caller has read it already.
-- The limit is one of memory: where it is large, the length is asked for at every sixteenth leaf only.
local function log_open(tag, args, counter)
    if counter == nil then
        counter = call('GET', tag .. 'log:n')
    end
    local limit, next_leaf = tonumber(args[2]), tonumber(counter or '0')
    if (limit < LOG_LARGE or next_leaf % 16 < 2) and call('XLEN', tag .. 'log') >= limit then
        return nil
    end
    return {tag = tag, next = next_leaf, entries = {}}
end

-- A template with its holes filled. Plain finds, not a pattern: a pattern is tried at every byte, which cost more
-- than all writes of a submit together.
local function fill(template, late)
    local at = string.find(template, '\1', 1, true)
    if not at then
        return template
    end
    local parts, from = {}, 1
    while at do
        local stop = string.find(template, '\2', at, true)
        local value = stop and late[string.sub(template, at + 1, stop - 1)]
        if not value then
            error('entry with an unknown hole')
        end
        parts[#parts + 1] = string.sub(template, from, at - 1)
        parts[#parts + 1] = value
        from = stop + 1
        at = string.find(template, '\1', from, true)
    end
    parts[#parts + 1] = string.sub(template, from)
    return table.concat(parts)
end

local function log_add(log, template, late)
    if template == '' then
        return -1
    end
    local index = log.next + #log.entries
    late.seq = whole(index)
    local entry = fill(template, late)
    if #entry > ENTRY_MAX then
        error('entry too large')
    end
    log.entries[#log.entries + 1] = entry
    return index
end

local function log_write(log)
    if #log.entries > 0 then
        call('INCRBY', log.tag .. 'log:n', #log.entries)
    end
    for i, entry in ipairs(log.entries) do
        call('XADD', log.tag .. 'log', whole(log.next + i) .. '-0', 'e', entry)
    end
end

-- Retry records: the same key with the same body gives the first answer again.
local function retry_find(tag, name, digest)
    if name == '' then
        return nil
    end
    local held = call('GET', tag .. 'i:' .. name)
    if not held then
        return nil
    end
    if string.sub(held, 1, 32) ~= digest then
        return {'mismatch'}
    end
    local reply = cmsgpack.unpack(string.sub(held, 33))
    reply[1] = 'again'
    return reply
end

local function retry_keep(tag, name, digest, reply, ms)
    if name ~= '' then
        call('SET', tag .. 'i:' .. name, digest .. cmsgpack.pack(reply), 'PX', ms)
    end
end

local function case_load(tag, id)
    local flat = call('HGETALL', tag .. 'c:' .. id)
    if #flat == 0 then
        return nil
    end
    local case = {}
    for i = 1, #flat, 2 do
        case[flat[i]] = flat[i + 1]
    end
    return case
end

local function case_event(tag, id, now, index, what, actor, detail)
    if call('RPUSH', tag .. 'h:' .. id, whole(now) .. ' ' .. whole(index) .. ' ' .. what .. ' ' .. actor ..
        ' ' .. detail) > EVENTS_KEPT then
        call('LTRIM', tag .. 'h:' .. id, -EVENTS_KEPT, -1)
    end
end

local function took_part(case, reviewer)
    return case.pa ~= nil and string.find(case.pa, ',' .. reviewer .. ',', 1, true) ~= nil
end

-- Whether a person of this clearance, with the partners from args[from] on in conflict, must keep away.
local function barred(case, clearance, args, from)
    for i = from, #args do
        if args[i] == case.p then
            return true
        end
    end
    return tonumber(case.cl or '0') > clearance
end

local function with_part(case, reviewer)
    if took_part(case, reviewer) then
        return case.pa
    end
    return (case.pa or ',') .. reviewer .. ','
end

local function queue_key(tag, case, second)
    return tag .. (second and 'q2:' or 'q:') .. case.q .. ':' .. case.l .. ':' .. case.v
end

local function queue_put(tag, id, case, second)
    call('SADD', tag .. 'queues', case.q .. ':' .. case.l .. ':' .. case.v)
    call('ZADD', queue_key(tag, case, second), case.d, id)
end

-- The lease of `token`, if `reviewer` holds it now: case id and case.
local function lease_find(tag, token, reviewer, now)
    local id = call('HGET', tag .. 'leased', token)
    local case = id and case_load(tag, id)
    if not case or case.k ~= token or case.o1 ~= reviewer or tonumber(case.e) <= now then
        return nil
    end
    return id, case
end

local function lease_drop(tag, id, case)
    call('HDEL', tag .. 'leased', case.k)
    call('ZREM', tag .. 'leases', case.k)
    call('HDEL', tag .. 'c:' .. id, 'k', 'o1', 'o2', 'e', 'f1')
end

-- Writes fields of a case and counts its version up; returns the new version.
local function case_set(tag, id, ...)
    call('HSET', tag .. 'c:' .. id, ...)
    return call('HINCRBY', tag .. 'c:' .. id, 'w', 1)
end

-- Ends a lease without an answer: the case waits again where it waited, with its deadline. Returns the version.
local function lease_return(tag, id, case, now, index, what)
    local second = case.s == SECOND_LEASED
    lease_drop(tag, id, case)
    queue_put(tag, id, case, second)
    local version = case_set(tag, id, 's', second and AWAITING or OPEN)
    case_event(tag, id, now, index, what, case.o1, '')
    return version
end

-- When this endpoint has something to do next: a waiting attempt, or at once for notices not yet taken.
local function webhook_next(tag, partner, now)
    local first = call('ZRANGE', tag .. 'wp:' .. partner, 0, 0, 'WITHSCORES')
    local due = first[2]
    if call('ZCARD', tag .. 'wp:' .. partner) < WEBHOOK_PENDING_MAX and
        #call('XRANGE', tag .. 'n:' .. partner, '(' .. call('HGET', tag .. 'w:' .. partner, 'a') .. '-0', '+',
            'COUNT', 1) > 0 then
        due = whole(now)
    end
    if due then
        call('ZADD', tag .. 'wq', due, partner)
    else
        call('ZREM', tag .. 'wq', partner)
    end
end

-- Active again: what waits is due now, and its patience begins anew.
local function webhook_restart(tag, partner, now)
    call('HSET', tag .. 'w:' .. partner, 'x', WEBHOOK_ACTIVE, 'xt', '0', 'f', 0)
    call('DEL', tag .. 'wa:' .. partner)
    for _, cursor in ipairs(call('ZRANGE', tag .. 'wp:' .. partner, 0, -1)) do
        call('ZADD', tag .. 'wp:' .. partner, whole(now), cursor)
    end
    webhook_next(tag, partner, now)
end

-- `kind`: decision where it is not given.
local function notice_put(tag, partner, index, now, bytes, late, kind)
    if bytes ~= '' then
        call('XADD', tag .. 'n:' .. partner, 'MAXLEN', '~', NOTICES_KEPT, whole(index + 1) .. '-0',
            'k', kind or 'decision', 't', whole(now), 'b', fill(bytes, late))
        if call('EXISTS', tag .. 'w:' .. partner) == 1 then
            call('ZADD', tag .. 'wq', 'LT', whole(now), partner)
        end
    end
end

-- Keeps the letters of an effective decision that may not be sent yet: pairs of time and bytes from args[at] on.
local function held_put(tag, partner, id, decision, args, at, late)
    for i = 0, 1 do
        local due, bytes = args[at + 2 * i], args[at + 2 * i + 1]
        if bytes ~= '' then
            local name = decision .. ':' .. i
            call('ZADD', tag .. 'held', due, name)
            call('HSET', tag .. 'heldb', name, cmsgpack.pack({partner, id, decision,
                fill(bytes, late)}))
        end
    end
end

local function order_pause(tag, id, now)
    call('HSET', tag .. 'c:' .. id, 'op', whole(now))
    call('HDEL', tag .. 'c:' .. id, 'ou')
end

-- Pays what the case owes, and notes what this effective decision will owe; it may stop the clock of an order.
local function debts(tag, id, case, decision, now)
    if case.df then
        call('ZREM', tag .. 'deferred', case.df)
        call('ZREM', tag .. 'due', case.df)
        call('HSET', tag .. 'd:' .. case.df, 'fc', decision)
        call('HDEL', tag .. 'c:' .. id, 'df')
    end
    local due, pauses = unpack(call('HMGET', tag .. 'd:' .. decision, 'fd', 'pz'))
    if pauses == '1' then
        order_pause(tag, id, now)
    end
    if due and due ~= '0' then
        call('ZADD', tag .. 'deferred', due, decision)
        call('ZADD', tag .. 'due', due, decision)
        call('HSET', tag .. 'c:' .. id, 'df', decision)
    end
end

-- Another act on the case, for which nobody took part yet; an appeal and a second view keep theirs out.
local function anew(tag, id, case)
    if case.s ~= AWAITING and case.s ~= SECOND_LEASED and (not case.ap or case.ap ~= case.cd) then
        call('HDEL', tag .. 'c:' .. id, 'pa')
    end
end

-- Gives a case a new deadline; one that is closed opens again. The caller counts the version up.
local function case_front(tag, id, case, deadline)
    local second = case.s == AWAITING
    local after = {q = case.q, l = case.l, v = case.v, d = deadline}
    call('HSET', tag .. 'c:' .. id, 'd', deadline)
    if case.s == CLOSED then
        call('SET', tag .. 'o:' .. case.o, id, 'NX')
        call('HDEL', tag .. 'c:' .. id, 'x')
        call('HSET', tag .. 'c:' .. id, 's', OPEN)
        queue_put(tag, id, after, false)
    elseif case.s == OPEN or second then
        queue_put(tag, id, after, second)
    end
end

-- Makes a decision the case's effective one: state, pointer, what it supersedes.
local function decision_close(tag, id, case, decision, now)
    if case.cd then
        call('HSET', tag .. 'd:' .. case.cd, 's', D_SUPERSEDED)
    end
    if call('GET', tag .. 'o:' .. case.o) == id then
        call('DEL', tag .. 'o:' .. case.o)
    end
    call('HDEL', tag .. 'c:' .. id, 'aw')
    call('HSET', tag .. 'c:' .. id, 's', CLOSED, 'x', whole(now), 'cd', decision)
    call('ZADD', tag .. 'keep', whole(now), id)
    debts(tag, id, case, decision, now)
end

-- RECORD: a report as it was accepted. Only body, salt and people ever change, to nothing, by record_erase.
local RECORD = {case = 1, partner = 2, content = 3, body = 4, salt = 5, verdict = 6, received = 7,
    index = 8, verdict_index = 9, joined = 10, digest = 11, reports = 12, reporters = 13,
    deadline = 14, severity = 15, queue = 16, erased = 17, author = 18, reporter = 19,
    features = 20, pictures = 21}

local function record_reply(id, r)
    return {id, r[RECORD.case], r[RECORD.partner], r[RECORD.content], r[RECORD.body], r[RECORD.salt],
        r[RECORD.verdict], r[RECORD.received], r[RECORD.index], r[RECORD.verdict_index],
        r[RECORD.joined], r[RECORD.digest], r[RECORD.erased]}
end

local function record_get(tag, id)
    local packed = call('GET', tag .. 'r:' .. id)
    return packed and cmsgpack.unpack(packed)
end

-- As many bytes as FEATURE_LEN, and 32; there is no string library while this is loaded.
local ONE_FEATURE, ONE_HASH = '............', '................................'

-- Iterates over the features of a report; none where there is no report.
local function features_of(r)
    return string.gmatch(r and r[RECORD.features] or '', ONE_FEATURE)
end

local function picture_get(tag, number)
    local at = number % PICTURES_A_KEY * PICTURE_LEN
    return call('GETRANGE', tag .. 'p:' .. whole(math.floor(number / PICTURES_A_KEY)), at, at + PICTURE_LEN - 1)
end

-- So that related cases are found: addresses, hashes and pictures (32 bytes each) of a report. Returns their numbers.
local function features_put(tag, id, features, pictures)
    local numbers = {}
    if features == '' and pictures == '' then
        return numbers
    end
    for feature in features_of({[RECORD.features] = features}) do
        call('ZADD', tag .. 'f:' .. feature, 0, id)
    end
    for hash in string.gmatch(pictures, ONE_HASH) do
        local number = call('INCR', tag .. 'pn') - 1
        local key = math.floor(number / PICTURES_A_KEY)
        call('SETRANGE', tag .. 'p:' .. whole(key), number % PICTURES_A_KEY * PICTURE_LEN, hash .. id)
        if number % PICTURES_A_KEY == 0 and key >= PICTURE_KEYS then
            call('DEL', tag .. 'p:' .. whole(key - PICTURE_KEYS))
        end
        numbers[#numbers + 1] = number
    end
    return numbers
end

local function features_drop(tag, r)
    for feature in features_of(r) do
        call('ZREM', tag .. 'f:' .. feature, r[RECORD.case])
    end
    for _, number in ipairs(r[RECORD.pictures] or {}) do
        local key = tag .. 'p:' .. whole(math.floor(number / PICTURES_A_KEY))
        if call('EXISTS', key) == 1 then
            call('SETRANGE', key, number % PICTURES_A_KEY * PICTURE_LEN, string.rep('\0', PICTURE_LEN))
        end
    end
    r[RECORD.features], r[RECORD.pictures] = '', {}
end

-- The outcome of the decision in force, '' where there is none or it does not say.
local function case_outcome(tag, case)
    local held = case.cd and call('HGET', tag .. 'd:' .. case.cd, 'j')
    local good, record = pcall(cjson.decode, held or '')
    local outcome = good and type(record) == 'table' and record.outcome
    return type(outcome) == 'string' and outcome or ''
end

local function record_erase(tag, id, r)
    for _, person in ipairs({r[RECORD.author] or '', r[RECORD.reporter] or ''}) do
        if person ~= '' then
            call('ZREM', tag .. 's:' .. person, id)
        end
    end
    features_drop(tag, r)
    r[RECORD.body], r[RECORD.salt], r[RECORD.erased], r[RECORD.author], r[RECORD.reporter] = '', '', 1, '', ''
    call('SET', tag .. 'r:' .. id, cmsgpack.pack(r))
end

-- Whether the content of all its reports is gone.
local function is_erased(case)
    return case.ec ~= nil and tonumber(case.ec) >= tonumber(case.c)
end

-- When the last hold on the case ends; 0: none is in force.
local function hold_until(tag, id, now)
    local last = 0
    for _, held in ipairs(call('HVALS', tag .. 'ho:' .. id)) do
        last = math.max(last, tonumber(cmsgpack.unpack(held)[3]))
    end
    return last > now and last or 0
end

-- What keeps the case's content has changed: somebody has to look at it.
local function keep_look(tag, id, case, now)
    if case.s == CLOSED and not is_erased(case) then
        call('ZADD', tag .. 'keep', whole(now), id)
    end
end
