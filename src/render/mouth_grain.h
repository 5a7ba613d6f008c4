/* SPDX-License-Identifier: Apache-2.0 */
/* The picture's own grain for what is drawn between the lips: film grain, canvas or brushwork of
 * the cheeks, as a share of their brightness, in a tile that repeats mirrored. Without it a painted
 * face's mouth looks pasted in. And how soft the picture is there: so are edges that are drawn. */
#ifndef LIMNER_RENDER_MOUTH_GRAIN_H
#define LIMNER_RENDER_MOUTH_GRAIN_H

#include <math.h>

#include "render/texture.h"

enum { LIMNER_GRAIN_PX = 32 };

typedef struct limner_mouth_grain {
    float gain[LIMNER_GRAIN_PX][LIMNER_GRAIN_PX];       /* 1 = no grain */
    float x, y;                         /* of the frame: canvas place of the tile's corner */
} limner_mouth_grain;

/* How soft the photo is between canvas points lo and hi: 0 as sharp as pixels get, 1 a blur of some
 * pixels. */
float limner_mouth_softness(const limner_texture *photo, const float lo[2], const float hi[2]);
/* cheek: middles of two patches of skin, canvas px; the calmer one is taken. */
void limner_mouth_grain_open(limner_mouth_grain *g, const limner_texture *photo,
                             const float cheek[2][2]);

static inline int32_t limner_grain_fold(float v)
{
    const int32_t i = (int32_t)floorf(v) & (2 * LIMNER_GRAIN_PX - 1);

    return i < LIMNER_GRAIN_PX ? i : 2 * LIMNER_GRAIN_PX - 1 - i;
}

/* What the light at canvas point (x, y) is multiplied by: the same for a whole pixel. */
static inline float limner_mouth_grain_at(const limner_mouth_grain *g, float x, float y)
{
    return g->gain[limner_grain_fold(y - g->y)][limner_grain_fold(x - g->x)];
}

#endif
