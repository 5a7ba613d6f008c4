/* SPDX-License-Identifier: Apache-2.0 */
/* Brows: raises on accents (measured: 14 a minute above 0.2 cm, standard deviation 0.21 cm,
 * r with loudness 0.20), pitch and loudness, and a slow wandering that keeps them alive. */
#ifndef LIMNER_MOTION_BROW_H
#define LIMNER_MOTION_BROW_H

#include "core/rng.h"
#include "motion/prosody.h"
#include "motion/smooth.h"

typedef struct limner_brow {
    float inner_up, outer_up, down;     /* 0..1, after a step */
    /* private */
    limner_rng rng;
    limner_follower raise, voice, wander[2];
    float raise_size, raise_left_s, until_raise_s, outer_share;
    float wander_target[2], until_wander_s;
} limner_brow;

void limner_brow_init(limner_brow *b, uint64_t seed);
void limner_brow_step(limner_brow *b, const limner_prosody *voice);     /* 10 ms on */
/* Adds the brows to the motion, scaled by gain. */
void limner_brow_apply(const limner_brow *b, float gain, limner_motion *m);

#endif
