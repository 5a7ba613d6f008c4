/* SPDX-License-Identifier: Apache-2.0 */
/* The upper face of someone who talks: brows raised or drawn together, eyes narrowed, now and then,
 * rather as a word stands out than elsewhere, and a slow wandering that keeps them alive. Seeded;
 * at rest and in long silences hardly more than the wandering is left. */
#ifndef LIMNER_MOTION_BROW_H
#define LIMNER_MOTION_BROW_H

#include "core/rng.h"
#include "motion/prosody.h"
#include "motion/smooth.h"

/* A movement that is made, held and let go. */
typedef struct limner_brow_act {
    limner_follower size;
    float target, tau_s, left_s, until_s;       /* until another may come */
} limner_brow_act;

typedef struct limner_brow {
    float inner_up, outer_up, down;     /* 0..1, after a step */
    float squint;                       /* lower lids, 0..1 */
    /* private */
    limner_rng rng;
    limner_brow_act raise, frown, narrow;
    limner_follower voice, wander[2], mood;
    float outer_share;
    float wander_target[2], mood_target, until_wander_s, until_mood_s;
} limner_brow;

void limner_brow_init(limner_brow *b, uint64_t seed);
void limner_brow_step(limner_brow *b, const limner_prosody *voice);     /* 10 ms on */
/* Adds brows and lower lids to the motion, scaled by gain. */
void limner_brow_apply(const limner_brow *b, float gain, limner_motion *m);

#endif
