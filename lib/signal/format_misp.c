/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two of MISP's files.
 *
 * Warninglist: {"name","description","version","type","matching_attributes"?,"list":[..]}: values
 * that are well known and harmless. A hit on one is a reason for caution, so every entry bears the
 * tag "caution" and severity 0; give the list mode shadow, or write a rule on its id. Types: string
 * and substring become literals, hostname domains, regex regexes (delimiters removed); cidr, and
 * host names of one label, are passed over, as we match neither.
 *
 * Hashes of a feed: "md5(value),event-uuid" a line. The MD5 is that of the attribute's value, which
 * for a file hash is the text of that hash: such a list finds values that were hashed the same way,
 * not files.
 */
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/signal/source.h"

#include <stdio.h>

enum warning_type {
    WARNING_STRING,
    WARNING_SUBSTRING,
    WARNING_HOSTNAME,
    WARNING_CIDR,
    WARNING_REGEX
};
static const char *const warning_types[] = {"string", "substring", "hostname", "cidr", "regex"};

static bool holds(struct span text, const char *word)
{
    return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

/* ---- warninglists ---- */

static int warninglist_sniff(struct span front)
{
    if (front.len == 0 || front.ptr[0] != '{') {
        return 0;
    }
    return holds(front, "\"list\"") && (holds(front, "\"matching_attributes\"") ||
                                        holds(front, "\"description\"") || holds(front, "\"type\""))
               ? 85
               : 0;
}

/* "/pattern/flags" without its delimiters; flags that PCRE2 knows inside a pattern stay as
 * (?flags). */
static struct span undelimited(struct span regex, char room[LIST_MAX_PATTERN + 16])
{
    char flags[8] = "";
    size_t end = regex.len, count = 0;
    int len;

    if (regex.len < 2 || regex.ptr[0] != '/' || regex.len > LIST_MAX_PATTERN) {
        return regex;
    }
    while (end > 1 && regex.ptr[end - 1] != '/') {
        char flag = regex.ptr[--end];

        if (!strchr("imsxu", flag)) {
            return regex;
        }
        if (strchr("msx", flag) && count < sizeof(flags) - 1 && !strchr(flags, flag)) {
            flags[count++] = flag;
            flags[count] = '\0';
        }
    }
    if (end <= 1) {
        return regex;
    }
    regex = span_sub(regex, 1, end - 2);
    if (count == 0) {
        return regex;
    }
    len = snprintf(room, LIST_MAX_PATTERN + 16, "(?%s)%.*s", flags, (int)regex.len, regex.ptr);
    return (struct span){room, (size_t)len};
}

static struct span without_dots(struct span host)
{
    while (host.len > 0 && host.ptr[0] == '.') {
        host = span_sub(host, 1, host.len);
    }
    while (host.len > 0 && host.ptr[host.len - 1] == '.') {
        host.len--;
    }
    return host;
}

static int add_warning(struct signal_source *source, enum warning_type type, struct span value,
                       const char *place)
{
    struct list_entry entry = {
        .value = value, .opinion = source->options->default_opinion, .tags = SPAN("caution")};
    char room[LIST_MAX_PATTERN + 16];

    switch (type) {
    case WARNING_STRING:
    case WARNING_SUBSTRING:
        entry.kind = SIGNAL_LITERAL;
        break;
    case WARNING_HOSTNAME:
        entry.kind = SIGNAL_DOMAIN;
        entry.value = without_dots(value);
        if (!memchr(entry.value.ptr, '.', entry.value.len)) {
            return source_pass(source);
        }
        break;
    case WARNING_REGEX:
        entry.kind = SIGNAL_REGEX;
        entry.value = undelimited(value, room);
        break;
    case WARNING_CIDR:
        return source_pass(source);
    }
    return source_add(source, &entry, place);
}

static int warninglist_start(struct signal_source *source, json_t *version)
{
    struct list_head head;
    char text[32];

    if (!source->options->head || source->options->head->version.len > 0 ||
        !json_is_integer(version)) {
        return source_start(source, NULL, source->name);
    }
    head = *source->options->head;
    (void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(version));
    head.version = span_of(text);
    return source_start(source, &head, source->name);
}

static int warninglist_read(struct signal_source *source)
{
    CLEANUP(json_freep) json_t *root = NULL;
    json_t *list = NULL;
    struct fields f;
    int type = 0, r = source_json(source, &root);

    if (r) {
        return r;
    }
    if (!fields_open(&f, root, "", &source->report->faults) ||
        !field_array(&f, "list", REQUIRED, source->options->max_entries, &list) ||
        !field_word(&f, "type", REQUIRED, warning_types, COUNT_OF(warning_types), &type)) {
        return FAULT;
    }
    r = warninglist_start(source, json_object_get(root, "version"));
    for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
        struct span value;
        char place[FAULT_PLACE_MAX];

        (void)snprintf(place, sizeof(place), "/list/%zu", i);
        r = field_element_string(&f, "list", list, i, 1, LIST_MAX_VALUE, &value)
                ? add_warning(source, (enum warning_type)type, value, place)
                : source_bad_named(source);
    }
    return r;
}

const struct signal_format format_misp_warninglist = {"misp-warninglist", warninglist_sniff,
                                                      warninglist_read};

/* ---- hashes.csv ---- */

enum { UUID_LEN = 36 };

static bool is_uuid(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (dash ? c != '-' : !hex) {
            return false;
        }
    }
    return text.len == UUID_LEN;
}

static struct span end_trimmed(struct span line)
{
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? span_sub(line, 0, line.len - 1) : line;
}

static int hashes_sniff(struct span front)
{
    struct span rest = front, line = end_trimmed(span_cut(&rest, '\n')),
                hash = span_cut(&line, ',');

    return hash.len == 32 && line.ptr && is_uuid(line) ? 95 : 0;
}

static int add_hash(struct signal_source *source, struct span line, size_t number)
{
    struct list_entry entry = {.kind = SIGNAL_MD5,
                               .severity = source->options->default_severity,
                               .opinion = source->options->default_opinion};
    struct span uuid = line;
    char place[FAULT_PLACE_MAX], tag[UUID_LEN + 16];

    source_place(source, number, 1, place);
    entry.value = span_cut(&uuid, ',');
    if (!uuid.ptr || !is_uuid(uuid)) {
        return source_bad(source, "LINE_FORM", place,
                          "a line is an MD5, a comma and the event's UUID");
    }
    (void)snprintf(tag, sizeof(tag), "event:%.*s", UUID_LEN, uuid.ptr);
    entry.tags = span_of(tag);
    return source_add(source, &entry, place);
}

static int hashes_read(struct signal_source *source)
{
    struct span rest = source->bytes;
    int r = source_start(source, NULL, source->name);

    for (size_t number = 1; rest.ptr && r == 0; number++) {
        struct span line = end_trimmed(span_cut(&rest, '\n'));

        r = line.len > 0 ? add_hash(source, line, number) : 0;
    }
    return r;
}

const struct signal_format format_misp_hashes = {"misp-hashes", hashes_sniff, hashes_read};
