/* SPDX-License-Identifier: Apache-2.0 */
/* What lies close behind an outline: the known picture carried on along its own lines. A small move
 * of the head uncovers no more than that, and there a filling must go on without a seam or a kink:
 * a shelf or the stripe of a flag that ends at the outline goes on straight, whatever the angle at
 * which it meets it, and loses itself in a soft filling. */
#ifndef LIMNER_PORTRAIT_CONTINUATION_H
#define LIMNER_PORTRAIT_CONTINUATION_H

#include <stdint.h>

#include "limner/limner.h"

typedef struct limner_continuation {
    int w, h;
    const float *rgb[3];        /* [h][w] 0..1, read outside of the hole */
    const uint8_t *hole;        /* [h][w] 1: behind the outline */
    const uint8_t *source;      /* [h][w] 1: may be shown; never where hole is 1 */
    float reach_px;             /* behind the outline lines go on until there, fading */
    float *smooth[3];           /* [h][w] out: the picture continued; itself outside of the hole */
    float *x, *y;               /* [h][w] out: where a pixel of the hole is mirrored to, for its
                                 * grain; inside the picture */
    float *share;               /* [h][w] out: how much of what is there to show, 0..1 */
    float *scratch;             /* [8][h][w] */
} limner_continuation;

/* E_NOMEM. */
limner_status limner_continuation_run(const limner_continuation *c);

#endif
