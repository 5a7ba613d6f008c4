/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and rows of numbers by a table; emotion, blinks, gaze's kind and stillness by hand. */
#include "controls_json.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

#define AT(member) offsetof(limner_controls, member)
enum { MAX_ROW = 3 };

/* clang-format off */
static const struct {
    const char *name;
    size_t offset; /* of the first of n floats */
    size_t n;
    double low, high;
} numbers[] = {
    {"gaze", AT(gaze_yaw), 2, -30, 30},
    {"look_at", AT(gaze_x), 2, -1, 2},
    {"distance", AT(distance), 1, 0.5, 2},
    {"pose", AT(yaw), 3, -45, 45},
    {"head_gain", AT(head_gain), 1, 0, 3},
    {"expression_gain", AT(expression_gain), 1, 0, 3},
    {"mouth_gain", AT(mouth_gain), 1, 0, 3},
    {"energy", AT(energy), 1, 0, 2},
};
/* clang-format on */

static const struct {
    const char *name;
    uint32_t mode;
} gaze_modes[] = {{"photo", LIMNER_GAZE_PHOTO},
                  {"angle", LIMNER_GAZE_ANGLE},
                  {"camera", LIMNER_GAZE_CAMERA},
                  {"point", LIMNER_GAZE_POINT}};

static int fail_range(char *why, const char *key, size_t n, double low, double high)
{
    if (n == 1)
        snprintf(why, SERVER_WHY_SIZE, "controls: %.32s must be a number, %g to %g", key, low,
                 high);
    else
        snprintf(why, SERVER_WHY_SIZE, "controls: %.32s must be %zu numbers, %g to %g", key, n, low,
                 high);
    return -1;
}

/* One number, or an array of n. */
static int read_row(float *out, const json_t *v, size_t n, double low, double high)
{
    float row[MAX_ROW];

    if (n > 1 && (!json_is_array(v) || json_array_size(v) != n))
        return -1;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = n > 1 ? json_array_get(v, i) : v;
        const double x = json_number_value(one);
        if (!json_is_number(one) || !(x >= low && x <= high))
            return -1;
        row[i] = (float)x;
    }
    memcpy(out, row, n * sizeof(*row));
    return 0;
}

/* The whole mix: emotions that are not named are 0. */
static int read_emotion(limner_controls *c, const json_t *v, char *why)
{
    float mix[LIMNER_N_EMOTION] = {0};
    const char *key;
    json_t *share;

    if (!json_is_object(v)) {
        snprintf(why, SERVER_WHY_SIZE, "controls: emotion must be an object, as {\"happy\": 0.5}");
        return -1;
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, share)
    {
        const int i = limner_emotion_index(key);
        if (i < 0) {
            snprintf(why, SERVER_WHY_SIZE, "controls: there is no emotion '%.32s'", key);
            return -1;
        }
        if (read_row(&mix[i], share, 1, 0, 1) < 0)
            return fail_range(why, key, 1, 0, 1);
    }
    memcpy(c->emotion, mix, sizeof(mix));
    return 0;
}

static int read_blinks(limner_controls *c, const json_t *v, char *why)
{
    if (json_is_null(v)) {
        c->blink_rate = -1;
        return 0;
    }
    if (read_row(&c->blink_rate, v, 1, 0, 60) == 0)
        return 0;
    snprintf(why, SERVER_WHY_SIZE, "controls: blink_rate must be 0 to 60, or null: natural");
    return -1;
}

static int read_mode(limner_controls *c, const json_t *v, char *why)
{
    for (size_t i = 0; json_is_string(v) && i < sizeof(gaze_modes) / sizeof(gaze_modes[0]); i++) {
        if (strcmp(json_string_value(v), gaze_modes[i].name) == 0) {
            c->gaze_mode = gaze_modes[i].mode;
            return 0;
        }
    }
    snprintf(why, SERVER_WHY_SIZE,
             "controls: gaze_mode must be \"photo\", \"angle\", \"camera\" or \"point\"");
    return -1;
}

static int read_still(limner_controls *c, const json_t *v, char *why)
{
    c->is_still = json_is_true(v);
    if (json_is_boolean(v))
        return 0;
    snprintf(why, SERVER_WHY_SIZE, "controls: still must be true or false");
    return -1;
}

static int read_one(limner_controls *c, const char *key, const json_t *v, char *why)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(key, numbers[i].name) != 0)
            continue;
        float *out = (float *)(void *)((char *)c + numbers[i].offset);
        if (read_row(out, v, numbers[i].n, numbers[i].low, numbers[i].high) == 0)
            return 0;
        return fail_range(why, key, numbers[i].n, numbers[i].low, numbers[i].high);
    }
    if (strcmp(key, "emotion") == 0)
        return read_emotion(c, v, why);
    if (strcmp(key, "blink_rate") == 0)
        return read_blinks(c, v, why);
    if (strcmp(key, "gaze_mode") == 0)
        return read_mode(c, v, why);
    if (strcmp(key, "still") == 0)
        return read_still(c, v, why);
    if (strcmp(key, "type") == 0)
        return 0;
    snprintf(why, SERVER_WHY_SIZE, "controls: there is no field '%.32s'", key);
    return -1;
}

int server_controls_read(limner_controls *c, const json_t *object, char *why)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (read_one(c, key, value, why) < 0)
            return -1;
    }
    return 0;
}
