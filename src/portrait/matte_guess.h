/* SPDX-License-Identifier: Apache-2.0 */
/* A first alpha for the unknown pixels of a trimap from colour samples beside them (after Gastal
 * and Oliveira 2010, "Shared sampling for real-time alpha matting"). Planes [h][w], 0..1. */
#ifndef LIMNER_PORTRAIT_MATTE_GUESS_H
#define LIMNER_PORTRAIT_MATTE_GUESS_H

#include "core/pool.h"

typedef enum limner_trimap {
    LIMNER_TRIMAP_BACKGROUND, LIMNER_TRIMAP_UNKNOWN, LIMNER_TRIMAP_PERSON
} limner_trimap;

typedef struct limner_matte_guess {
    int w, h;
    const float *rgb[3];
    const uint8_t *trimap;      /* limner_trimap */
    const float *mask;          /* the coarse mask, for where colour says nothing */
    float reach_px;             /* how far around a pixel samples are looked for */
} limner_matte_guess;

/* guess: alpha of unknown pixels; trust: 0..1, how clearly their colour tells. Others: untouched.
 * Independent of the pool. LIMNER_OK, E_NOMEM. */
limner_status limner_matte_guess_run(float *guess, float *trust, const limner_matte_guess *g,
                                     limner_pool *pool);

#endif
