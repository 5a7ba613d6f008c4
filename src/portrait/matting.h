/* SPDX-License-Identifier: Apache-2.0 */
/* Closed-form matting (Levin, Lischinski and Weiss 2008): the alpha that is, in every 3 x 3 window,
 * as linear in colour as it can be, pulled towards a first guess. Planes [h][w], values 0..1. */
#ifndef LIMNER_PORTRAIT_MATTING_H
#define LIMNER_PORTRAIT_MATTING_H

#include "core/pool.h"

enum { LIMNER_MATTING_MAX_SIDE = 640 };

typedef struct limner_matting {
    int w, h;                   /* 8..LIMNER_MATTING_MAX_SIDE */
    const float *rgb[3];        /* the picture */
    const uint8_t *unknown;     /* 1: to be solved; 0: alpha stays as it is */
    const float *guess;         /* wanted alpha of unknown pixels */
    const float *trust;         /* weight of the guess, > 0; the smoothness weighs about 1 */
    float epsilon;              /* regularises the windows: noise variance of the picture */
    int n_iterations;           /* of conjugate gradients */
} limner_matting;

/* alpha [h][w]: on entry the known values and a start for the unknown, on return the solution, not
 * clamped. Independent of the pool. LIMNER_OK, E_ARG, E_NOMEM. */
limner_status limner_matting_solve(float *alpha, const limner_matting *m, limner_pool *pool);

#endif
