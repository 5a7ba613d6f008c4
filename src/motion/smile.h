/* SPDX-License-Identifier: Apache-2.0 */
/* The passing smile of someone who talks to somebody: corners of the mouth, cheeks and lower lids
 * together (FACS action units 12 and 6), a little, coming and going with the phrases. */
#ifndef LIMNER_MOTION_SMILE_H
#define LIMNER_MOTION_SMILE_H

#include "core/rng.h"
#include "motion/prosody.h"
#include "motion/smooth.h"

typedef struct limner_smile {
    float size;                 /* 0..0.3, after a step */
    /* private */
    limner_rng rng;
    limner_follower follower;
    float target, until_s;
} limner_smile;

/* Without a seed of its own: another seed is another head, but the same lips. */
void limner_smile_init(limner_smile *s);
void limner_smile_step(limner_smile *s, const limner_prosody *voice);   /* 10 ms on */
/* Adds the smile to the motion, scaled by gain, and cheeks and wings of the nose to the corners of
 * the mouth that speech spreads and that are in *m already; emotions that do not smile keep the
 * smile away. */
void limner_smile_apply(const limner_smile *s, const float emotion[LIMNER_N_EMOTION], float gain,
                        limner_motion *m);

#endif
