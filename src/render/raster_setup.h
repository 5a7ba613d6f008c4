/* SPDX-License-Identifier: Apache-2.0 */
/* Snapping and edges of triangles (raster.h), inline for those who set up thousands. Edge functions
 * are 32-bit: with 64 steps per pixel and triangles of at most 300 pixels every product stays below
 * 2^29. */
#ifndef LIMNER_RENDER_RASTER_SETUP_H
#define LIMNER_RENDER_RASTER_SETUP_H

#include <math.h>

#include "render/raster.h"

#define LIMNER_SLIVER_PX 0.02f  /* flatter than this, attributes are constant: gradients explode */

/* Snapped to 1/LIMNER_RASTER_SUB px; false: not finite or far away. */
static inline bool limner_raster_snap(float x, float y, float z, int32_t out[2])
{
    const float far = 30000.0f;

    if (!(fabsf(x) < far && fabsf(y) < far && fabsf(z) < INFINITY))
        return false;
    out[0] = (int32_t)lrintf(x * LIMNER_RASTER_SUB);
    out[1] = (int32_t)lrintf(y * LIMNER_RASTER_SUB);
    return true;
}

static inline int32_t limner_least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t limner_most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Value >= 0 inside; samples exactly on an edge belong to it if it is a top or a left one. */
static inline void limner_place_edge(limner_tri *t, int k, const int32_t *a, const int32_t *b)
{
    const int32_t dx = b[0] - a[0], dy = b[1] - a[1];
    const bool is_top_left = dy < 0 || (dy == 0 && dx > 0);

    t->edge[k] = (int32_t)((uint32_t)dy * (uint32_t)a[0] - (uint32_t)dx * (uint32_t)a[1] -
                           !is_top_left);
    t->across[k] = -dy * LIMNER_RASTER_SUB;
    t->down[k] = dx * LIMNER_RASTER_SUB;
}

/* The last pixel whose centre lies at or before v. */
static inline int32_t limner_centres_to(int32_t v)
{
    enum { HALF = LIMNER_RASTER_SUB / 2, FAR = 1 << 15 };

    return (int32_t)((uint32_t)(v - HALF + FAR * LIMNER_RASTER_SUB) / LIMNER_RASTER_SUB) - FAR;
}

/* From snapped corners; false: turned away, empty or too large. Depth is left to the caller. */
static inline bool limner_tri_place(limner_tri *t, const int32_t *a, const int32_t *b,
                                    const int32_t *c)
{
    const int32_t extent = LIMNER_RASTER_EXTENT * LIMNER_RASTER_SUB;
    const int32_t left = limner_least(a[0], limner_least(b[0], c[0]));
    const int32_t right = limner_most(a[0], limner_most(b[0], c[0]));
    const int32_t top = limner_least(a[1], limner_least(b[1], c[1]));
    const int32_t low = limner_most(a[1], limner_most(b[1], c[1]));

    if (right - left >= extent || low - top >= extent ||
        (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0)
        return false;
    t->left = (int16_t)(limner_centres_to(left - 1) + 1);
    t->right = (int16_t)limner_centres_to(right);
    t->top = (int16_t)(limner_centres_to(top - 1) + 1);
    t->low = (int16_t)limner_centres_to(low);
    limner_place_edge(t, 0, a, b);
    limner_place_edge(t, 1, b, c);
    limner_place_edge(t, 2, c, a);
    return true;
}

#endif
