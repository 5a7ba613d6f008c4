/* SPDX-License-Identifier: Apache-2.0 */
/* Controls (see controls.h and limner.h for their ranges). */
#include "motion/controls.h"

#include <math.h>
#include <string.h>

/* Time constants in seconds: a head turns in about half a second, a mood in one. */
static const float POSE_TAU_S = 0.12f;
static const float DISTANCE_TAU_S = 0.15f;
static const float EMOTION_TAU_S = 0.16f;
static const float GAIN_TAU_S = 0.1f;

static int is_within(float x, float low, float high)
{
    return x >= low && x <= high;       /* false for NaN */
}

limner_status limner_controls_check(limner_controls *out, const limner_controls *c)
{
    limner_controls x;
    int is_good;

    limner_controls_init(&x, sizeof(x));
    if (!c || c->struct_size < sizeof(c->struct_size) || c->struct_size > sizeof(x))
        return LIMNER_E_ARG;
    memcpy(&x, c, c->struct_size);
    is_good = is_within(x.gaze_yaw, -30.0f, 30.0f) && is_within(x.gaze_pitch, -30.0f, 30.0f) &&
              is_within(x.distance, 0.5f, 2.0f) && is_within(x.yaw, -45.0f, 45.0f) &&
              is_within(x.pitch, -45.0f, 45.0f) && is_within(x.roll, -45.0f, 45.0f) &&
              is_within(x.head_gain, 0.0f, 3.0f) && is_within(x.expression_gain, 0.0f, 3.0f) &&
              is_within(x.mouth_gain, 0.0f, 3.0f) && x.blink_rate <= 60.0f && x.is_still <= 1;
    for (int e = 0; e < LIMNER_N_EMOTION; e++)
        is_good = is_good && is_within(x.emotion[e], 0.0f, 1.0f);
    if (!is_good)
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

static float approach(limner_follower *f, float target, float tau_s, int64_t sample)
{
    if (sample == 0)                    /* what was set before the first sound holds at once */
        f->x = target;
    return limner_follow(f, target, tau_s);
}

void limner_control_state_step(limner_control_state *s, int64_t sample)
{
    const limner_controls *t = &s->target;
    limner_follower *f = s->follow;

    take_due(s, sample);
    s->distance = approach(&f[0], t->distance, DISTANCE_TAU_S, sample);
    s->yaw = approach(&f[1], t->yaw, POSE_TAU_S, sample);
    s->pitch = approach(&f[2], t->pitch, POSE_TAU_S, sample);
    s->roll = approach(&f[3], t->roll, POSE_TAU_S, sample);
    s->head_gain = approach(&f[4], t->head_gain, GAIN_TAU_S, sample);
    s->expression_gain = approach(&f[5], t->expression_gain, GAIN_TAU_S, sample);
    s->mouth_gain = approach(&f[6], t->mouth_gain, GAIN_TAU_S, sample);
    s->moving = approach(&f[7], t->is_still ? 0.0f : 1.0f, POSE_TAU_S, sample);
    for (int e = 0; e < LIMNER_N_EMOTION; e++)
        s->emotion[e] = approach(&f[8 + e], t->emotion[e], EMOTION_TAU_S, sample);
    s->gaze_yaw = t->gaze_yaw;
    s->gaze_pitch = t->gaze_pitch;
    s->blink_rate = t->blink_rate;
}
