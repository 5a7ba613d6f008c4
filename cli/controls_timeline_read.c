/* SPDX-License-Identifier: Apache-2.0 */
/* A timeline's JSON (jansson) to key frames; see doc/controls.md and doc/controls.schema.json. The
 * words of a control are those of the server's protocol. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/media.h"
#include "json_place.h"
#include "controls_timeline.h"

#define AT(member) offsetof(limner_controls, member)

enum { MAX_STEPS = 5 };

/* Where in the document the reader is; errors are said there. */
typedef struct reader {
    const char *name, *text;
    size_t n_bytes;
    cli_json_step path[MAX_STEPS];
    int n_steps;
    char *err;
} reader;

/* A number, or a row of them. */
typedef struct row {
    const char *name, *shown; /* shown: its numbers, in words */
    cli_track track;
    size_t offset, n; /* of the first of n floats */
    double low, high;
} row;

static const row rows[] = {
    {"gaze", "yaw, pitch", CLI_TRACK_GAZE, AT(gaze_yaw), 2, -30, 30},
    {"look_at", "x, y", CLI_TRACK_GAZE, AT(gaze_x), 2, -1, 2},
    {"distance", NULL, CLI_TRACK_DISTANCE, AT(distance), 1, 0.5, 2},
    {"pose", "yaw, pitch, roll", CLI_TRACK_POSE, AT(yaw), 3, -45, 45},
    {"head_gain", NULL, CLI_TRACK_HEAD_GAIN, AT(head_gain), 1, 0, 3},
    {"expression_gain", NULL, CLI_TRACK_EXPRESSION_GAIN, AT(expression_gain), 1, 0, 3},
    {"mouth_gain", NULL, CLI_TRACK_MOUTH_GAIN, AT(mouth_gain), 1, 0, 3},
    {"energy", NULL, CLI_TRACK_ENERGY, AT(energy), 1, 0, 2},
};

static int fail_at(const reader *r, bool of_name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail_at(const reader *r, bool of_name, const char *format, ...)
{
    const cli_json_place p =
        cli_json_place_of(r->text, r->n_bytes, r->path, r->n_steps, of_name);
    char what[256];
    va_list list;

    va_start(list, format);
    vsnprintf(what, sizeof(what), format, list);
    va_end(list);
    snprintf(r->err, CLI_TIMELINE_ERROR_SIZE, "%s: line %zu, column %zu: %s", r->name, p.line,
             p.column, what);
    return -1;
}

static void go_to_member(reader *r, const char *key)
{
    r->path[r->n_steps++] = (cli_json_step){.key = key};
}

static void go_to_element(reader *r, size_t index)
{
    r->path[r->n_steps++] = (cli_json_step){.index = index};
}

/* ---- controls ---- */

static int read_number(const reader *r, double *out, const json_t *v, const char *name, double low,
                       double high)
{
    const double x = json_number_value(v);

    if (!json_is_number(v))
        return fail_at(r, false, "%s must be a number", name);
    if (!(x >= low && x <= high))
        return fail_at(r, false, "%s is %g, allowed is %g to %g", name, x, low, high);
    *out = x;
    return 0;
}

static int read_row(reader *r, cli_key *k, const row *what, const json_t *v)
{
    float *out = (float *)(void *)((char *)&k->controls + what->offset);
    const size_t n = what->n;

    if (n > 1 && json_array_size(v) != n)
        return fail_at(r, false, "%s must be [%s]", what->name, what->shown);
    for (size_t i = 0; i < n; i++) {
        double x = 0;
        if (n > 1)
            go_to_element(r, i);
        if (read_number(r, &x, n > 1 ? json_array_get(v, i) : v, what->name, what->low,
                        what->high) < 0)
            return -1;
        if (n > 1)
            r->n_steps--;
        out[i] = (float)x;
    }
    k->named |= 1u << what->track;
    return 0;
}

/* The whole mix: emotions that are not named are 0. */
static int read_emotion(reader *r, cli_key *k, const json_t *v)
{
    const char *name;
    json_t *share;

    if (!json_is_object(v))
        return fail_at(r, false, "emotion must be an object, as {\"happy\": 0.5}");
    json_object_foreach((json_t *)(uintptr_t)v, name, share)
    {
        const int i = limner_emotion_index(name);
        double x = 0;

        go_to_member(r, name);
        if (i < 0)
            return fail_at(r, true, "there is no emotion '%.32s'; there are happy, sad, surprised, "
                           "angry, afraid, disgusted and contempt", name);
        if (read_number(r, &x, share, name, 0, 1) < 0)
            return -1;
        r->n_steps--;
        k->controls.emotion[i] = (float)x;
    }
    k->named |= 1u << CLI_TRACK_EMOTION;
    return 0;
}

static int read_gaze_word(const reader *r, cli_key *k, const char *word)
{
    k->named |= 1u << CLI_TRACK_GAZE;
    k->controls.gaze_mode = LIMNER_GAZE_CAMERA;
    if (strcmp(word, "photo") == 0)
        k->controls.gaze_mode = LIMNER_GAZE_PHOTO;
    else if (strcmp(word, "camera") != 0)
        return fail_at(r, false, "gaze must be [yaw, pitch], \"camera\" or \"photo\"");
    return 0;
}

static int read_blinks(const reader *r, cli_key *k, const json_t *v)
{
    double rate = -1;

    if (!json_is_null(v) && read_number(r, &rate, v, "blink_rate", 0, 60) < 0)
        return -1;
    k->controls.blink_rate = (float)rate;
    k->named |= 1u << CLI_TRACK_BLINK_RATE;
    return 0;
}

static int read_control(reader *r, cli_key *k, const char *name, const json_t *v)
{
    if (strcmp(name, "emotion") == 0)
        return read_emotion(r, k, v);
    if (strcmp(name, "blink_rate") == 0)
        return read_blinks(r, k, v);
    if (strcmp(name, "gaze") == 0 && json_is_string(v))
        return read_gaze_word(r, k, json_string_value(v));
    if (strcmp(name, "still") == 0) {
        if (!json_is_boolean(v))
            return fail_at(r, false, "still must be true or false");
        k->controls.is_still = json_is_true(v);
        k->named |= 1u << CLI_TRACK_STILL;
        return 0;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(name, rows[i].name) != 0)
            continue;
        if (rows[i].track == CLI_TRACK_GAZE && k->named >> CLI_TRACK_GAZE & 1)
            return fail_at(r, true, "one of gaze and look_at is enough");
        if (rows[i].track == CLI_TRACK_GAZE)
            k->controls.gaze_mode = name[0] == 'l' ? LIMNER_GAZE_POINT : LIMNER_GAZE_ANGLE;
        return read_row(r, k, &rows[i], v);
    }
    return fail_at(r, true, "there is no control '%.32s'; see doc/controls.md", name);
}

/* ---- key frames ---- */

static int read_ease(const reader *r, cli_key *k, const json_t *v)
{
    static const char *const names[] = {[CLI_EASE_SMOOTH] = "smooth", [CLI_EASE_LINEAR] = "linear",
                                        [CLI_EASE_IN] = "in", [CLI_EASE_OUT] = "out",
                                        [CLI_EASE_STEP] = "step"};
    const char *word = json_string_value(v);

    for (size_t i = 0; word && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(word, names[i]) == 0) {
            k->ease = (cli_ease)i;
            return 0;
        }
    }
    return fail_at(r, false, "ease must be \"smooth\", \"linear\", \"in\", \"out\" or \"step\"");
}

static int read_face(const reader *r, cli_key *k, const json_t *v)
{
    const json_int_t n = json_integer_value(v);

    if (!json_is_integer(v) || n < 0 || n >= LIMNER_MAX_FACES)
        return fail_at(r, false, "face must be a whole number, 0 to %d", LIMNER_MAX_FACES - 1);
    k->face = (int32_t)n;
    return 0;
}

static int read_key(reader *r, cli_key *k, const json_t *object)
{
    const char *name;
    json_t *v;
    int status = 0;

    if (!json_is_object(object))
        return fail_at(r, false, "a key frame must be an object, as {\"at\": 1.5, \"energy\": 2}");
    if (!json_object_get(object, "at"))
        return fail_at(r, false, "\"at\" is missing: the key frame's time in seconds");
    json_object_foreach((json_t *)(uintptr_t)object, name, v)
    {
        go_to_member(r, name);
        if (strcmp(name, "at") == 0)
            status = read_number(r, &k->at_s, v, "at", 0, CLI_TIMELINE_MAX_S);
        else if (strcmp(name, "ease") == 0)
            status = read_ease(r, k, v);
        else if (strcmp(name, "face") == 0)
            status = read_face(r, k, v);
        else
            status = read_control(r, k, name, v);
        if (status < 0)
            return -1;
        r->n_steps--;
    }
    return 0;
}

static int read_keys(reader *r, cli_timeline *out, const json_t *keys)
{
    const size_t n = json_array_size(keys);

    if (n == 0)
        return fail_at(r, false, "\"keys\" must be a list of at least one key frame");
    if (n > CLI_TIMELINE_MAX_KEYS)
        return fail_at(r, false, "%zu key frames, at most %d are possible", n,
                       CLI_TIMELINE_MAX_KEYS);
    out->key = calloc(n, sizeof(*out->key));
    if (!out->key)
        return fail_at(r, false, "not enough memory");
    for (out->n = 0; out->n < n; out->n++) {
        cli_key *k = &out->key[out->n];

        k->face = -1;
        limner_controls_init(&k->controls, sizeof(k->controls));
        go_to_element(r, out->n);
        if (read_key(r, k, json_array_get(keys, out->n)) < 0)
            return -1;
        if (out->n && k->at_s < k[-1].at_s) {
            go_to_member(r, "at");
            return fail_at(r, false, "at is %g, before the key frame above it at %g", k->at_s,
                           k[-1].at_s);
        }
        r->n_steps--;
    }
    return 0;
}

static int read_root(reader *r, cli_timeline *out, const json_t *root)
{
    const char *name;
    json_t *v;

    if (!json_is_object(root) || !json_object_get(root, "keys"))
        return fail_at(r, false, "a timeline is {\"keys\": [...]}; see doc/controls.md");
    json_object_foreach((json_t *)(uintptr_t)root, name, v)
    {
        go_to_member(r, name);
        if (strcmp(name, "keys") != 0 && strcmp(name, "$schema") != 0)
            return fail_at(r, true, "there is no field '%.32s'; there is \"keys\"", name);
        r->n_steps--;
    }
    go_to_member(r, "keys");
    return read_keys(r, out, json_object_get(root, "keys"));
}

int cli_timeline_parse(cli_timeline *out, const char *name, const char *text, size_t n_bytes,
                       char *err)
{
    const size_t n_mark = n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    text += n_mark; /* a byte order mark, as Windows' editors write one */
    n_bytes -= n_mark;
    reader r = {.name = name, .text = text, .n_bytes = n_bytes, .err = err};
    const size_t deep = cli_json_too_deep(text, n_bytes, CLI_TIMELINE_MAX_DEPTH);
    json_error_t error;

    memset(out, 0, sizeof(*out));
    if (deep < n_bytes) {
        const cli_json_place p = cli_json_place_at(text, deep);
        snprintf(err, CLI_TIMELINE_ERROR_SIZE,
                 "%s: line %zu, column %zu: brackets in more than %d others", name, p.line,
                 p.column, CLI_TIMELINE_MAX_DEPTH);
        return -1;
    }
    json_t *root = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        snprintf(err, CLI_TIMELINE_ERROR_SIZE, "%s: line %d, column %d: %s", name,
                 error.line > 0 ? error.line : 1, error.column > 0 ? error.column : 1, error.text);
        return -1;
    }
    const int status = read_root(&r, out, root);
    json_decref(root);
    if (status < 0)
        cli_timeline_close(out);
    return status;
}

int cli_timeline_read(cli_timeline *out, const char *path, char *err)
{
    char why[LIMNER_IO_ERROR_SIZE];
    limner_io_file file;

    memset(out, 0, sizeof(*out));
    if (limner_io_file_read(&file, path, CLI_TIMELINE_MAX_BYTES, why) < 0) {
        snprintf(err, CLI_TIMELINE_ERROR_SIZE, "%.*s", CLI_TIMELINE_ERROR_SIZE - 1, why);
        return -1;
    }
    const int status = cli_timeline_parse(out, path, file.bytes, file.len_bytes, err);
    limner_io_file_close(&file);
    return status;
}
