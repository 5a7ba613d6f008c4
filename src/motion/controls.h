/* SPDX-License-Identifier: Apache-2.0 */
/* The user's controls, followed smoothly: each change takes effect at the sample at which it was
 * made and is approached no faster than people move. What is set before the first sound holds from
 * the first frame. */
#ifndef LIMNER_MOTION_CONTROLS_H
#define LIMNER_MOTION_CONTROLS_H

#include <stdbool.h>

#include "limner/limner.h"
#include "motion/smooth.h"

enum { LIMNER_CONTROLS_QUEUE = 64, LIMNER_N_APPROACH = 9 + LIMNER_N_EMOTION };

typedef struct limner_controls_at {
    int64_t sample;             /* at 16 kHz, from which it holds */
    limner_controls controls;
} limner_controls_at;

typedef struct limner_approach {
    limner_follower follow;
    float target;               /* on its way to what is asked */
} limner_approach;

typedef struct limner_control_state {
    /* Followed values, after a step; gaze and blink_rate are taken at once: they jump by nature. */
    float distance, yaw, pitch, roll;
    float emotion[LIMNER_N_EMOTION];
    float head_gain, expression_gain, mouth_gain;
    float moving;               /* 1; 0 when the head is asked to be still */
    float energy;
    float gaze_yaw, gaze_pitch, blink_rate;
    bool holds_gaze;            /* no glances away */
    /* private */
    limner_controls_at queue[LIMNER_CONTROLS_QUEUE];
    int n_queued;
    limner_controls target;
    limner_approach approach[LIMNER_N_APPROACH];
} limner_control_state;

/* E_ARG: not finite, out of the range stated in limner.h, or shorter than any version. Copies to
 * *out, filling fields that a shorter struct lacks with their defaults. */
limner_status limner_controls_check(limner_controls *out, const limner_controls *c);
void limner_control_state_init(limner_control_state *s);
/* `c` has passed the check. Changes at one sample replace each other, as do changes beyond the
 * queue's length. */
void limner_control_state_set(limner_control_state *s, const limner_controls *c, int64_t sample);
/* 10 ms on, to the step that begins at `sample`. */
void limner_control_state_step(limner_control_state *s, int64_t sample);

#endif
