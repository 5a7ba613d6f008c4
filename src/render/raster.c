/* SPDX-License-Identifier: Apache-2.0 */
/* Triangle set-up and the inner loop of raster.h. Edge functions are 32-bit: with 64 steps per
 * pixel and triangles of at most 300 pixels every product stays below 2^29. */
#include "render/raster.h"

#include <math.h>
#include <string.h>

/* One edge of a triangle: value at a sample, steps to the next one right and down. */
typedef struct edge {
    int32_t at, right, down;
} edge;

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

bool limner_tri_place(limner_tri *t, const int32_t *a, const int32_t *b, const int32_t *c)
{
    const int32_t extent = LIMNER_RASTER_EXTENT * LIMNER_RASTER_SUB;

    t->left = least(a[0], least(b[0], c[0]));
    t->right = most(a[0], most(b[0], c[0]));
    t->top = least(a[1], least(b[1], c[1]));
    t->low = most(a[1], most(b[1], c[1]));
    if (t->right - t->left >= extent || t->low - t->top >= extent)
        return false;
    t->x[0] = a[0];
    t->x[1] = b[0];
    t->x[2] = c[0];
    t->y[0] = a[1];
    t->y[1] = b[1];
    t->y[2] = c[1];
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0;
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
    ax = (float)(t->x[1] - t->x[0]) * unit;
    ay = (float)(t->y[1] - t->y[0]) * unit;
    bx = (float)(t->x[2] - t->x[0]) * unit;
    by = (float)(t->y[2] - t->y[0]) * unit;
    inv = 1 / (ax * by - ay * bx);
    az = z[1] - z[0];
    bz = z[2] - z[0];
    t->zx = (az * by - bz * ay) * inv;
    t->zy = (bz * ax - az * bx) * inv;
    t->z = z[0] - t->zx * (float)t->x[0] * unit - t->zy * (float)t->y[0] * unit;
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

/* Samples up to v, which lies at most 2^26 steps before the first; `half` is half the step. */
static int32_t samples_to(int32_t v, int32_t half, int shift)
{
    return ((v - half + (1 << 26)) >> shift) - ((1 << 26) >> shift);
}

/* Value >= 0 inside; samples exactly on an edge belong to it if it is a top or a left one. */
static edge make_edge(const limner_tri *t, int from, int to, int32_t px, int32_t py, int32_t step)
{
    const int32_t dx = t->x[to] - t->x[from], dy = t->y[to] - t->y[from];
    const bool is_top_left = dy < 0 || (dy == 0 && dx > 0);
    const edge e = {.at = dx * (py - t->y[from]) - dy * (px - t->x[from]) - !is_top_left,
                    .right = -dy * step, .down = dx * step};

    return e;
}

void limner_raster_draw(const limner_raster_band *b, const limner_tri *t, int32_t id)
{
    const int shift = b->per_px == 2 ? 5 : 6;
    const int32_t step = 1 << shift, half = step / 2;
    const int32_t x0 = most(samples_to(t->left - 1, half, shift) + 1, b->from);
    const int32_t x1 = least(samples_to(t->right, half, shift), b->to - 1);
    const int32_t y0 = most(samples_to(t->top - 1, half, shift) + 1, b->y0);
    const int32_t y1 = least(samples_to(t->low, half, shift), b->y1 - 1);
    const float size = b->per_px == 2 ? 0.5f : 1;
    const ptrdiff_t at = (ptrdiff_t)(y0 - b->y0) * b->n_columns + x0;
    edge e[3];

    if (x0 > x1 || y0 > y1)
        return;
    for (int k = 0; k < 3; k++)
        e[k] = make_edge(t, k, (k + 1) % 3, x0 * step + half, y0 * step + half, step);
    b->dsp->patch(&(limner_patch){
        .z = b->z + at, .id = b->id + at, .stride = b->n_columns, .n = x1 - x0 + 1,
        .n_rows = y1 - y0 + 1, .x = x0, .y = y0, .number = id,
        .edge = {e[0].at, e[1].at, e[2].at}, .right = {e[0].right, e[1].right, e[2].right},
        .down = {e[0].down, e[1].down, e[2].down},
        .depth = t->z + (t->zx + t->zy) * (size / 2), .zx = t->zx * size, .zy = t->zy * size});
}
