/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options (see option_value.h). Numbers are read in the C locale, whole, and checked
 * against their range. */
#include "option_value.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_parse_fail(const cli_parser *p, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(p->why, p->why_size, format, list);
    va_end(list);
    return CLI_USAGE;
}

/* The number at *text, which is moved over it. `name` says which of the option's values it is, or
 * is NULL. */
static int parse_real(const cli_parser *p, const cli_option *o, const char *name,
                      const char **text, float *out)
{
    char *end;
    const double v = strtod(*text, &end);
    const char *gap = name ? " " : "", *which = name ? name : "";

    if (end == *text || !isfinite(v))
        return cli_parse_fail(p, "--%s%s%s wants %s, not '%s'", o->name, gap, which,
                              name ? "a number" : o->value, *text);
    if (v < o->low || v > o->high)
        return cli_parse_fail(p, "--%s%s%s is %g, allowed is %g to %g", o->name, gap, which, v,
                              o->low, o->high);
    *out = (float)v;
    *text = end;
    return CLI_OK;
}

static int parse_reals(const cli_parser *p, const cli_option *o, const char *text, float *out,
                       int n)
{
    const char *at = text;

    for (int i = 0; i < n; i++) {
        if (parse_real(p, o, NULL, &at, &out[i]) != CLI_OK)
            return CLI_USAGE;
        if (*at != (i + 1 < n ? ',' : '\0'))
            return cli_parse_fail(p, "--%s wants %s, not '%s'", o->name, o->value, text);
        at++;
    }
    return CLI_OK;
}

static int parse_count(const cli_parser *p, const cli_option *o, const char *text, int32_t *out)
{
    char *end;

    errno = 0;
    const long v = strtol(text, &end, 10);
    if (end == text || *end || errno)
        return cli_parse_fail(p, "--%s wants a whole number, not '%s'", o->name, text);
    if ((double)v < o->low || (double)v > o->high)
        return cli_parse_fail(p, "--%s is %ld, allowed is %g to %g", o->name, v, o->low, o->high);
    if (o->kind == CLI_EVEN && v % 2)
        return cli_parse_fail(p, "--%s is %ld, but wants an even number; take %ld", o->name, v,
                              v + 1);
    *out = (int32_t)v;
    return CLI_OK;
}

static int parse_counts(const cli_parser *p, const cli_option *o, const char *text, cli_counts *out)
{
    int32_t v;

    if (parse_count(p, o, text, &v) != CLI_OK)
        return CLI_USAGE;
    for (int i = 0; i < out->n; i++) {
        if (out->v[i] == v)
            return cli_parse_fail(p, "--%s %d is there twice", o->name, (int)v);
    }
    if (out->n == CLI_MAX_FACES)
        return cli_parse_fail(p, "--%s is there more than %d times", o->name, CLI_MAX_FACES);
    out->v[out->n++] = v;
    return CLI_OK;
}

static int parse_unsigned(const cli_parser *p, const cli_option *o, const char *text, int base,
                          uint64_t most, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, base);
    if (end == text || *end || errno || *text == '-' || *out > most)
        return cli_parse_fail(p, "--%s wants a whole number from 0 on, not '%s'", o->name, text);
    return CLI_OK;
}

/* NTSC rates are meant where they are written in decimals. */
static int parse_rate(const cli_parser *p, const cli_option *o, const char *text)
{
    static const struct {
        const char *text;
        uint32_t num;
    } ntsc[] = {{"23.976", 24000}, {"29.97", 30000}, {"59.94", 60000}};
    cli_args *a = p->args;
    unsigned num, den = 1;
    int n = 0;

    for (size_t i = 0; i < sizeof(ntsc) / sizeof(ntsc[0]); i++) {
        if (strcmp(text, ntsc[i].text) == 0) {
            a->fps_num = ntsc[i].num;
            a->fps_den = 1001;
            return CLI_OK;
        }
    }
    if (strspn(text, "0123456789/") != strlen(text) || strlen(text) > 15 ||
        ((sscanf(text, "%u/%u%n", &num, &den, &n) != 2 || text[n]) &&
         (sscanf(text, "%u%n", &num, &n) != 1 || text[n])) ||
        den == 0)
        return cli_parse_fail(p, "--%s wants frames per second such as 25 or 30000/1001, not '%s'",
                              o->name, text);
    if ((double)num / den < o->low || (double)num / den > o->high)
        return cli_parse_fail(p, "--%s is %s, allowed is %g to %g", o->name, text, o->low, o->high);
    a->fps_num = num;
    a->fps_den = den;
    return CLI_OK;
}

static int parse_raw(const cli_parser *p, const cli_option *o, const char *text, uint32_t size[2])
{
    int n = 0;

    if (sscanf(text, "%5ux%5u@%n", &size[0], &size[1], &n) != 2 || n == 0)
        return cli_parse_fail(p, "--%s wants %s such as 640x480@30, not '%s'", o->name, o->value,
                              text);
    if (size[0] < 32 || size[0] > 16384 || size[1] < 32 || size[1] > 16384)
        return cli_parse_fail(p, "--%s is %ux%u pixels, allowed are 32 to 16384 a side", o->name,
                              size[0], size[1]);
    return parse_rate(p, o, text + n);
}

int32_t cli_find_word(const char *const *choices, const char *text, char list[CLI_LIST_SIZE])
{
    list[0] = 0;
    for (int32_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
        const size_t used = strlen(list);
        snprintf(list + used, CLI_LIST_SIZE - used, "%s%s", i ? ", " : "", choices[i]);
    }
    return -1;
}

static int find_choice(const cli_parser *p, const cli_option *o, const char *text, int32_t *out)
{
    char list[CLI_LIST_SIZE];

    *out = cli_find_word(o->choices, text, list);
    return *out >= 0 ? CLI_OK
                     : cli_parse_fail(p, "--%s is one of %s, not '%s'", o->name, list, text);
}

/* The name before `separator`, copied; the rest of the text after it. NULL when there is none. */
static const char *split(const char *text, char separator, char *name, size_t name_size)
{
    const char *at = strchr(text, separator);

    if (!at || at == text || (size_t)(at - text) >= name_size)
        return NULL;
    memcpy(name, text, (size_t)(at - text));
    name[at - text] = 0;
    return at + 1;
}

static int parse_emotion(const cli_parser *p, const cli_option *o, const char *text)
{
    char name[32];

    for (const char *at = text; at; at = *at == ',' ? at + 1 : NULL) {
        const char *value = split(at, ':', name, sizeof(name));
        const int index = value ? limner_emotion_index(name) : -1;
        if (!value)
            return cli_parse_fail(p, "--%s wants NAME:WEIGHT,..., not '%s'", o->name, at);
        if (index < 0)
            return cli_parse_fail(
                p,
                "--%s: there is no emotion '%s'; there are happy, sad, surprised, "
                "angry, afraid, disgusted and contempt",
                o->name, name);
        at = value;
        if (parse_real(p, o, name, &at, &p->args->controls.emotion[index]) != CLI_OK)
            return CLI_USAGE;
        if (*at && *at != ',')
            return cli_parse_fail(p, "--%s wants NAME:WEIGHT,..., not '%s'", o->name, text);
    }
    return CLI_OK;
}

/* Degrees from the camera, the camera itself, or a point of the picture. */
static int parse_gaze(const cli_parser *p, const cli_option *o, const char *text)
{
    limner_controls *c = &p->args->controls;
    cli_option point = *o;

    c->gaze_mode = LIMNER_GAZE_CAMERA;
    if (strcmp(text, "camera") == 0)
        return CLI_OK;
    if (strncmp(text, "at:", 3) != 0) {
        c->gaze_mode = LIMNER_GAZE_ANGLE;
        return parse_reals(p, o, text, &c->gaze_yaw, 2);
    }
    c->gaze_mode = LIMNER_GAZE_POINT;
    point.low = -1;
    point.high = 2;
    return parse_reals(p, &point, text + 3, &c->gaze_x, 2);
}

static int parse_setting(const cli_parser *p, const cli_option *o, const char *text)
{
    char name[32];
    const char *value = split(text, '=', name, sizeof(name));
    cli_args *a = p->args;

    if (!value)
        return cli_parse_fail(p, "--%s wants NAME=VALUE, not '%s'", o->name, text);
    if (a->n_settings == CLI_MAX_SETTINGS)
        return cli_parse_fail(p, "--%s is there more than %d times", o->name, CLI_MAX_SETTINGS);
    cli_setting *s = &a->setting[a->n_settings];
    s->index = strcmp(name, "tongueUp") == 0 ? LIMNER_N_EXPRESSION : limner_expression_index(name);
    if (s->index < 0)
        return cli_parse_fail(p, "--%s: there is no expression '%s'", o->name, name);
    if (parse_real(p, o, name, &value, &s->value) != CLI_OK)
        return CLI_USAGE;
    if (*value)
        return cli_parse_fail(p, "--%s wants NAME=VALUE, not '%s'", o->name, text);
    a->n_settings++;
    return CLI_OK;
}

int cli_store_value(const cli_parser *p, const cli_option *o, const char *text)
{
    void *field = (char *)p->args + o->offset;
    uint64_t number = 0;
    int32_t index = 0;
    int status = CLI_OK;

    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        break;
    case CLI_TEXT:
        *(const char **)field = text;
        break;
    case CLI_COUNT:
    case CLI_EVEN:
        return parse_count(p, o, text, field);
    case CLI_COUNTS:
        return parse_counts(p, o, text, field);
    case CLI_REAL:
        return parse_reals(p, o, text, field, 1);
    case CLI_REALS_2:
        return parse_reals(p, o, text, field, 2);
    case CLI_REALS_3:
        return parse_reals(p, o, text, field, 3);
    case CLI_CHOICE:
        return find_choice(p, o, text, field);
    case CLI_WORD:
        status = find_choice(p, o, text, &index);
        *(const char **)field = text;
        break;
    case CLI_RATE:
        return parse_rate(p, o, text);
    case CLI_RAW:
        return parse_raw(p, o, text, field);
    case CLI_SEED:
        return parse_unsigned(p, o, text, 10, UINT64_MAX, field);
    case CLI_MASK:
        status = parse_unsigned(p, o, text, 0, UINT32_MAX, &number);
        *(uint32_t *)field = (uint32_t)number;
        p->args->has_cpumask = true;
        break;
    case CLI_EMOTION:
        return parse_emotion(p, o, text);
    case CLI_GAZE:
        return parse_gaze(p, o, text);
    case CLI_SETTING:
        return parse_setting(p, o, text);
    }
    return status;
}
