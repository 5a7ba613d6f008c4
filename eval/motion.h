/* SPDX-License-Identifier: Apache-2.0 */
/* What eval motion keeps of each clip, and its report. A clip counts as a person; clips come in
 * sources, which are their folders. */
#ifndef LIMNER_EVAL_MOTION_H
#define LIMNER_EVAL_MOTION_H

#include "eval/report.h"
#include "eval/talk.h"
#include "io/media.h"

/* The sound is read this much later at place k: (k - EVAL_N_SHIFTS / 2) * EVAL_SHIFT_S. */
#define EVAL_SHIFT_S 0.02
enum { EVAL_N_SHIFTS = 21, EVAL_MAX_SOURCE = 64 };

typedef struct eval_motion_clip {
    char name[256], source[EVAL_MAX_SOURCE];
    char reason[LIMNER_IO_ERROR_SIZE]; /* why it could not be used; "": it was */
    eval_talk talk;
    double power[EVAL_N_BINS];     /* of the head's turning; of clips of EVAL_RATE_MIN_S */
    double sound_r[EVAL_N_SHIFTS]; /* of opening and loudness; NaN: no sound */
    double *blink_ms;              /* [n_blinks] of all its blinks; the clip's */
    size_t n_blinks;
} eval_motion_clip;

/* How much later the lips are than the loudness of the sound, by the mean of the sound_r of n
 * clips, between places; NaN: they tell nothing, or fit best at the end of the range. *r: how well
 * they fit there. */
double eval_lips_behind_ms(double *r, const eval_motion_clip *const *clips, size_t n);

/* 0, or -1: no memory. */
int eval_motion_report(eval_report *report, const eval_motion_clip *clips, size_t n);

#endif
