/* SPDX-License-Identifier: Apache-2.0 */
/* Triangle set-up and the inner loop of raster.h. Edge functions are 32-bit: with 32 steps per
 * sample and triangles of at most 600 samples every product stays below 2^30. */
#include "render/raster.h"

#include <math.h>
#include <string.h>

/* One edge of a triangle: value at a sample, steps to the next one right and down. */
typedef struct edge {
    int32_t at, right, down;
} edge;

static int32_t snap(float v)
{
    return (int32_t)lrintf(v * LIMNER_RASTER_SUB);
}

static float spread(const float v[3])
{
    const float lo = fminf(v[0], fminf(v[1], v[2])), hi = fmaxf(v[0], fmaxf(v[1], v[2]));

    return hi - lo;
}

static bool is_drawable(const float x[3], const float y[3], const float z[3])
{
    const float far = 30000.0f;

    for (int k = 0; k < 3; k++) {
        if (!(fabsf(x[k]) < far && fabsf(y[k]) < far && isfinite(z[k])))
            return false;
    }
    return spread(x) < LIMNER_RASTER_EXTENT && spread(y) < LIMNER_RASTER_EXTENT;
}

bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3])
{
    int64_t area;
    float inv, ax, ay, bx, by, az, bz;

    if (!is_drawable(x, y, z))
        return false;
    for (int k = 0; k < 3; k++) {
        t->x[k] = snap(x[k]);
        t->y[k] = snap(y[k]);
    }
    area = (int64_t)(t->x[1] - t->x[0]) * (t->y[2] - t->y[0]) -
           (int64_t)(t->y[1] - t->y[0]) * (t->x[2] - t->x[0]);
    if (area <= 0)
        return false;
    inv = (float)(LIMNER_RASTER_SUB * LIMNER_RASTER_SUB) / (float)area;
    ax = (float)(t->x[1] - t->x[0]) / LIMNER_RASTER_SUB;
    ay = (float)(t->y[1] - t->y[0]) / LIMNER_RASTER_SUB;
    bx = (float)(t->x[2] - t->x[0]) / LIMNER_RASTER_SUB;
    by = (float)(t->y[2] - t->y[0]) / LIMNER_RASTER_SUB;
    az = z[1] - z[0];
    bz = z[2] - z[0];
    t->zx = (az * by - bz * ay) * inv;
    t->zy = (bz * ax - az * bx) * inv;
    t->z = z[0] + t->zx * (0.5f - (float)t->x[0] / LIMNER_RASTER_SUB) +
           t->zy * (0.5f - (float)t->y[0] / LIMNER_RASTER_SUB);
    return true;
}

static int32_t min3(const int32_t v[3])
{
    const int32_t a = v[0] < v[1] ? v[0] : v[1];

    return a < v[2] ? a : v[2];
}

static int32_t max3(const int32_t v[3])
{
    const int32_t a = v[0] > v[1] ? v[0] : v[1];

    return a > v[2] ? a : v[2];
}

/* First sample whose centre is at or beyond v; the last at or before. Negative values floor. */
static int32_t first_sample(int32_t v)
{
    return (v + LIMNER_RASTER_SUB / 2 - 1 + (1 << 25)) / LIMNER_RASTER_SUB -
           (1 << 25) / LIMNER_RASTER_SUB;
}

static int32_t last_sample(int32_t v)
{
    return (v - LIMNER_RASTER_SUB / 2 + (1 << 25)) / LIMNER_RASTER_SUB -
           (1 << 25) / LIMNER_RASTER_SUB;
}

void limner_tri_rows(const limner_tri *t, int32_t *first, int32_t *last)
{
    *first = first_sample(min3(t->y));
    *last = last_sample(max3(t->y));
}

void limner_raster_clear_part(const limner_raster_band *b, int32_t from, int32_t to)
{
    for (int32_t y = 0; from < to && y < b->y1 - b->y0; y++) {
        float *z = b->z + (ptrdiff_t)y * b->n_columns;

        for (int32_t x = from; x < to; x++)
            z[x] = LIMNER_RASTER_FAR;
        memset(b->id + (ptrdiff_t)y * b->n_columns + from, 0xff,
               (size_t)(to - from) * sizeof(*b->id));
    }
}

void limner_raster_clear(const limner_raster_band *b)
{
    limner_raster_clear_part(b, 0, b->n_columns);
}

/* Value >= 0 inside; samples exactly on an edge belong to it if it is a top or a left one. */
static edge make_edge(const limner_tri *t, int from, int to, int32_t px, int32_t py)
{
    const int32_t dx = t->x[to] - t->x[from], dy = t->y[to] - t->y[from];
    const bool is_top_left = dy < 0 || (dy == 0 && dx > 0);
    const edge e = {.at = dx * (py - t->y[from]) - dy * (px - t->x[from]) - !is_top_left,
                    .right = -dy * LIMNER_RASTER_SUB, .down = dx * LIMNER_RASTER_SUB};

    return e;
}

void limner_raster_draw(const limner_raster_band *b, const limner_tri *t, int32_t id)
{
    int32_t x0 = first_sample(min3(t->x)), x1 = last_sample(max3(t->x)), y0, y1;
    edge e[3];

    limner_tri_rows(t, &y0, &y1);
    x0 = x0 > 0 ? x0 : 0;
    x1 = x1 < b->n_columns - 1 ? x1 : b->n_columns - 1;
    y0 = y0 > b->y0 ? y0 : b->y0;
    y1 = y1 < b->y1 - 1 ? y1 : b->y1 - 1;
    if (x0 > x1 || y0 > y1)
        return;
    for (int k = 0; k < 3; k++)
        e[k] = make_edge(t, k, (k + 1) % 3, x0 * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2,
                         y0 * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2);
    b->dsp->patch(&(limner_patch){
        .z = b->z + (ptrdiff_t)(y0 - b->y0) * b->n_columns + x0,
        .id = b->id + (ptrdiff_t)(y0 - b->y0) * b->n_columns + x0, .stride = b->n_columns,
        .n = x1 - x0 + 1, .n_rows = y1 - y0 + 1, .x = x0, .y = y0, .number = id,
        .edge = {e[0].at, e[1].at, e[2].at}, .right = {e[0].right, e[1].right, e[2].right},
        .down = {e[0].down, e[1].down, e[2].down}, .depth = t->z, .zx = t->zx, .zy = t->zy});
}
