/* SPDX-License-Identifier: Apache-2.0 */
/* Sound -> lips, jaw and tongue: deterministic, the same for every seed. Takes one feature frame
 * per 10 ms and gives the mouth LIMNER_ARTICULATION_AHEAD frames earlier, smoothed about a point
 * 10 ms ahead of that, since real lips lead their sound by as much (measured on 28 clips). */
#ifndef LIMNER_MOTION_ARTICULATION_H
#define LIMNER_MOTION_ARTICULATION_H

#include "audio/features.h"

enum {
    LIMNER_ARTICULATION_AHEAD = 6,      /* feature frames */
    LIMNER_ARTICULATION_PAST = 14
};

/* What one frame of sound asks of the mouth, before coarticulation; each 0..1. */
typedef struct limner_gesture {
    float open;                 /* jaw and lips, vowels */
    float part;                 /* speech is going on: lips slightly apart */
    float spread, round;        /* ee; oo */
    float teeth;                /* s z: teeth together, lips apart */
    float hush;                 /* sh ch: teeth near, lips forward */
    float tuck;                 /* f v: lower lip to the upper teeth */
    float closure;              /* p b m */
    float tip;                  /* t d n l: tongue at the teeth ridge */
} limner_gesture;

typedef struct limner_articulation {
    limner_gesture past[LIMNER_ARTICULATION_PAST + LIMNER_ARTICULATION_AHEAD + 1];
    limner_feature_frame feature[LIMNER_ARTICULATION_PAST + LIMNER_ARTICULATION_AHEAD + 1];
    limner_gesture now;         /* smoothed, at the time of the last output */
    float gate;                 /* speech, with release */
    float unvoiced_s;           /* since the last voiced sound, seconds, at most 1 */
    float mean_f1, mean_f2, voiced_share;      /* of this voice, natural logarithm of Hz */
    float mean_band_db[LIMNER_FEATURES_N_BANDS];        /* in its vowels */
    int n_frames, n_vowel;
} limner_articulation;

void limner_articulation_init(limner_articulation *a);
/* 1: a->now is the mouth at the time of the frame AHEAD frames before this one; 0: not yet. */
int limner_articulation_step(limner_articulation *a, const limner_feature_frame *f);
/* Adds the mouth to the motion, scaled by `gain` (1: natural). */
void limner_articulation_apply(const limner_articulation *a, float gain, limner_motion *m);

#endif
