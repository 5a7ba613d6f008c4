/* SPDX-License-Identifier: Apache-2.0 */
/* Small building blocks of motion, all at the generator's inner step of 10 ms: a critically damped
 * follower (no overshoot), a smooth step, clamping. A follower with time constant tau reaches 26 %
 * of a step after tau, 59 % after 2 tau, 91 % after 4 tau; it lags a ramp by 2 tau. */
#ifndef LIMNER_MOTION_SMOOTH_H
#define LIMNER_MOTION_SMOOTH_H

#include <math.h>

#include "core/smoothstep.h"

#define LIMNER_STEP_S 0.01f             /* the inner step, seconds */

typedef struct limner_follower {
    float x, v;                         /* value, change per second */
} limner_follower;

/* Exact solution of x'' = (target - x) / tau^2 - 2 x' / tau over one step. */
static inline float limner_follow(limner_follower *f, float target, float tau_s)
{
    float w = 1.0f / tau_s, decay = expf(-w * LIMNER_STEP_S);
    float d = f->x - target, slope = (f->v + w * d) * LIMNER_STEP_S;

    f->x = target + (d + slope) * decay;
    f->v = (f->v - w * slope) * decay;
    return f->x;
}

static inline float limner_clampf(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

#endif
