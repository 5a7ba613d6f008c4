/* SPDX-License-Identifier: Apache-2.0 */
/* What is heard -> lips, jaw and tongue: deterministic, the same for every seed. Takes the frames
 * of the speech encoder (50 Hz) and gives the mouth in steps of 10 ms: that of the learned net
 * (lips.h), or, without one, gestures of the encoder's classes, smoothed over time, which are later
 * by some 40 ms. */
#ifndef LIMNER_MOTION_ARTICULATION_H
#define LIMNER_MOTION_ARTICULATION_H

#include <stdbool.h>

#include "motion/lips.h"
#include "speech/encoder.h"

enum {
    /* Step n wants the frames of speech whose middle lies up to n + this, in steps of 10 ms. */
    LIMNER_ARTICULATION_AHEAD = 2,
    LIMNER_ARTICULATION_WINDOW = 12     /* frames of speech */
};

typedef struct limner_articulation {
    limner_gesture heard[LIMNER_ARTICULATION_WINDOW];   /* newest last */
    int64_t n_heard;            /* frames in all */
    limner_gesture learned[2];  /* by the net: at the last two even steps, newest last */
    bool is_learned;            /* there are any: nothing is heard then */
    limner_gesture now;         /* smoothed, at the last step */
    float pause_s;              /* since speech, at most 10 */
    float awake, kept;          /* 0 at rest .. 1 speaking: where it goes, and is */
    float doubt;                /* 0..1: the net sees talk where the encoder has long heard none */
} limner_articulation;

void limner_articulation_init(limner_articulation *a);
/* The next frame of speech, where there is no net. */
void limner_articulation_push(limner_articulation *a, const limner_speech_frame *f);
/* What the net says of the mouth at the next even step, instead of a frame of speech; silence: of
 * which the speech encoder says it is none by so much, 0..1. */
void limner_articulation_learn(limner_articulation *a, const limner_gesture *mouth,
                               float silence);
/* The mouth at step n (10 ms each), to be asked for in order. */
void limner_articulation_step(limner_articulation *a, int64_t n);
/* Adds the mouth to the motion, scaled by `gain` (1: natural). */
void limner_articulation_apply(const limner_articulation *a, float gain, limner_motion *m);

#endif
