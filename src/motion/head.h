/* SPDX-License-Identifier: Apache-2.0 */
/* Head and shoulders of someone who talks to the camera: a stochastic process held to the
 * statistics measured on real takes, coupled to the voice's beats, accents and phrase ends. It is
 * stationary and bounded: no drift, however long it runs. At t = 0 everything is exactly zero. */
#ifndef LIMNER_MOTION_HEAD_H
#define LIMNER_MOTION_HEAD_H

#include <stdbool.h>

#include "core/rng.h"
#include "motion/prosody.h"
#include "motion/smooth.h"

enum { LIMNER_HEAD_N_BANDS = 4 };

/* One band of wandering: a damped oscillator driven by noise. */
typedef struct limner_wander {
    float x[2];                 /* now, one step ago */
} limner_wander;

typedef struct limner_head {
    float yaw, pitch, roll;     /* degrees, after a step */
    float x, y, z;              /* cm */
    float breath, sway;         /* -1..1 */
    float turn_deg;             /* size of the turn that begins in this step, else 0 */
    /* private */
    limner_rng rng;
    limner_wander band[3][LIMNER_HEAD_N_BANDS];
    limner_wander vigour[4];    /* logarithm of how much each axis moves, and all of them */
    limner_follower wander[3], posture[3], shift[4], stroke[3], beat, loud, lift, liveliness;
    float posture_target[3], shift_target[4];
    float been[3];              /* where posture was on the average of the last seconds */
    float first[3];             /* where all of it would be at t = 0 */
    float stroke_deg[3];        /* of the stroke that runs */
    float until_posture_s, until_stroke_s, stroke_left_s;
    float breath_phase, breath_rate_hz;
    bool is_inhaling;
    float t_s;
} limner_head;

void limner_head_init(limner_head *h, uint64_t seed);
void limner_head_step(limner_head *h, const limner_prosody *voice);     /* 10 ms on */
/* The mouth breathes in from here on: chest and head rise with it. */
void limner_head_inhale(limner_head *h);

#endif
