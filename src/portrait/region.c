/* SPDX-License-Identifier: Apache-2.0 */
/* Samples a turned square of a picture. Each output point is the mean of a grid of bilinear
 * samples, as many per side as the point is pixels wide (at most MAX_TAPS: beyond that the grid
 * gets coarser than the pixels, which a net of 128 points does not notice). Level squares are
 * done by rows first, then columns, with the same result up to rounding. */
#include "portrait/region.h"

#include <math.h>
#include <string.h>

#define LEVEL_MAX_PX 1e5f               /* a level square's coordinates: floats of whole pixels */

/* Half of a reduced view over the region's side: its diagonal, and moved or scaled a little. */
#define REDUCED_MARGIN 0.76f

enum {
    MAX_TAPS = 16,
    SPAN_PX = 1024              /* of one block of a level square: 12 KiB of stack */
};

typedef struct sampler {
    const limner_image *img;
    bool is_padded;
    float dx_u, dy_u;           /* picture pixels per sample along an output row */
    float dx_v, dy_v;           /* along an output column */
    float x0, y0;               /* first sample, from the centre of pixel (0, 0) */
    uint32_t taps;
} sampler;

static sampler open_sampler(const limner_image *img, const limner_region *region, uint32_t n,
                            bool is_padded)
{
    const float radians = region->angle * (3.14159265f / 180.0f);
    const float scale = region->side / (float)n;
    const uint32_t taps = !(scale > 1.0f) ? 1           /* also for a region of NaN */
                          : scale >= MAX_TAPS ? MAX_TAPS : (uint32_t)ceilf(scale);
    const float step = scale / (float)taps;
    const float c = cosf(radians), s = sinf(radians);
    const float first = (step - region->side) / 2;      /* of the first sample, from the centre */

    return (sampler){
        .img = img, .is_padded = is_padded, .dx_u = c * step, .dy_u = s * step,
        .dx_v = -s * step, .dy_v = c * step, .taps = taps,
        .x0 = region->cx + first * c - first * s - 0.5f,
        .y0 = region->cy + first * s + first * c - 0.5f
    };
}

/* Adds the bilinear sample at (x, y), all four neighbours inside. */
static inline void add_inside(const limner_image *img, float x, float y, float sum[3])
{
    const uint32_t xi = (uint32_t)x, yi = (uint32_t)y;
    const float fx = x - (float)xi, fy = y - (float)yi;
    const uint8_t *top = limner_image_row(img, yi) + 3 * (size_t)xi;
    const uint8_t *low = top + img->stride;
    const float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy;
    const float w11 = fx * fy;

    for (int d = 0; d < 3; d++)
        sum[d] += w00 * top[d] + w01 * top[3 + d] + w10 * low[d] + w11 * low[3 + d];
}

/* The same where neighbours may lie outside. */
static void add_border(const sampler *s, float x, float y, float sum[3])
{
    const limner_image *img = s->img;
    const float xf = floorf(x), yf = floorf(y);
    const float fx = x - xf, fy = y - yf;

    if (!(xf > -1e6f && xf < 1e6f && yf > -1e6f && yf < 1e6f))
        return;
    for (int e = 0; e < 4; e++) {
        int64_t xi = (int64_t)xf + (e & 1), yi = (int64_t)yf + (e >> 1);
        const float w = (e & 1 ? fx : 1 - fx) * (e >> 1 ? fy : 1 - fy);
        const uint8_t *px;

        if (xi < 0 || yi < 0 || xi >= img->w || yi >= img->h) {
            if (s->is_padded)
                continue;
            xi = xi < 0 ? 0 : xi >= img->w ? img->w - 1 : xi;
            yi = yi < 0 ? 0 : yi >= img->h ? img->h - 1 : yi;
        }
        px = limner_image_row(img, (uint32_t)yi) + 3 * xi;
        for (int d = 0; d < 3; d++)
            sum[d] += w * px[d];
    }
}

/* One output point whose first sample is (x, y). */
static void sample_point(const sampler *s, float x, float y, float sum[3])
{
    const float x_end = (float)s->img->w - 1, y_end = (float)s->img->h - 1;

    for (uint32_t i = 0; i < s->taps; i++, x += s->dx_v, y += s->dy_v) {
        float at_x = x, at_y = y;

        for (uint32_t j = 0; j < s->taps; j++, at_x += s->dx_u, at_y += s->dy_u) {
            if (at_x >= 0 && at_y >= 0 && at_x < x_end && at_y < y_end)
                add_inside(s->img, at_x, at_y, sum);
            else
                add_border(s, at_x, at_y, sum);
        }
    }
}

static void sample_turned(float *out, uint32_t n, const sampler *s, float lo, float gain)
{
    for (uint32_t i = 0; i < n; i++) {
        const float v = (float)(i * s->taps);

        for (uint32_t j = 0; j < n; j++, out += 3) {
            const float u = (float)(j * s->taps);
            float sum[3] = { 0 };

            sample_point(s, s->x0 + u * s->dx_u + v * s->dx_v, s->y0 + u * s->dy_u + v * s->dy_v,
                         sum);
            for (int d = 0; d < 3; d++)
                out[d] = lo + gain * sum[d];
        }
    }
}

/* ---- level squares ------------------------------------------------------------------------- */

static int64_t clamp(int64_t v, int64_t end)
{
    return v < 0 ? 0 : v >= end ? end - 1 : v;
}

/* span[i] += weight * the row's pixel x + i, i0 <= i < i1; outside: the pixel at the border. */
static void add_clamped(const sampler *s, float *span, const uint8_t *row, int64_t x, int64_t i0,
                        int64_t i1, float weight)
{
    for (int64_t i = i0; i < i1; i++)
        for (int d = 0; d < 3; d++)
            span[3 * i + d] += weight * row[3 * clamp(x + i, s->img->w) + d];
}

/* span [n][3] += weight * row y of the picture from column x on. */
static void add_row(const sampler *s, float *span, int64_t x, int64_t n, int64_t y, float weight)
{
    const int64_t w = s->img->w, h = s->img->h;
    const int64_t first = x >= 0 ? 0 : -x < n ? -x : n;         /* inside: first <= i < end */
    const int64_t end = x + n <= w ? n : w - x > first ? w - x : first;
    const uint8_t *row = limner_image_row(s->img, (uint32_t)clamp(y, h));

    if (s->is_padded && (y < 0 || y >= h))
        return;
    for (int64_t i = 3 * first; i < 3 * end; i++)
        span[i] += weight * row[3 * x + i];
    if (!s->is_padded) {
        add_clamped(s, span, row, x, 0, first, weight);
        add_clamped(s, span, row, x, end, n, weight);
    }
}

/* Outputs j0..j1 of row i: their samples' rows are summed over `n` columns from x on, then each
 * output's columns. */
static void sample_block(float *out, const sampler *s, uint32_t i, uint32_t j0, uint32_t j1,
                         int64_t x, int64_t n, float lo, float gain)
{
    float span[SPAN_PX * 3];

    memset(span, 0, 3 * (size_t)n * sizeof(*span));
    for (uint32_t t = 0; t < s->taps; t++) {
        const float at = s->y0 + (float)(i * s->taps + t) * s->dy_v, below = floorf(at);

        add_row(s, span, x, n, (int64_t)below, 1 - (at - below));
        add_row(s, span, x, n, (int64_t)below + 1, at - below);
    }
    for (uint32_t j = j0; j < j1; j++) {
        float sum[3] = { 0 };

        for (uint32_t t = 0; t < s->taps; t++) {
            const float at = s->x0 + (float)(j * s->taps + t) * s->dx_u, left = floorf(at);
            const float *p = span + 3 * ((int64_t)left - x);

            for (int d = 0; d < 3; d++)
                sum[d] += (1 - (at - left)) * p[d] + (at - left) * p[3 + d];
        }
        for (int d = 0; d < 3; d++)
            out[3 * j + (uint32_t)d] = lo + gain * sum[d];
    }
}

/* Columns of samples j0 * taps .. j1 * taps - 1, with their right neighbours. */
static int64_t span_of(const sampler *s, uint32_t j0, uint32_t j1, int64_t *x)
{
    *x = (int64_t)floorf(s->x0 + (float)(j0 * s->taps) * s->dx_u);
    return (int64_t)floorf(s->x0 + (float)(j1 * s->taps - 1) * s->dx_u) + 2 - *x;
}

static void sample_level(float *out, uint32_t n, const sampler *s, float lo, float gain)
{
    int64_t x, n_columns;

    for (uint32_t j0 = 0, j1; j0 < n; j0 = j1) {
        for (j1 = j0 + 1; j1 < n && span_of(s, j0, j1 + 1, &x) <= SPAN_PX; j1++)
            ;
        n_columns = span_of(s, j0, j1, &x);
        for (uint32_t i = 0; i < n; i++)
            sample_block(out + 3 * (size_t)n * i, s, i, j0, j1, x, n_columns, lo, gain);
    }
}

void limner_region_sample(float *out, uint32_t n, const limner_image *img,
                          const limner_region *region, float lo, float hi, bool is_padded)
{
    const sampler s = open_sampler(img, region, n, is_padded);
    const float gain = (hi - lo) / (255.0f * (float)(s.taps * s.taps));
    const bool is_small = fabsf(region->cx) + fabsf(region->cy) + region->side < LEVEL_MAX_PX;

    if (region->angle == 0 && is_small && s.dx_u * (float)s.taps < SPAN_PX / 2)
        sample_level(out, n, &s, lo, gain);
    else
        sample_turned(out, n, &s, lo, gain);
}

/* ---- reduction ----------------------------------------------------------------------------- */

/* The mean of factor x factor pixels from (x, y) on, those outside as at the border. */
static void mean_pixel(const limner_image *img, int64_t x, int64_t y, uint32_t factor,
                       uint8_t out[3])
{
    const bool is_inside = x >= 0 && x + factor <= img->w;
    uint32_t sum[3] = { 0 };

    for (uint32_t i = 0; i < factor; i++) {
        const uint8_t *row = limner_image_row(img, (uint32_t)clamp(y + i, img->h));

        for (uint32_t j = 0; j < factor; j++) {
            const uint8_t *p = row + 3 * (is_inside ? x + j : clamp(x + j, img->w));

            sum[0] += p[0];
            sum[1] += p[1];
            sum[2] += p[2];
        }
    }
    for (int d = 0; d < 3; d++)
        out[d] = (uint8_t)((sum[d] + factor * factor / 2) / (factor * factor));
}

uint32_t limner_region_reduce(limner_image *view, limner_region *reduced, int64_t *x0,
                              int64_t *y0, uint8_t *store, const limner_image *img,
                              const limner_region *region, uint32_t n)
{
    const float half = region->side * REDUCED_MARGIN;
    const float scale = region->side / (float)n;
    const bool is_sane = scale >= 2.0f && scale < 256.0f && fabsf(region->cx) < LEVEL_MAX_PX &&
                         fabsf(region->cy) < LEVEL_MAX_PX;
    const uint32_t factor = is_sane ? (uint32_t)scale : 1;
    uint32_t side;

    *view = *img;
    *reduced = *region;
    *x0 = *y0 = 0;
    if (factor == 1)
        return 1;
    *x0 = (int64_t)floorf((region->cx - half) / (float)factor) * factor;
    *y0 = (int64_t)floorf((region->cy - half) / (float)factor) * factor;
    side = (uint32_t)(2 * half / (float)factor) + 2;
    if (side > LIMNER_REDUCED_PX)
        return 1;
    *view = (limner_image){ .px = store, .stride = 3 * (ptrdiff_t)side, .w = side, .h = side,
                            .n_channels = 3 };
    for (uint32_t i = 0; i < side; i++)
        for (uint32_t j = 0; j < side; j++)
            mean_pixel(img, *x0 + (int64_t)j * factor, *y0 + (int64_t)i * factor, factor,
                       limner_image_row(view, i) + 3 * (size_t)j);
    reduced->cx = (region->cx - (float)*x0) / (float)factor;
    reduced->cy = (region->cy - (float)*y0) / (float)factor;
    reduced->side = region->side / (float)factor;
    return factor;
}
