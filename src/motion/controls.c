/* SPDX-License-Identifier: Apache-2.0 */
/* Controls (see controls.h and limner.h for their ranges). */
#include "motion/controls.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* How a control is approached: its target moves at most `rate` a second, and a follower with time
 * constant tau_s comes after it. A head turns by 20 degrees in half a second, nobody comes nearer
 * by more than a third of his distance in one, and a mood takes as long. */
typedef struct pace {
    float tau_s, rate;
} pace;

static const pace POSE = {0.12f, 90.0f}, DISTANCE = {0.15f, 0.4f}, EMOTION = {0.16f, 2.5f},
                  GAIN = {0.1f, 6.0f};

/* Of the first version; what came later stands behind it. */
static const uint32_t LEAST_SIZE = offsetof(limner_controls, energy);

void limner_controls_init(limner_controls *c, uint32_t struct_size)
{
    limner_controls x = {.distance = 1, .head_gain = 1, .expression_gain = 1, .mouth_gain = 1,
                         .blink_rate = -1, .energy = 1};

    if (!c || struct_size < LEAST_SIZE)
        return;
    x.struct_size = struct_size < sizeof(x) ? struct_size : sizeof(x);
    memcpy(c, &x, x.struct_size);
}

static bool is_within(float x, float low, float high)
{
    return x >= low && x <= high;       /* false for NaN */
}

static bool is_good(const limner_controls *c)
{
    for (int e = 0; e < LIMNER_N_EMOTION; e++)
        if (!is_within(c->emotion[e], 0.0f, 1.0f))
            return false;
    return is_within(c->gaze_yaw, -30.0f, 30.0f) && is_within(c->gaze_pitch, -30.0f, 30.0f) &&
           is_within(c->distance, 0.5f, 2.0f) && is_within(c->yaw, -45.0f, 45.0f) &&
           is_within(c->pitch, -45.0f, 45.0f) && is_within(c->roll, -45.0f, 45.0f) &&
           is_within(c->head_gain, 0.0f, 3.0f) && is_within(c->expression_gain, 0.0f, 3.0f) &&
           is_within(c->mouth_gain, 0.0f, 3.0f) && c->blink_rate <= 60.0f && c->is_still <= 1 &&
           is_within(c->energy, 0.0f, 2.0f) && c->gaze_mode <= LIMNER_GAZE_POINT &&
           is_within(c->gaze_x, -1.0f, 2.0f) && is_within(c->gaze_y, -1.0f, 2.0f);
}

limner_status limner_controls_check(limner_controls *out, const limner_controls *c)
{
    limner_controls x;

    limner_controls_init(&x, sizeof(x));
    if (!c || c->struct_size < LEAST_SIZE)
        return LIMNER_E_ARG;
    memcpy(&x, c, c->struct_size < sizeof(x) ? c->struct_size : sizeof(x));
    x.struct_size = sizeof(x);
    if (!is_good(&x))
        return LIMNER_E_ARG;
    *out = x;
    return LIMNER_OK;
}

void limner_control_state_init(limner_control_state *s)
{
    memset(s, 0, sizeof(*s));
    limner_controls_init(&s->target, sizeof(s->target));
}

void limner_control_state_set(limner_control_state *s, const limner_controls *c, int64_t sample)
{
    int n = s->n_queued;

    if (n == LIMNER_CONTROLS_QUEUE || (n && s->queue[n - 1].sample == sample))
        n--;
    s->queue[n].sample = sample;
    s->queue[n].controls = *c;
    s->n_queued = n + 1;
}

static void take_due(limner_control_state *s, int64_t sample)
{
    int n = 0;

    while (n < s->n_queued && s->queue[n].sample <= sample)
        s->target = s->queue[n++].controls;
    if (n) {
        s->n_queued -= n;
        memmove(s->queue, s->queue + n, (size_t)s->n_queued * sizeof(s->queue[0]));
    }
}

static float approach(limner_approach *a, float target, pace p, int64_t sample)
{
    const float step = p.rate * LIMNER_STEP_S;

    if (sample == 0)                    /* what was set before the first sound holds at once */
        a->target = a->follow.x = target;
    a->target += limner_clampf(target - a->target, -step, step);
    return limner_follow(&a->follow, a->target, p.tau_s);
}

void limner_control_state_step(limner_control_state *s, int64_t sample)
{
    const limner_controls *t = &s->target;
    limner_approach *a = s->approach;

    take_due(s, sample);
    s->distance = approach(&a[0], t->distance, DISTANCE, sample);
    s->yaw = approach(&a[1], t->yaw, POSE, sample);
    s->pitch = approach(&a[2], t->pitch, POSE, sample);
    s->roll = approach(&a[3], t->roll, POSE, sample);
    s->head_gain = approach(&a[4], t->head_gain, GAIN, sample);
    s->expression_gain = approach(&a[5], t->expression_gain, GAIN, sample);
    s->mouth_gain = approach(&a[6], t->mouth_gain, GAIN, sample);
    s->moving = approach(&a[7], t->is_still ? 0.0f : 1.0f, GAIN, sample);
    s->energy = approach(&a[8], t->energy, GAIN, sample);
    for (int e = 0; e < LIMNER_N_EMOTION; e++)
        s->emotion[e] = approach(&a[9 + e], t->emotion[e], EMOTION, sample);
    s->gaze_yaw = t->gaze_yaw;
    s->gaze_pitch = t->gaze_pitch;
    s->holds_gaze = t->gaze_mode >= LIMNER_GAZE_CAMERA;
    s->blink_rate = t->blink_rate;
}
