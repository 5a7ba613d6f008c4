/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing by table. Options may stand before, between and after operands; "--name=value" and
 * "--name value" are the same; "--" ends options; "-" is an operand. Numbers are read in the C
 * locale, whole, and checked against their range. */
#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct cli_parser {
    cli_args *args;
    const cli_command *command;
    char *why;
    size_t why_size;
} cli_parser;

static int fail(const cli_parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(const cli_parser *p, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(p->why, p->why_size, format, list);
    va_end(list);
    return CLI_USAGE;
}

void cli_args_init(cli_args *args)
{
    float *pose = (float *)(void *)&args->pose;

    memset(args, 0, sizeof(*args));
    args->fps_num = 25;
    args->fps_den = 1;
    args->face = -1;
    args->framing = -1;
    args->crf = -1;
    args->runs = 3;
    args->streams = 1;
    args->speed = 160;
    args->seeds = 3;
    args->port = 8080;
    args->sessions = 4;
    args->session_s = 3600;
    args->voice = "en";
    args->raw_pixel = "rgb24";
    args->neutral_s = NAN;
    limner_controls_init(&args->controls, sizeof(args->controls));
    for (size_t i = 0; i < sizeof(args->pose) / sizeof(float); i++)
        pose[i] = NAN;
}

const cli_command *cli_command_find(const char *name)
{
    for (int i = 0; i < cli_n_commands; i++) {
        if (strcmp(cli_commands[i].name, name) == 0)
            return &cli_commands[i];
    }
    return NULL;
}

void cli_each_option(const cli_command *command,
                     void (*visit)(void *user, const cli_option *option), void *user)
{
    for (int t = 0; t < CLI_MAX_TABLES && command->tables[t]; t++) {
        for (const cli_option *o = command->tables[t]; o->name; o++)
            visit(user, o);
    }
}

typedef struct cli_search {
    const char *name;
    size_t n_name;
    char letter;
    const cli_option *found;
} cli_search;

static void compare(void *user, const cli_option *option)
{
    cli_search *s = user;

    if (s->letter ? option->letter == s->letter
                  : strncmp(option->name, s->name, s->n_name) == 0 && !option->name[s->n_name])
        s->found = option;
}

/* ---- values ---- */

static int parse_real(const cli_parser *p, const cli_option *o, const char **text, float *out)
{
    char *end;
    const double v = strtod(*text, &end);

    if (end == *text || !isfinite(v))
        return fail(p, "--%s wants %s, not '%s'", o->name, o->value, *text);
    if (v < o->low || v > o->high)
        return fail(p, "--%s is %g, allowed is %g to %g", o->name, v, o->low, o->high);
    *out = (float)v;
    *text = end;
    return CLI_OK;
}

static int parse_reals(const cli_parser *p, const cli_option *o, const char *text, float *out,
                       int n)
{
    const char *at = text;

    for (int i = 0; i < n; i++) {
        if (parse_real(p, o, &at, &out[i]) != CLI_OK)
            return CLI_USAGE;
        if (*at != (i + 1 < n ? ',' : '\0'))
            return fail(p, "--%s wants %s, not '%s'", o->name, o->value, text);
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
        return fail(p, "--%s wants a whole number, not '%s'", o->name, text);
    if ((double)v < o->low || (double)v > o->high)
        return fail(p, "--%s is %ld, allowed is %g to %g", o->name, v, o->low, o->high);
    *out = (int32_t)v;
    return CLI_OK;
}

static int parse_counts(const cli_parser *p, const cli_option *o, const char *text,
                        cli_counts *out)
{
    int32_t v;

    if (parse_count(p, o, text, &v) != CLI_OK)
        return CLI_USAGE;
    for (int i = 0; i < out->n; i++) {
        if (out->v[i] == v)
            return fail(p, "--%s %d is there twice", o->name, (int)v);
    }
    if (out->n == CLI_MAX_FACES)
        return fail(p, "--%s is there more than %d times", o->name, CLI_MAX_FACES);
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
        return fail(p, "--%s wants a whole number from 0 on, not '%s'", o->name, text);
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
        return fail(p, "--%s wants frames per second such as 25 or 30000/1001, not '%s'", o->name,
                    text);
    if ((double)num / den < o->low || (double)num / den > o->high)
        return fail(p, "--%s is %s, allowed is %g to %g", o->name, text, o->low, o->high);
    a->fps_num = num;
    a->fps_den = den;
    return CLI_OK;
}

static int parse_raw(const cli_parser *p, const cli_option *o, const char *text, uint32_t size[2])
{
    int n = 0;

    if (sscanf(text, "%5ux%5u@%n", &size[0], &size[1], &n) != 2 || n == 0)
        return fail(p, "--%s wants %s such as 640x480@30, not '%s'", o->name, o->value, text);
    if (size[0] < 32 || size[0] > 16384 || size[1] < 32 || size[1] > 16384)
        return fail(p, "--%s is %ux%u pixels, allowed are 32 to 16384 a side", o->name, size[0],
                    size[1]);
    return parse_rate(p, o, text + n);
}

enum { LIST_SIZE = 256 };

/* The index of text; -1, and all choices in words, when it is none of them. */
static int32_t find_word(const char *const *choices, const char *text, char list[LIST_SIZE])
{
    list[0] = 0;
    for (int32_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
        const size_t used = strlen(list);
        snprintf(list + used, LIST_SIZE - used, "%s%s", i ? ", " : "", choices[i]);
    }
    return -1;
}

static int find_choice(const cli_parser *p, const cli_option *o, const char *text, int32_t *out)
{
    char list[LIST_SIZE];

    *out = find_word(o->choices, text, list);
    return *out >= 0 ? CLI_OK : fail(p, "--%s is one of %s, not '%s'", o->name, list, text);
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
            return fail(p, "--%s wants NAME:WEIGHT,..., not '%s'", o->name, at);
        if (index < 0)
            return fail(p,
                        "--%s: there is no emotion '%s'; there are happy, sad, surprised, "
                        "angry, afraid, disgusted and contempt",
                        o->name, name);
        at = value;
        if (parse_real(p, o, &at, &p->args->controls.emotion[index]) != CLI_OK)
            return CLI_USAGE;
        if (*at && *at != ',')
            return fail(p, "--%s wants NAME:WEIGHT,..., not '%s'", o->name, text);
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
        return fail(p, "--%s wants NAME=VALUE, not '%s'", o->name, text);
    if (a->n_settings == CLI_MAX_SETTINGS)
        return fail(p, "--%s is there more than %d times", o->name, CLI_MAX_SETTINGS);
    cli_setting *s = &a->setting[a->n_settings];
    s->index = strcmp(name, "tongueUp") == 0 ? LIMNER_N_EXPRESSION : limner_expression_index(name);
    if (s->index < 0)
        return fail(p, "--%s: there is no expression '%s'; limner help pose lists them", o->name,
                    name);
    if (parse_reals(p, o, value, &s->value, 1) != CLI_OK)
        return CLI_USAGE;
    a->n_settings++;
    return CLI_OK;
}

static int store(const cli_parser *p, const cli_option *o, const char *text)
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

/* ---- the command line ---- */

/* One option at argv[*i]; moves *i over a separate value. */
static int parse_option(const cli_parser *p, int argc, char **argv, int *i)
{
    const char *text = argv[*i], *value = NULL;
    const bool is_long = text[1] == '-';
    cli_search s = {.name = text + 2, .letter = is_long ? 0 : text[1]};

    if (is_long) {
        s.n_name = strcspn(s.name, "=");
        value = s.name[s.n_name] ? s.name + s.n_name + 1 : NULL;
    } else if (text[2]) {
        value = text + 2;
    }
    if (is_long ? strcmp(text, "--help") == 0 : strcmp(text, "-h") == 0)
        return -1;
    cli_each_option(p->command, compare, &s);
    const int n_shown = is_long ? (int)s.n_name + 2 : 2;
    if (!s.found)
        return fail(p, "there is no option %.*s", n_shown, text);
    if (s.found->kind == CLI_FLAG && value)
        return fail(p, "%.*s takes no value", n_shown, text);
    if (s.found->kind != CLI_FLAG && !value) {
        if (*i + 1 >= argc)
            return fail(p, "%s wants a value: %s", text, s.found->value);
        value = argv[++*i];
    }
    return store(p, s.found, value);
}

/* Which sound or motion is whose: the first --face takes the first of them, and so on. */
static int check_faces(const cli_parser *p)
{
    cli_args *a = p->args;
    const int n_voices = a->n_operands - 1, n_faces = a->faces.n;
    const bool is_group = n_voices > 1 || n_faces > 1 || a->idle.n > 0;

    if (n_faces > 0)
        a->face = a->faces.v[0];
    if (is_group && n_voices != n_faces)
        return fail(p, "%d of %s, but %d of --face; name the face of each, as in --face 0 anna.wav "
                       "--face 1 ben.wav",
                    n_voices, strchr(p->command->operands, ' ') + 1, n_faces);
    if (n_faces + a->idle.n > CLI_MAX_FACES)
        return fail(p, "%d faces; at most %d move in one picture", n_faces + a->idle.n,
                    CLI_MAX_FACES);
    for (int i = 0; i < a->idle.n; i++) {
        for (int j = 0; j < n_faces; j++) {
            if (a->idle.v[i] == a->faces.v[j])
                return fail(p, "face %d cannot idle: it is moved", (int)a->idle.v[i]);
        }
    }
    if (is_group && a->framing >= 0 && a->framing != LIMNER_FRAMING_FULL)
        return fail(p, "several faces are shown with --frame full only");
    if (is_group && a->motion_out)
        return fail(p, "--motion-out takes one face; run it for each of them");
    if (is_group)
        a->framing = LIMNER_FRAMING_FULL;
    return CLI_OK;
}

static int check(const cli_parser *p)
{
    const cli_args *a = p->args;
    const char *name = p->command->operands;
    char list[LIST_SIZE];

    if (p->command->first && a->n_operands &&
        find_word(p->command->first, a->operand[0], list) < 0)
        return fail(p, "%.*s is one of %s, not '%s'", (int)strcspn(name, " "), name, list,
                    a->operand[0]);
    if (a->n_operands < p->command->min_operands) {
        for (int i = 0; i < a->n_operands; i++)
            name = strchr(name, ' ') + 1;
        return fail(p, "%.*s is missing", (int)strcspn(name, " ."), name);
    }
    if (p->command->needs_output && !a->output)
        return fail(p, "where to? -o FILE is missing");
    return p->command->max_operands > 2 ? check_faces(p) : CLI_OK;
}

int cli_parse(cli_args *args, const cli_command *command, int argc, char **argv, char *why,
              size_t why_size)
{
    const cli_parser p = {args, command, why, why_size};
    bool is_over = false;

    args->argc = argc;
    args->argv = argv;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        if (!is_over && strcmp(text, "--") == 0) {
            is_over = true;
        } else if (!is_over && text[0] == '-' && text[1]) {
            const int status = parse_option(&p, argc, argv, &i);
            if (status != CLI_OK)
                return status;
        } else if (args->n_operands == command->max_operands) {
            return fail(&p, "'%s' is one argument too many", text);
        } else {
            args->operand[args->n_operands++] = text;
        }
    }
    const int status = check(&p);
    if (args->framing < 0)
        args->framing = LIMNER_FRAMING_CROP;
    return status;
}
