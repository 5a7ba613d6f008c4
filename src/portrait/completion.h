/* SPDX-License-Identifier: Apache-2.0 */
/* Fills the hole of a picture from the rest of it: every patch that touches the hole looks for its
 * like outside, and the hole takes the mean of what they bring, coarse to fine (Wexler, Shechtman
 * and Irani 2007; PatchMatch, Barnes et al. 2009). Gives the filled picture and, for a sharp copy
 * at a larger size, where each pixel came from. */
#ifndef LIMNER_PORTRAIT_COMPLETION_H
#define LIMNER_PORTRAIT_COMPLETION_H

#include "core/pool.h"

typedef struct limner_completion {
    int w, h;                   /* 16..1024 */
    float *rgb[3];              /* [h][w] 0..1: known outside of the hole; filled on return */
    const uint8_t *hole;        /* 1: to be filled */
    const uint8_t *source;      /* 1: may be copied from; never where hole is 1 */
    float reach_px;             /* deeper in the hole than this it is filled only softly */
    int32_t *from;              /* [h][w] out: index of the pixel copied, -1 where none */
} limner_completion;

/* Independent of the pool; the random search is seeded by place alone. LIMNER_OK, E_ARG,
 * E_NOMEM. */
limner_status limner_completion_run(const limner_completion *c, limner_pool *pool);

#endif
