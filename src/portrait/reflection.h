/* SPDX-License-Identifier: Apache-2.0 */
/* What lies close behind an outline: the known picture mirrored at it. A small move of the head
 * uncovers no more than that, and there a filling must go on without a seam: patches from
 * elsewhere may end at the outline in another colour, which stays in the picture as the old
 * silhouette. */
#ifndef LIMNER_PORTRAIT_REFLECTION_H
#define LIMNER_PORTRAIT_REFLECTION_H

#include <stdint.h>

#include "limner/limner.h"

typedef struct limner_reflection {
    int w, h;
    const uint8_t *hole;        /* [h][w] 1: behind the outline */
    const uint8_t *source;      /* [h][w] 1: may be shown; never where hole is 1 */
    float near_px, far_px;      /* behind the outline it is shown fully up to, and fades until */
    float *x, *y;               /* [h][w] out: where a pixel of the hole is mirrored to, inside */
    float *share;               /* [h][w] out: how much of it to show, 0..1; 0 outside the hole */
    float *scratch;             /* [2][h][w] */
} limner_reflection;

/* E_NOMEM. */
limner_status limner_reflection_run(const limner_reflection *r);

#endif
