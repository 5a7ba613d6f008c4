/* SPDX-License-Identifier: Apache-2.0 */
/* How a person, or a generated face, moves while talking: the figures of one take, each defined
 * where it is computed (doc/evaluation.md has the list), and of one take beside another of the same
 * sound. NaN where a take does not tell (no silence, no sound, too short). */
#ifndef LIMNER_EVAL_TALK_H
#define LIMNER_EVAL_TALK_H

#include "eval/statistics.h"
#include "eval/take.h"

enum { EVAL_N_BANDS = 5 }; /* 0-0.5, 0.5-1, 1-2, 2-4, 4-8 Hz */

typedef struct eval_talk {
    double seconds, found;         /* share of frames with a face */
    double lip_error;              /* median over frames of limner_tracked's */
    double opening_std, opening_p95;
    double width_std;
    double silent_lip;             /* THEval-style: mean absolute deviation of the opening within
                                    * silences >= 300 ms, eye distances */
    double lip_dynamics;           /* mean std of the lips' 780 pair distances, px, face at 256 */
    double yaw_std, pitch_std, roll_std;     /* degrees */
    double yaw_speed, pitch_speed, roll_speed; /* rms of velocity, degrees/s */
    double head_motion;            /* sqrt(mean std x mean var of frame differences), degrees */
    double head_motion_place;      /* with THEval's term: the face's centre's variance added */
    double band[EVAL_N_BANDS];     /* shares of angular velocity power below 8 Hz */
    double brow_motion;            /* mean absolute frame difference of brow-eye distance */
    double loudness_sync;          /* THEval's lip-sync: mean absolute difference of opening and
                                    * sound amplitude in speech, each scaled to 0..1 */
    double blinks_per_min, blink_ms, n_blinks;
    double gaze_yaw_std, gaze_pitch_std, saccades_per_min;
    double gaze_head_r;            /* Pearson of gaze in the head against head yaw */
    double jitter_deg;             /* rms of the pose against itself below 6 Hz */
} eval_talk;

/* 0, or -1: no memory. */
int eval_talk_of(eval_talk *out, const eval_take *take);

/* Fields of eval_talk by name, for tables: a key for machines, a title with its unit. */
typedef struct eval_talk_field {
    const char *key, *title;
    size_t offset;
    int digits;
} eval_talk_field;
extern const eval_talk_field eval_talk_fields[];
extern const int eval_n_talk_fields;
double eval_talk_value(const eval_talk *t, const eval_talk_field *field);

/* Power of the head's turning (yaw, pitch and roll speeds together, degrees^2/s^2), by Welch's
 * method in windows of 4 s: bin k around k / EVAL_BINS_PER_HZ Hz. All 0 where there is no face.
 * 0, or -1: no memory. */
enum { EVAL_BINS_PER_HZ = 4, EVAL_N_BINS = 8 * EVAL_BINS_PER_HZ + 1 };
int eval_head_spectrum(double power[EVAL_N_BINS], const eval_take *take);
/* Shares of the bands of what is below 8 Hz; NaN of nothing. */
void eval_band_shares(double share[EVAL_N_BANDS], const double power[EVAL_N_BINS]);

/* Blinks as runs of frames: the lids' aperture below 0.72 of the open eye's for less than 0.6 s and
 * below 0.55 in between. Their number; at most max. -1: no memory. */
int eval_blinks(eval_run *out, size_t max, const eval_take *take);

/* THEval-style score of a take against a real one: mean over silent lip, lip dynamics, head motion,
 * brow motion, loudness sync and blinks of 1 - |m - real| / real, floored at 0; what either does
 * not tell is left out. */
double eval_talk_score(const eval_talk *t, const eval_talk *real);

#endif
