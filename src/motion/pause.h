/* SPDX-License-Identifier: Apache-2.0 */
/* What a mouth does while its voice is silent. Between phrases people breathe in through parted
 * lips; those who have nothing to say now and then press their lips together, or swallow. Drawn by
 * chance that hangs on the sound alone: the lips of a sound are the same with every seed. */
#ifndef LIMNER_MOTION_PAUSE_H
#define LIMNER_MOTION_PAUSE_H

#include <stdbool.h>

#include "core/rng.h"
#include "motion/articulation.h"
#include "motion/prosody.h"
#include "motion/smooth.h"

typedef struct limner_pause {
    float open;                 /* of the inner lips, eye distances, after a step */
    float press, swallow;       /* 0..1 */
    bool is_breath;             /* true for one step: a breath in begins */
    /* private */
    limner_rng rng;
    limner_follower parted, pressed, swallowed;
    float spoken_s, talked_s;   /* since the last breath; since a long silence; at most 10 */
    float pause_s;              /* since the voice, at most 10 */
    float from_s, until_s;      /* of the pause: where lips are parted in it */
    float depth, drift;         /* how far, eye distances, and more a second */
    float until_press_s, press_left_s, press_size;
    bool is_due;                /* a breath in the pause */
    bool is_in, is_swallow;     /* in a pause; the press that runs is a swallow */
} limner_pause;

void limner_pause_init(limner_pause *p);
/* 10 ms on, with the mouth of that step. */
void limner_pause_step(limner_pause *p, const limner_articulation *mouth,
                       const limner_prosody *voice);
/* Opens the mouth of the step as far as the pause asks; one that is wider open stays as it is. */
void limner_pause_part(const limner_pause *p, limner_articulation *mouth);
/* Adds presses and swallows to the motion, scaled by gain. */
void limner_pause_apply(const limner_pause *p, float gain, limner_motion *m);

#endif
