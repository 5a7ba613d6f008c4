/* SPDX-License-Identifier: Apache-2.0 */
/* Triangle set-up (raster.h; the inner loop is in pix_dsp.c). Edge functions are 32-bit: with 64 steps per
 * pixel and triangles of at most 300 pixels every product stays below 2^29. */
#include "render/raster.h"

#include <math.h>
#include <string.h>

bool limner_raster_snap(float x, float y, float z, int32_t out[2])
{
    const float far = 30000.0f;

    if (!(fabsf(x) < far && fabsf(y) < far && fabsf(z) < INFINITY))
        return false;
    out[0] = (int32_t)lrintf(x * LIMNER_RASTER_SUB);
    out[1] = (int32_t)lrintf(y * LIMNER_RASTER_SUB);
    return true;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Value >= 0 inside; samples exactly on an edge belong to it if it is a top or a left one. */
static void place_edge(limner_tri *t, int k, const int32_t *a, const int32_t *b)
{
    const int32_t dx = b[0] - a[0], dy = b[1] - a[1];
    const bool is_top_left = dy < 0 || (dy == 0 && dx > 0);

    t->edge[k] = (int32_t)((uint32_t)dy * (uint32_t)a[0] - (uint32_t)dx * (uint32_t)a[1] -
                           !is_top_left);
    t->across[k] = -dy * LIMNER_RASTER_SUB;
    t->down[k] = dx * LIMNER_RASTER_SUB;
}

/* The last pixel whose centre lies at or before v. */
static int32_t centres_to(int32_t v)
{
    enum { HALF = LIMNER_RASTER_SUB / 2, FAR = 1 << 15 };

    return (v - HALF + FAR * LIMNER_RASTER_SUB) / LIMNER_RASTER_SUB - FAR;
}

bool limner_tri_place(limner_tri *t, const int32_t *a, const int32_t *b, const int32_t *c)
{
    const int32_t extent = LIMNER_RASTER_EXTENT * LIMNER_RASTER_SUB;

    const int32_t left = least(a[0], least(b[0], c[0])), right = most(a[0], most(b[0], c[0]));
    const int32_t top = least(a[1], least(b[1], c[1])), low = most(a[1], most(b[1], c[1]));

    if (right - left >= extent || low - top >= extent ||
        (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0)
        return false;
    t->left = (int16_t)(centres_to(left - 1) + 1);
    t->right = (int16_t)centres_to(right);
    t->top = (int16_t)(centres_to(top - 1) + 1);
    t->low = (int16_t)centres_to(low);
    place_edge(t, 0, a, b);
    place_edge(t, 1, b, c);
    place_edge(t, 2, c, a);
    return true;
}

bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3])
{
    const float unit = 1.0f / LIMNER_RASTER_SUB;
    int32_t at[3][2];
    float inv, ax, ay, bx, by, az, bz;

    for (int k = 0; k < 3; k++) {
        if (!limner_raster_snap(x[k], y[k], z[k], at[k]))
            return false;
    }
    if (!limner_tri_place(t, at[0], at[1], at[2]))
        return false;
    ax = (float)(at[1][0] - at[0][0]) * unit;
    ay = (float)(at[1][1] - at[0][1]) * unit;
    bx = (float)(at[2][0] - at[0][0]) * unit;
    by = (float)(at[2][1] - at[0][1]) * unit;
    inv = 1 / (ax * by - ay * bx);
    az = z[1] - z[0];
    bz = z[2] - z[0];
    t->zx = (az * by - bz * ay) * inv;
    t->zy = (bz * ax - az * bx) * inv;
    t->z = z[0] - t->zx * (float)at[0][0] * unit - t->zy * (float)at[0][1] * unit;
    return true;
}

void limner_raster_clear(const limner_raster_band *b)
{
    for (int32_t y = 0; b->from < b->to && y < b->y1 - b->y0; y++) {
        float *z = b->z + (ptrdiff_t)y * b->n_columns;

        for (int32_t x = b->from; x < b->to; x++)
            z[x] = LIMNER_RASTER_FAR;
        memset(b->id + (ptrdiff_t)y * b->n_columns + b->from, 0xff,
               (size_t)(b->to - b->from) * sizeof(*b->id));
    }
}
