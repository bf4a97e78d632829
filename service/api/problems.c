/* SPDX-License-Identifier: Apache-2.0 */
/* GET /problems/{code}: where the `type` of a problem leads. */
#include "lib/rights/justification.h"
#include "service/api/api.h"

static const struct {
    const char *code, *meaning;
} pages[] = {
    {"AUTH_MISSING", "Send Authorization: Bearer rap_<role>_<id>_<secret>."},
    {"AUTH_SCHEME", "Only the Bearer scheme is understood."},
    {"AUTH_FORMAT", "The value is no key of this service: rap_<role>_<id>_<secret>."},
    {"AUTH_UNKNOWN", "The key is unknown, expired or revoked. An admin can make a new one."},
    {"ORDER_NONE", "The case comes of no order, or the report with the order has been erased."},
    {"ORDER_KIND", "Advance information and scrutiny belong to removal orders under Regulation (EU) 2021/784 only."},
    {"ORDER_SCRUTINY_CLOSED", "Host and user ask for scrutiny within 48 hours of the order's receipt (Regulation (EU) 2021/784 art. 4)."},
    {"RECORD_OF_ANOTHER", "The full record of a deferred decision is owed by the reviewer who deferred it; a senior may write it too."},
    {"TOKEN_UNKNOWN", "This is no case token, or its case is gone. It stands in the letter about the decision."},
    {"ROLE_FORBIDDEN", "The key is good, its role cannot do this. /openapi.json names the roles of each route."},
    {"VAULT_DENIED", "Names of people are for the partner that gave them, and for a senior who says what for. Pseudonyms tell people apart."},
    {"PURPOSE_MISSING", "Who looks at people's names says what for: ?purpose=review or investigation. The look is in the log."},
    {"RATE_LIMIT", "Too many requests with this key. Wait as Retry-After says."},
    {"CONTENT_TYPE", "The body must come with the content type that the route takes."},
    {"JSON_SYNTAX", "The body is not JSON (RFC 8259) in UTF-8; the place is line and column."},
    {"JSON_DEPTH", "JSON nested deeper than 32 levels."},
    {"JSON_TOO_MANY", "More than 20,000 JSON values in one body."},
    {"JSON_TOO_LARGE", "The body is larger than the limit named."},
    {"FIELD_MISSING", "A required field is not there; the pointer names it."},
    {"FIELD_UNKNOWN", "There is no field of that name; the nearest is named."},
    {"FIELD_TYPE", "The value has another JSON type than the field needs."},
    {"FIELD_LENGTH", "The text is shorter or longer than the field allows, in bytes of UTF-8."},
    {"FIELD_RANGE", "The number is outside the range named."},
    {"FIELD_VALUE", "The word is not one of those allowed; they are named."},
    {"FIELD_TIME", "The time is not RFC 3339, such as 2026-01-31T09:30:00Z."},
    {"FIELD_COUNT", "The array has too many elements."},
    {"CONTENT_EMPTY", "A report needs at least one of text, url, urls, hashes."},
    {"TEXT_UTF8", "The text is not valid UTF-8."},
    {"URL_FORM", "A URL must be absolute, http or https, and at most 2 KiB."},
    {"HASH_FORM", "The hash has not the digits of its kind."},
    {"LANGUAGE_FORM", "A language is a BCP 47 primary tag of 2 or 3 letters."},
    {"COUNTRY_FORM", "A country is an ISO 3166-1 alpha-2 code."},
    {"TIME_FUTURE", "The time lies ahead of the service's clock."},
    {"IDEMPOTENCY_KEY_MISSING", "Each POST that creates a report carries Idempotency-Key, so that a retry cannot count twice."},
    {"IDEMPOTENCY_KEY_FORM", "Idempotency-Key is one string in quotes, 1 to 200 visible ASCII characters."},
    {"IDEMPOTENCY_MISMATCH", "The same Idempotency-Key came before with another body. Use a new key for new content."},
    {"TOO_MANY_LINES", "An NDJSON body has at most 1000 lines."},
    {"BODY_EMPTY", "The NDJSON body holds no line."},
    {"QUERY_VALUE", "A query parameter is unknown, doubled or out of range."},
    {"CURSOR_FORM", "A cursor is opaque: send it back as it was given out."},
    {"NOT_FOUND", "There is nothing by that id, or it is not yours."},
    {"LEASE_INVALID", "The lease is unknown, expired or another's. Claim the case again."},
    {"STATE_CONFLICT", "The case or decision is not in a state that allows this. Read it again."},
    {"VERSION_STALE", "The case has changed since the version you named. Read it again."},
    {"CASE_LEASED", "Another reviewer holds the case."},
    {"WEBHOOK_URL", "An endpoint is an absolute https URL with a host and without user or fragment."},
    {"WEBHOOKS_TOO_MANY", "The service has as many webhook endpoints as it takes. An operator can say more."},
    {"EXPOSURE_LIMIT", "All that waits is withheld from you for a while, to limit what one person has to see. Wait as Retry-After says."},
    {"REVIEWER_BARRED", "Your clearance is too low for this case, or its partner is one you have a conflict of interest with."},
    {"CONTENT_HELD", "A hold for a proceeding keeps this content; see the holds of the case."},
    {"CONTENT_ERASED", "The content of this case is gone already: its time was over, or somebody asked to be forgotten."},
    {"TOO_MANY_HOLDS", "A case has 16 holds at most. Release one that is not needed."},
    {"APPEAL_CLOSED", "The window for an appeal (six calendar months) is over."},
    {"TOO_MANY_KEYS", "This name has two live keys of this role already. Revoke one first."},
    {"STORE_BUSY", "Nothing was stored: the store is full, loading or not reachable. Repeat the request."},
    {"STORE_UNKNOWN", "The store did not answer in time: it may have been stored. Repeat with the same Idempotency-Key."},
    {"PRECONDITION_REQUIRED", "The request needs If-Match with the ETag that was read, so that nobody's change is lost."},
    {"RULES_STALE", "Other rules run than If-Match names. Read /v1/rules again; the answer's ETag is the running digest."},
    {"RULES_BUSY", "Another set of rules is being checked. Repeat the request in a moment."},
    {"RULES_FOLDER_CHANGED", "Somebody edited the rules folder without a reload. Send SIGHUP or restore the files first."},
    {"RULES_READ_ONLY", "The service cannot write its rules folder: its deployment brings the rules, and SIGHUP loads them."},
    {"RULE_FILE_NAME", "A rule file is called [a-z0-9][a-z0-9-]*.yaml, at most 64 bytes, once in the set."},
    {"RULE_ID", "A rule's id has 1 to 64 lower-case letters, digits and '-'."},
    {"RULE_DUPLICATE", "Another rule of the set has this id; its place is named."},
    {"RULE_POLICY", "The published policy has no such clause."},
    {"RULE_WHEN", "The condition does not parse or check; the place and the reason are named."},
    {"RULE_EFFECT", "No such effect, or none. Effects sort a case; none acts on content."},
    {"RULE_QUEUE", "A queue has 1 to 48 lower-case letters, digits and '-'."},
    {"RULE_LABEL", "A label has 1 to 48 lower-case letters, digits and '-'."},
    {"RULE_DUE", "A deadline is a time such as 30m, 4h or 2d, from 1m to 366d."},
    {"RULE_EXAMPLE", "An example of the rule came out otherwise than it says, or none matches."},
    {"RULE_COST", "The condition could cost more steps than one rule may take on one case."},
    {"RULES_TOO_MANY", "A set has at most 5000 rules in 1000 files."},
    {"BACKTEST_RUNNING", "Another backtest runs in this process. Repeat the request when it is done."},
    {"BACKTEST_FAILED", "The stored reports could not be read. Nothing was changed."},
    {"TRANSPARENCY_RUNNING", "The numbers are being counted for somebody else. Repeat the request when that is done."},
    {"TRANSPARENCY_FAILED", "The log could not be read to its end, or counting took too long. The command line has no deadline."},
    {"DRAINING", "The service is stopping. Repeat the request after its restart."},
    {"LOG_NOT_PUBLISHED", "The entry is safe; the next checkpoint, seconds away, will cover it."},
    {"LOG_DELETED", "What is asked for was in a log whose time to be kept is over; its last checkpoint is still served."},
    {"METHOD_NOT_ALLOWED", "The path is there, the method is not one of its own. The Allow header names them."},
    {"HTTP_REQUEST_LINE", "The first line is not METHOD SP target SP HTTP/1.1."},
    {"HTTP_VERSION", "HTTP/1.0 and HTTP/1.1 are spoken here."},
    {"HTTP_TARGET", "The target has bytes or dots that no path of this service has; it is refused before routing."},
    {"HTTP_TARGET_TOO_LONG", "The target is longer than 2 KiB or has too many segments."},
    {"HTTP_QUERY", "The query is not name=value pairs, or there are too many."},
    {"HTTP_HOST", "A request has exactly one Host header with a valid name."},
    {"HTTP_FIELD", "A header line has a bad name or a control character in its value."},
    {"HTTP_FIELD_FOLD", "A header value goes over two lines, which RFC 9112 does not allow any more."},
    {"HTTP_LINE_END", "Lines end with CR LF; a bare CR or LF or a NUL is refused."},
    {"HTTP_HEAD_TOO_LARGE", "The header lines are more than 16 KiB or more than 100."},
    {"HTTP_FRAMING", "The end of the body is not clear: one Content-Length of digits, or chunked alone."},
    {"HTTP_CHUNK", "The body is not in chunked coding."},
    {"HTTP_TRAILER", "A trailer line is not a header line."},
    {"HTTP_EXPECTATION", "The only expectation met is 100-continue."},
    {"HTTP_BODY_TOO_LARGE", "The body is larger than this route takes. Send less, or in several requests."},
    {"HTTP_TOO_SLOW", "The request did not arrive within its deadline."},
    {"HTTP_NO_MEMORY", "The service is out of memory. Repeat the request later."},
    {"SERVER_BUSY", "Too many requests are open. Repeat it as Retry-After says."},
    {"ANSWER_TOO_LARGE", "The answer would be larger than the service sends at once. Ask for less."},
    {"NO_MEMORY", "The service is out of memory. Repeat the request later."},
    {"INTERNAL", "The service made a mistake. It is logged under the problem's instance."},
};

void problems_read(struct exchange *ex)
{
    struct span code = http_request_param(exchange_request(ex), "code");

    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        if (span_is(code, pages[i].code)) {
            api_answer_json(ex, 200, json_pack("{s:s, s:s}", "code", pages[i].code, "meaning", pages[i].meaning));
            return;
        }
    }
    for (size_t i = 0; i < justification_code_count; i++) {
        const struct justification_code *known = &justification_codes[i];

        if (span_is(code, known->code)) {
            api_answer_json(ex, 200, json_pack("{s:s, s:s, s:i, s:s}", "code", known->code, "meaning", known->title,
                                               "status", known->status, "source", known->source));
            return;
        }
    }
    exchange_problem(ex, 404, "NOT_FOUND", "no such problem code", NULL);
}
