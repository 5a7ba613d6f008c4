/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded take at any time and beside its own neutral face. Between frames each value runs along
 * a monotone cubic (Fritsch and Carlson 1980, "Monotone Piecewise Cubic Interpolation"; slopes kept
 * in their box 0..3, which needs the two neighbours only): it passes through every frame, never
 * overshoots and takes uneven frame times and gaps as they come. */
#ifndef LIMNER_IO_MOTION_TAKE_H
#define LIMNER_IO_MOTION_TAKE_H

#include "io/motion_csv.h"

#define LIMNER_IO_SAME_S 1e-6 /* times are rounded when written */

/* Room for n frames; the take keeps its frames, also on failure. 0, or -1: not enough memory. */
int limner_io_motion_reserve(limner_io_motion_take *take, size_t n);
/* Time of the last frame and one mean frame, seconds; a take of one frame lasts 0. */
double limner_io_motion_duration_s(const limner_io_motion_take *take);
/* The motion at time_s; the first or last frame's outside of the take, which has at least one. A
 * frame less than LIMNER_IO_SAME_S from time_s is meant itself. */
void limner_io_motion_at(limner_motion *out, const limner_io_motion_take *take, double time_s);
/* Whether interpolation knows all frames it needs for time_s while more frames may follow: that of
 * time_s, or else two before and two after it. */
bool limner_io_motion_is_known(const limner_io_motion_take *take, double time_s);
/* Drops all frames that times from time_s on do not need. */
void limner_io_motion_drop(limner_io_motion_take *take, double time_s);
/* Steps from frame to frame of more than 1.5 times the usual (median) one: how many there are, how
 * many frames would fill them, how long the longest lasts. */
typedef struct limner_io_motion_gaps {
    size_t n_gaps, n_missing;
    double longest_s;
} limner_io_motion_gaps;
/* 0, or -1 (not enough memory). */
int limner_io_motion_find_gaps(limner_io_motion_gaps *out, const limner_io_motion_take *take,
                               char *err);
/* The face the take returns to: of each coefficient the value below which a fifth of the frames
 * lie (lips open and lids close from there, and seldom for longer), of pose, gaze, distance and
 * body the median. Only frames before until_s count, and the first one; INFINITY: all. 0, or -1
 * (not enough memory). */
int limner_io_motion_neutral(limner_motion *out, const limner_io_motion_take *take, double until_s,
                             char *err);
/* Makes the take relative to `neutral`, as limner_portrait_apply wants it: coefficients rise from 0
 * and still reach 1 (a lid that closes must close), the rest is what changed; distance a ratio. */
void limner_io_motion_make_one_relative(limner_motion *m, const limner_motion *neutral);
void limner_io_motion_make_relative(limner_io_motion_take *take, const limner_motion *neutral);

#endif
