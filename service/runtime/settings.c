/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/settings.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/yaml.h"
#include "service/runtime/settings_sources.h"
#include "service/runtime/settings_table.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The struct that callers see, with what only this file needs behind it. */
struct settings_held {
    struct settings seen;
    atomic_int refs;
};

static void *member(struct settings *settings, const struct setting *setting)
{
    return (char *)settings + setting->offset;
}

static const void *member_of(const struct settings *settings, const struct setting *setting)
{
    return (const char *)settings + setting->offset;
}

static bool is_text(const struct setting *setting)
{
    return setting->type == SETTING_TEXT || setting->type == SETTING_PATH;
}

/* "256KiB", "64MiB", "1GiB" or a plain number. */
bool settings_read_bytes(struct span text, int64_t *ret)
{
    static const struct {
        const char *unit;
        int64_t bytes;
    } units[] = {{"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"", 1}};
    size_t digits = 0;
    unsigned long long value;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
        digits++;
    }
    if (digits > 15 || !span_to_u64(span_sub(text, 0, digits), &value)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (span_is(span_sub(text, digits, text.len), units[i].unit)) {
            return !__builtin_mul_overflow((int64_t)value, units[i].bytes, ret);
        }
    }
    return false;
}

static const char *form_of(enum setting_type type)
{
    switch (type) {
    case SETTING_TEXT:
    case SETTING_PATH: return "text";
    case SETTING_COUNT: return "a whole number";
    case SETTING_BYTES: return "a size such as 256KiB, 64MiB or 1GiB";
    case SETTING_DURATION: return "a length of time such as 250ms, 30s, 5m, 4h or 2d";
    case SETTING_LEVEL: return "debug, info, warn or error";
    case SETTING_ADDRESSES: return "an address such as 127.0.0.1:8080, or a list of them";
    }
    return "";
}

/* The number in a scalar's text, in the setting's own unit. */
static bool read_number(const struct setting *setting, struct span text, int64_t *ret)
{
    unsigned long long value;

    switch (setting->type) {
    case SETTING_COUNT:
        if (!span_to_u64(text, &value) || value > INT64_MAX) {
            return false;
        }
        *ret = (int64_t)value;
        return true;
    case SETTING_BYTES:
        return settings_read_bytes(text, ret);
    default:
        return clock_read_duration(text, ret);
    }
}

static int set_text(struct settings *settings, const struct setting *setting, struct span text,
                    const char *dir)
{
    char **at = member(settings, setting);
    char *copy = setting->type == SETTING_PATH ? settings_path(dir, text) : strndup(text.ptr, text.len);

    if (!copy) {
        return -ENOMEM;
    }
    free(*at);
    *at = copy;
    return 0;
}

static int set_addresses(struct settings *settings, const struct setting *setting, struct fields *group,
                         json_t *value)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;

    if (count > SETTINGS_MAX_ADDRESSES || count == 0) {
        return field_fault(group, setting->name, "SETTING_RANGE", "1 to %d addresses",
                           SETTINGS_MAX_ADDRESSES);
    }
    for (size_t i = 0; i < settings->http_listen_count; i++) {
        free(settings->http_listen[i]);
        settings->http_listen[i] = NULL;
    }
    settings->http_listen_count = 0;
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
        char *copy;

        if (!json_is_string(one)) {
            return field_fault(group, setting->name, "SETTING_TYPE", "must be %s",
                               form_of(setting->type));
        }
        copy = strdup(json_string_value(one));
        if (!copy) {
            return -ENOMEM;
        }
        settings->http_listen[settings->http_listen_count++] = copy;
    }
    return 0;
}

static int set_scalar(struct settings *settings, const struct setting *setting, struct fields *group,
                      struct span text, const char *dir)
{
    int64_t number;

    if (is_text(setting)) {
        if ((int64_t)text.len < setting->min || (int64_t)text.len > setting->max) {
            return field_fault(group, setting->name, "SETTING_RANGE", "must have %lld to %lld bytes",
                               (long long)setting->min, (long long)setting->max);
        }
        return set_text(settings, setting, text, dir);
    }
    if (setting->type == SETTING_LEVEL) {
        int level = word_index(log_level_words, LOG_LEVEL_COUNT, text);

        if (level < 0) {
            return field_fault(group, setting->name, "SETTING_VALUE", "must be %s", form_of(setting->type));
        }
        *(int *)member(settings, setting) = level;
        return 0;
    }
    if (!read_number(setting, text, &number)) {
        return field_fault(group, setting->name, "SETTING_TYPE", "must be %s", form_of(setting->type));
    }
    if (number < setting->min || number > setting->max) {
        return field_fault(group, setting->name, "SETTING_RANGE", "must be from %lld to %lld%s",
                           (long long)setting->min, (long long)setting->max,
                           setting->type == SETTING_DURATION ? " ms"
                           : setting->type == SETTING_BYTES  ? " bytes"
                                                             : "");
    }
    *(int64_t *)member(settings, setting) = number;
    return 0;
}

/* One "name: value" of a group. */
static int set_value(struct settings *settings, const struct setting *setting, struct fields *group,
                     json_t *value, const char *dir)
{
    char number[24];

    if (setting->type == SETTING_ADDRESSES) {
        return set_addresses(settings, setting, group, value);
    }
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        (void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        return set_scalar(settings, setting, group, span_of(number), dir);
    }
    if (json_is_null(value) && is_text(setting) && setting->min == 0) {
        return set_scalar(settings, setting, group, SPAN(""), dir);
    }
    if (!json_is_string(value)) {
        return field_fault(group, setting->name, "SETTING_TYPE", "must be %s", form_of(setting->type));
    }
    return set_scalar(settings, setting, group, json_span(value), dir);
}

static int set_defaults(struct settings *settings, const char *dir)
{
    struct faults none = {0};
    struct fields group = {.faults = &none};

    for (size_t i = 0; i < setting_count; i++) {
        json_t *value = json_string(setting_table[i].initial);
        int r = value ? set_value(settings, &setting_table[i], &group, value, dir) : -ENOMEM;

        json_decref(value);
        if (r < 0) {
            return r;
        }
    }
    return none.count ? -EINVAL : 0;            /* a default outside its own range: a test refuses it */
}

/* The names below one group, or the groups themselves when `group` is NULL. */
static size_t names_of(const char *group, const char *names[])
{
    size_t count = 0;

    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *s = &setting_table[i];

        if (group && strcmp(s->group, group) == 0) {
            names[count++] = s->name;
        } else if (!group && (i == 0 || strcmp(s->group, setting_table[i - 1].group) != 0)) {
            names[count++] = s->group;
        }
    }
    return count;
}

static void unknown(struct fields *at, const char *name, const char *const names[], size_t count)
{
    const char *near = word_nearest(names, count, span_of(name));
    char quoted[FAULT_QUOTE_MAX];

    (void)field_fault(at, name, "SETTING_UNKNOWN",
                      near ? "no setting '%s'; did you mean '%s'?" : "no setting '%s' here%s",
                      fault_quote(quoted, span_of(name)), near ? near : "");
}

static const struct setting *find(const char *group, const char *name)
{
    for (size_t i = 0; i < setting_count; i++) {
        if (strcmp(setting_table[i].group, group) == 0 && strcmp(setting_table[i].name, name) == 0) {
            return &setting_table[i];
        }
    }
    return NULL;
}

static int read_group(struct settings *settings, struct fields *root, const char *group, const char *dir)
{
    const char *names[64];
    size_t count = names_of(group, names);
    struct fields at;
    const char *name;
    json_t *value;

    if (!field_object(root, group, OPTIONAL, &at)) {
        return 0;
    }
    json_object_foreach(at.object, name, value) {
        const struct setting *setting = find(group, name);
        int r = 0;

        if (!setting) {
            unknown(&at, name, names, count);
        } else {
            r = set_value(settings, setting, &at, value, dir);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Rules between settings. */
static void check_together(const struct settings *s, struct fields *root)
{
    struct fields group = {.faults = root->faults};

    (void)snprintf(group.at, sizeof(group.at), "/http");
    if ((s->tls_certificate[0] != '\0') != (s->tls_key[0] != '\0')) {
        (void)field_fault(&group, s->tls_key[0] ? "tls_key" : "tls_certificate", "SETTING_VALUE",
                          "tls_certificate and tls_key go together");
    }
    (void)snprintf(group.at, sizeof(group.at), "/webhooks");
    if (strcmp(s->webhook_addresses, "public") != 0 && strcmp(s->webhook_addresses, "any") != 0) {
        (void)field_fault(&group, "addresses", "SETTING_VALUE", "must be public or any");
    }
    if (strcmp(s->webhook_schemes, "https") != 0 && strcmp(s->webhook_schemes, "any") != 0) {
        (void)field_fault(&group, "schemes", "SETTING_VALUE", "must be https or any");
    }
    if (s->publish_ms < s->integrate_ms) {
        (void)snprintf(group.at, sizeof(group.at), "/audit");
        (void)field_fault(&group, "publish", "SETTING_RANGE", "must not be less than integrate");
    }
}

static int read_root(struct settings *settings, json_t *root, const char *dir, struct faults *faults)
{
    const char *groups[32];
    size_t count = names_of(NULL, groups);
    struct fields at;
    const char *name;
    json_t *value;
    int r = 0;

    if (json_is_null(root)) {
        return 0;
    }
    if (!fields_open(&at, root, "", faults)) {
        return FAULT;
    }
    groups[count++] = "lists";
    json_object_foreach(root, name, value) {
        if (word_index(groups, count, span_of(name)) < 0) {
            unknown(&at, name, groups, count);
        }
    }
    for (size_t i = 0; i + 1 < count && r == 0; i++) {
        r = read_group(settings, &at, groups[i], dir);
    }
    if (r == 0) {
        r = settings_read_sources(settings, &at, dir);
    }
    if (r == 0) {
        check_together(settings, &at);
    }
    return r;
}

static struct settings *new_settings(void)
{
    struct settings_held *held = calloc(1, sizeof(*held));

    if (held) {
        atomic_init(&held->refs, 1);
    }
    return held ? &held->seen : NULL;
}

struct settings *settings_default(const char *dir)
{
    CLEANUP(settings_unrefp) struct settings *settings = new_settings();

    if (!settings || set_defaults(settings, dir) != 0) {
        return NULL;
    }
    return TAKE(settings);
}

int settings_read(struct settings **ret, struct span bytes, const char *path, struct faults *faults)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;
    char dir[4096];
    struct fault why;
    size_t before = faults->count;
    int r = yaml_read(&file, bytes, path, &why);

    if (r) {
        return r == FAULT ? faults_add_one(faults, &why) : r;
    }
    (void)snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    settings = settings_default(dir);
    if (!settings) {
        return -ENOMEM;
    }
    r = read_root(settings, yaml_root(file), dir, faults);
    if (r < 0) {
        return r;
    }
    if (faults->count > before || faults->dropped) {
        yaml_place_faults(file, faults, before);
        return FAULT;
    }
    *ret = TAKE(settings);
    return 0;
}

struct settings *settings_ref(struct settings *settings)
{
    atomic_fetch_add(&((struct settings_held *)(void *)settings)->refs, 1);
    return settings;
}

struct settings *settings_unref(struct settings *settings)
{
    struct settings_held *held = (struct settings_held *)(void *)settings;

    if (!settings || atomic_fetch_sub(&held->refs, 1) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < setting_count; i++) {
        if (is_text(&setting_table[i])) {
            free(*(char **)member(settings, &setting_table[i]));
        }
    }
    for (size_t i = 0; i < settings->http_listen_count; i++) {
        free(settings->http_listen[i]);
    }
    settings_free_sources(settings);
    free(held);
    return NULL;
}

/* The value as it would be written in the file. */
static void print_value(const struct settings *settings, const struct setting *setting, struct buf *out)
{
    const void *at = member_of(settings, setting);

    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        (void)json_canon_string(out, span_of(*(char *const *)at));      /* a JSON string is YAML too */
        break;
    case SETTING_COUNT:
    case SETTING_BYTES:
        (void)buf_add_format(out, "%lld", (long long)*(const int64_t *)at);
        break;
    case SETTING_DURATION:
        (void)buf_add_format(out, "%lldms", (long long)*(const int64_t *)at);
        break;
    case SETTING_LEVEL:
        (void)buf_add_text(out, log_level_words[*(const int *)at]);
        break;
    case SETTING_ADDRESSES:
        (void)buf_add_char(out, '[');
        for (size_t i = 0; i < settings->http_listen_count; i++) {
            (void)buf_add_text(out, i ? ", " : "");
            (void)json_canon_string(out, span_of(settings->http_listen[i]));
        }
        (void)buf_add_char(out, ']');
        break;
    }
}

const char *settings_fixed_difference(const struct settings *running, const struct settings *next)
{
    for (size_t i = 0; i < setting_count; i++) {
        struct buf a, b;
        bool same;

        if (setting_table[i].reloadable) {
            continue;
        }
        buf_init(&a, 64 << 10);
        buf_init(&b, 64 << 10);
        print_value(running, &setting_table[i], &a);
        print_value(next, &setting_table[i], &b);
        same = span_equal(buf_span(&a), buf_span(&b));
        buf_done(&a);
        buf_done(&b);
        if (!same) {
            return setting_table[i].name;
        }
    }
    return NULL;
}

int settings_print(const struct settings *settings, struct buf *out)
{
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *s = &setting_table[i];

        if (i == 0 || strcmp(s->group, setting_table[i - 1].group) != 0) {
            (void)buf_add_format(out, "%s:\n", s->group);
        }
        (void)buf_add_format(out, "  %s: ", s->name);
        print_value(settings, s, out);
        (void)buf_add_char(out, '\n');
    }
    settings_print_sources(settings, out);
    return buf_status(out);
}

int settings_reference(struct buf *out)
{
    (void)buf_add_text(out, "| setting | default | range | reload | meaning |\n"
                            "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *s = &setting_table[i];

        (void)buf_add_format(out, "| %s.%s | %s | ", s->group, s->name,
                             s->initial[0] ? s->initial : "(empty)");
        if (s->type == SETTING_COUNT) {
            (void)buf_add_format(out, "%lld to %lld", (long long)s->min, (long long)s->max);
        } else if (s->type == SETTING_BYTES || s->type == SETTING_DURATION) {
            (void)buf_add_format(out, "%lld to %lld %s", (long long)s->min, (long long)s->max,
                                 s->type == SETTING_BYTES ? "bytes" : "ms");
        } else {
            (void)buf_add_text(out, form_of(s->type));
        }
        (void)buf_add_format(out, " | %s | %s |\n", s->reloadable ? "yes" : "restart", s->meaning);
    }
    return buf_status(out);
}
