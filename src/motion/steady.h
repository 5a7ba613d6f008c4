/* SPDX-License-Identifier: Apache-2.0 */
/* Measured motion made steady, with a lag of two frames. Head pose, place and distance move slowly:
 * the parabola through five frames (Savitzky and Golay 1964) takes off 30 % of white noise and
 * keeps peaks; what it would take off beyond the noise, as from a jerk, stays. While lids close the
 * landmarks make the head nod: pitch runs on between the frames with open eyes. Coefficients and
 * gaze jump by nature (lids, lips that close, saccades): they are averaged with their neighbours
 * only where these differ by no more than the measuring noise of each. */
#ifndef LIMNER_MOTION_STEADY_H
#define LIMNER_MOTION_STEADY_H

#include "limner/limner.h"

enum { LIMNER_STEADY_FRAMES = 2 };

/* out = frame[0] made steady from frame[-half]..frame[half]; half 0 (a copy) to
 * LIMNER_STEADY_FRAMES. */
void limner_motion_steady(limner_motion *out, const limner_motion *const *frame, int half);

#endif
