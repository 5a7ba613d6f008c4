/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded take at any time and beside its own neutral face. Between frames each value runs along
 * a monotone cubic (Fritsch and Carlson 1980, "Monotone Piecewise Cubic Interpolation"; slopes kept
 * in their box 0..3, which needs the two neighbours only): it passes through every frame, never
 * overshoots and takes uneven frame times and gaps as they come. */
#ifndef LIMNER_IO_MOTION_TAKE_H
#define LIMNER_IO_MOTION_TAKE_H

#include "io/motion_csv.h"

/* Room for n frames; the take keeps its frames, also on failure. 0, or -1: not enough memory. */
int limner_io_motion_reserve(limner_io_motion_take *take, size_t n);
/* Time of the last frame and one mean frame, seconds; a take of one frame lasts 0. */
double limner_io_motion_duration_s(const limner_io_motion_take *take);
/* The motion at time_s; the first or last frame's outside of the take, which has at least one. */
void limner_io_motion_at(limner_motion *out, const limner_io_motion_take *take, double time_s);
/* The face the take returns to: of each coefficient the value below which a fifth of the frames
 * lie (lips open and lids close from there, and seldom for longer), of pose, gaze, distance and
 * body the median. 0, or -1 (not enough memory). */
int limner_io_motion_neutral(limner_motion *out, const limner_io_motion_take *take, char *err);
/* Makes the take relative to `neutral`, as limner_portrait_apply wants it: coefficients rise from 0
 * and still reach 1 (a lid that closes must close), the rest is what changed; distance a ratio. */
void limner_io_motion_make_relative(limner_io_motion_take *take, const limner_motion *neutral);

#endif
