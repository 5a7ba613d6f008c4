/* SPDX-License-Identifier: Apache-2.0 */
/* What is heard -> lips, jaw and tongue: deterministic, the same for every seed. Takes the frames
 * of the speech encoder (50 Hz) and gives the mouth in steps of 10 ms. Opening, width, closure and
 * tuck are those of the learned net where there is one; the rest, and without a net all, comes from
 * gestures of the encoder's classes, smoothed about a point later than the step, since real lips
 * lead their sound. */
#ifndef LIMNER_MOTION_ARTICULATION_H
#define LIMNER_MOTION_ARTICULATION_H

#include <stdbool.h>

#include "motion/lips.h"
#include "speech/encoder.h"

enum {
    /* Step n wants the frames of speech whose middle lies up to n + this, in steps of 10 ms. */
    LIMNER_ARTICULATION_AHEAD = 8,
    LIMNER_ARTICULATION_WINDOW = 12     /* frames of speech */
};

/* What the sound asks of the mouth; distances in shares of the eyes' distance, the rest 0..1. */
typedef struct limner_gesture {
    float open;                 /* of the inner lips */
    float width;                /* of the mouth, beyond that at rest; signed */
    float round;                /* lips forward: oo */
    float hush;                 /* sh ch: lips forward, teeth near */
    float teeth;                /* s z: teeth together, lips apart */
    float tuck;                 /* f v: lower lip to the upper teeth */
    float closure;              /* p b m */
    float tip;                  /* t d n l: tongue at the teeth ridge */
    float silence;
} limner_gesture;

typedef struct limner_articulation {
    limner_gesture heard[LIMNER_ARTICULATION_WINDOW];   /* newest last */
    int64_t n_heard;            /* frames in all */
    limner_gesture learned[2];  /* by the net: at the last two even steps, newest last */
    bool is_learned;            /* there are any; only four members count */
    limner_gesture now;         /* smoothed, at the last step */
    float pause_s;              /* since speech, at most 10 */
    float awake, kept;          /* 0 at rest .. 1 speaking: where it goes, and is */
} limner_articulation;

void limner_articulation_init(limner_articulation *a);
/* The next frame of speech. */
void limner_articulation_push(limner_articulation *a, const limner_speech_frame *f);
/* What the net says of the mouth for the next even step, after each frame of speech or never. */
void limner_articulation_learn(limner_articulation *a, const limner_lips_net *net,
                               const limner_lips_frame *f);
/* The mouth at step n (10 ms each), to be asked for in order. */
void limner_articulation_step(limner_articulation *a, int64_t n);
/* Adds the mouth to the motion, scaled by `gain` (1: natural). */
void limner_articulation_apply(const limner_articulation *a, float gain, limner_motion *m);

#endif
