/* SPDX-License-Identifier: Apache-2.0 */
/* How well the lips of one take follow those of another of the same sound: the figures of
 * doc/evaluation.md, section speech, that need both, or the times of phones. NaN where a take does
 * not tell. */
#ifndef LIMNER_EVAL_SYNC_H
#define LIMNER_EVAL_SYNC_H

#include "eval/align.h"
#include "eval/take.h"
#include "eval/talk.h"

typedef struct eval_sync {
    double opening_r, width_r;   /* Pearson, frame beside frame, means of the clip removed */
    double lag_ms, best_r;       /* of the opening, within +-200 ms; > 0: later than the real one;
                                  * NaN where it would be best at the end of the range */
    double sound_lag_ms, sound_r; /* the same of the opening behind the loudness of the sound */
    double amplitude;            /* std of the opening over the real one's */
    double n_closures;           /* moments of p b m */
    double closed, closed_real;  /* share of them with closed lips; the real take's */
    double closed_by_chance;     /* the same take at moments laid elsewhere at random */
    double n_labiodental;        /* moments of f v */
    double labiodental;          /* share of them with the lower lip raised to the teeth */
} eval_sync;

extern const eval_talk_field eval_sync_fields[];
extern const int eval_n_sync_fields;

/* made: shown beside real, frame by frame. phones: of their sound, or NULL. 0, or -1: no memory. */
int eval_sync_of(eval_sync *out, const eval_take *made, const eval_take *real,
                 const eval_phone *phones, size_t n_phones);

/* Share of the p b m in which the lips close: an opening of less than 15 % of the take's 95th
 * percentile in a frame between 40 ms before the phone and 40 ms after it. *n: how many there are.
 * shift_s: the phones are laid so much later, going round between the first and the last. */
double eval_closed_share(size_t *n, const eval_take *take, const eval_phone *phones,
                         size_t n_phones, double shift_s);

/* Share of the f v with the lower lip raised to the teeth, by the coefficients of the motions
 * (relative to a neutral face), in a frame between 40 ms before the phone and 40 ms after it:
 * turned in or pushed up (mouthRollLower + mouthShrugLower >= 0.1), and no lower than the teeth
 * reach (jawOpen - mouthClose - mouthRollLower / 3 - mouthShrugLower / 3 + lowerDown / 3 <= 0.08:
 * 0.05 eye distances on the demo portrait). NaN: there are none. */
double eval_labiodental_share(size_t *n, const limner_motion *motions, size_t n_frames, double fps,
                              const eval_phone *phones, size_t n_phones);

/* Baselines, to show what the figures tell. The take n frames late (n > 0), and one whose opening
 * is the loudness of its sound, at the real standard deviation. 0, or -1: no memory. The caller
 * closes. */
int eval_take_delayed(eval_take *out, const eval_take *real, int n);
int eval_take_loud_mouth(eval_take *out, const eval_take *real);

#endif
