/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of a band that a triangle may cover: what each instruction set's loop starts from. */
#ifndef LIMNER_RENDER_RASTER_BOX_H
#define LIMNER_RENDER_RASTER_BOX_H

#include <stdbool.h>

#include "render/pix_dsp.h"

/* Samples of a band. */
typedef struct limner_raster_part {
    float *z;                           /* of the first sample */
    int32_t *id;
    int32_t n, n_rows, x, y;            /* x, y of the first sample */
} limner_raster_part;

/* Those of the pixels given, first and last; false: none. */
static inline bool limner_raster_cut(limner_raster_part *p, const limner_raster_band *b,
                                     int32_t left, int32_t right, int32_t top, int32_t low)
{
    const int half = b->per_px - 1;
    /* Of four samples the outer ones may lie in the next pixels. */
    int32_t x0 = (left * (1 << half)) - half, x1 = (right * (1 << half)) + 2 * half;
    int32_t y0 = (top * (1 << half)) - half, y1 = (low * (1 << half)) + 2 * half;
    ptrdiff_t at;

    x0 = x0 > b->from ? x0 : b->from;
    x1 = x1 < b->to - 1 ? x1 : b->to - 1;
    y0 = y0 > b->y0 ? y0 : b->y0;
    y1 = y1 < b->y1 - 1 ? y1 : b->y1 - 1;
    if (x0 > x1 || y0 > y1)
        return false;
    at = (ptrdiff_t)(y0 - b->y0) * b->n_columns + x0;
    p->z = b->z + at;
    p->id = b->id + at;
    p->n = x1 - x0 + 1;
    p->n_rows = y1 - y0 + 1;
    p->x = x0;
    p->y = y0;
    return true;
}

/* A triangle's depth: value at sample (0, 0), steps. */
typedef struct limner_raster_depth {
    float z, zx, zy;
} limner_raster_depth;

static inline limner_raster_depth limner_raster_depth_of(const limner_raster_band *b,
                                                         const limner_tri *t)
{
    const float size = b->per_px > 1 ? 0.5f : 1;
    const limner_raster_depth d = {t->z + (t->zx + t->zy) * (size / 2), t->zx * size,
                                   t->zy * size};

    return d;
}

/* A sample with all three edge values >= 0 is inside. */
typedef struct limner_raster_box {
    float *z;                           /* of the first sample */
    int32_t *id;
    int32_t n, n_rows, x, y;            /* x, y of the first sample */
    int32_t edge[3], across[3], down[3];        /* values at the first sample, steps */
    float depth, zx, zy;                /* depth at sample (0, 0), steps */
} limner_raster_box;

/* false: none. */
static inline bool limner_raster_box_make(limner_raster_box *p, const limner_raster_band *b,
                                          const limner_tri *t)
{
    const int half = b->per_px - 1;
    const limner_raster_depth d = limner_raster_depth_of(b, t);
    limner_raster_part part;

    if (!limner_raster_cut(&part, b, t->left, t->right, t->top, t->low))
        return false;
    p->z = part.z;
    p->id = part.id;
    p->n = part.n;
    p->n_rows = part.n_rows;
    p->x = part.x;
    p->y = part.y;
    for (int k = 0; k < 3; k++) {
        const int32_t across = t->across[k] >> half, down = t->down[k] >> half;

        p->across[k] = across;
        p->down[k] = down;
        p->edge[k] = (int32_t)((uint32_t)t->edge[k] + (uint32_t)across * (uint32_t)p->x +
                               (uint32_t)down * (uint32_t)p->y + (uint32_t)((across + down) / 2));
    }
    p->depth = d.z;
    p->zx = d.zx;
    p->zy = d.zy;
    return true;
}

/* The samples that two triangles may cover; false: none. */
static inline bool limner_raster_cut_pair(limner_raster_part *p, const limner_raster_band *b,
                                          const limner_tri t[2])
{
    return limner_raster_cut(p, b, t[0].left < t[1].left ? t[0].left : t[1].left,
                             t[0].right > t[1].right ? t[0].right : t[1].right,
                             t[0].top < t[1].top ? t[0].top : t[1].top,
                             t[0].low > t[1].low ? t[0].low : t[1].low);
}

#endif
