/* SPDX-License-Identifier: Apache-2.0 */
/* Eye blinks as a renewal process with log-normal intervals, some of them twice. Measured on people
 * speaking to a camera: 15 to 27 blinks a minute, 184 ms [138-267] below 72 % of the open eye;
 * twice as many in the 0.2 s after words end, and more with turns of the head and large shifts of
 * gaze; 31 % of the gaps from onset to onset below 0.75 s (113 gaps of 24 people). */
#ifndef LIMNER_MOTION_BLINK_H
#define LIMNER_MOTION_BLINK_H

#include <stdbool.h>

#include "core/rng.h"

typedef struct limner_blink {
    float left, right;          /* lids, 0 open .. 1 shut, after a step */
    /* private */
    limner_rng rng;
    float progress, threshold;  /* the next blink comes when progress reaches threshold; an event
                                   brings it forward, and leaves progress below 0 */
    float until_again_s;        /* to a second blink soon after the first; 0: none */
    float t_s;                  /* since the blink began; < 0: none */
    float close_s, hold_s, open_s, depth, skew;
} limner_blink;

void limner_blink_init(limner_blink *b, uint64_t seed);
/* 10 ms on. per_minute: long-run rate, 0: none. urge 0..1: an event that invites a blink (0 most
 * of the time); it brings blinks forward and leaves the long-run rate as it is. */
void limner_blink_step(limner_blink *b, float per_minute, float urge);

#endif
