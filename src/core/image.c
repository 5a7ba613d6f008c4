/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and their affine resampling (see image.h). Upright maps (no rotation) are separable:
 * Catmull-Rom (Catmull and Rom 1974), widened by the scale when minifying, vertical pass first over
 * blocks of columns small enough for the stack, so nothing is allocated. Other maps sample per
 * pixel: Catmull-Rom, or a grid of bilinear samples over the footprint when minifying. Weights
 * act on sRGB values as they are: the nets, the matte and all error figures live there, and a
 * widened cubic in linear light rings visibly around dark hair. */
#include "core/image.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

enum {
    MAX_SIDE_PX = 1 << 15,
    BLOCK_FLOATS = 1536,        /* stack of one block: this for pixels, this for weights */
    MAX_GRID = 16               /* samples per axis over a footprint */
};

limner_status limner_image_open(limner_image *out, uint32_t w, uint32_t h, uint32_t n_channels)
{
    memset(out, 0, sizeof(*out));
    if (!w || !h || w > MAX_SIDE_PX || h > MAX_SIDE_PX)
        return LIMNER_E_ARG;
    if (n_channels != 1 && n_channels != 3 && n_channels != 4)
        return LIMNER_E_ARG;
    out->px = limner_calloc(h, (size_t)w * n_channels);
    if (!out->px)
        return LIMNER_E_NOMEM;
    out->stride = (ptrdiff_t)w * n_channels;
    out->w = w;
    out->h = h;
    out->n_channels = n_channels;
    return LIMNER_OK;
}

limner_status limner_image_copy(limner_image *out, const limner_image *from)
{
    limner_status st = limner_image_open(out, from->w, from->h, from->n_channels);

    if (st < 0)
        return st;
    for (uint32_t y = 0; y < from->h; y++)
        memcpy(limner_image_row(out, y), limner_image_row(from, y),
               (size_t)from->w * from->n_channels);
    return LIMNER_OK;
}

void limner_image_close(limner_image *img)
{
    if (!img)
        return;
    limner_mem_free(img->px);
    memset(img, 0, sizeof(*img));
}

static int clamp_int(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static uint8_t to_byte(float v)
{
    return v <= 0.0f ? 0 : v >= 255.0f ? 255 : (uint8_t)(v + 0.5f);
}

/* Catmull-Rom kernel, support -2..2. */
static float cubic(float t)
{
    t = fabsf(t);
    if (t >= 2.0f)
        return 0.0f;
    if (t < 1.0f)
        return (1.5f * t - 2.5f) * t * t + 1.0f;
    return ((-0.5f * t + 2.5f) * t - 4.0f) * t + 2.0f;
}

/* The taps of one output position along one axis. */
typedef struct taps {
    int first;                  /* source index of the first weight; may lie outside */
    int n;
} taps;

static int taps_max(float scale)
{
    return (int)ceilf(4.0f * fmaxf(1.0f, fabsf(scale))) + 1;
}

/* Weights (sum 1) around the source coordinate `centre`; weight[taps_max(scale)]. */
static taps taps_at(float centre, float scale, float *weight)
{
    const float width = fmaxf(1.0f, fabsf(scale));
    const float at = centre - 0.5f;
    taps t = { (int)floorf(at - 2.0f * width) + 1, 0 };
    const int last = (int)ceilf(at + 2.0f * width) - 1;
    float sum = 0.0f;

    t.n = clamp_int(last - t.first + 1, 1, taps_max(scale));
    for (int i = 0; i < t.n; i++) {
        weight[i] = cubic(((float)(t.first + i) - at) / width);
        sum += weight[i];
    }
    for (int i = 0; i < t.n; i++)
        weight[i] /= sum;
    return t;
}

static int is_translation(const float a[6])
{
    const float e = 1e-6f;

    return fabsf(a[0] - 1.0f) < e && fabsf(a[1]) < e && fabsf(a[3]) < e &&
           fabsf(a[4] - 1.0f) < e && fabsf(a[2] - rintf(a[2])) < 1e-4f &&
           fabsf(a[5] - rintf(a[5])) < 1e-4f;
}

static void warp_copy(limner_image *out, const limner_image *img, int dx, int dy)
{
    const size_t nc = img->n_channels;

    for (uint32_t y = 0; y < out->h; y++) {
        const uint8_t *src = limner_image_row(img, (uint32_t)clamp_int((int)y + dy, 0,
                                                                       (int)img->h - 1));
        uint8_t *dst = limner_image_row(out, y);
        for (uint32_t x = 0; x < out->w; x++) {
            const int sx = clamp_int((int)x + dx, 0, (int)img->w - 1);
            memcpy(dst + x * nc, src + (size_t)sx * nc, nc);
        }
    }
}

/* sum [n_px][nc] += weight * row of img from column `first` on, clamped to the border. */
static void add_row(float *sum, const limner_image *img, int row, int first, int n_px, float weight)
{
    const int nc = (int)img->n_channels, w = (int)img->w;
    const uint8_t *src = limner_image_row(img, (uint32_t)clamp_int(row, 0, (int)img->h - 1));
    const int lo = clamp_int(-first, 0, n_px), hi = clamp_int(w - first, lo, n_px);
    const uint8_t *inside = src + (ptrdiff_t)(first + lo) * nc;

    for (int i = 0; i < lo; i++)
        for (int c = 0; c < nc; c++)
            sum[i * nc + c] += weight * (float)src[c];
    for (int i = 0; i < (hi - lo) * nc; i++)
        sum[lo * nc + i] += weight * (float)inside[i];
    for (int i = hi; i < n_px; i++)
        for (int c = 0; c < nc; c++)
            sum[i * nc + c] += weight * (float)src[(w - 1) * nc + c];
}

/* A block of output columns: their taps and the span of source columns these reach. */
typedef struct block {
    float weight[BLOCK_FLOATS]; /* [n][stride] */
    int tap_first[BLOCK_FLOATS / 5], tap_n[BLOCK_FLOATS / 5];
    int x0, n, stride;
    int span_first, span_n;
} block;

static void block_init(block *b, int x0, int n, const float a[6])
{
    int last = 0;

    b->x0 = x0;
    b->n = n;
    b->stride = taps_max(a[0]);
    b->span_first = 0;
    for (int i = 0; i < n; i++) {
        const float centre = a[0] * ((float)(x0 + i) + 0.5f) + a[2];
        const taps t = taps_at(centre, a[0], b->weight + i * b->stride);
        b->tap_first[i] = t.first;
        b->tap_n[i] = t.n;
        if (!i || t.first < b->span_first)
            b->span_first = t.first;
        if (!i || t.first + t.n > last)
            last = t.first + t.n;
    }
    b->span_n = last - b->span_first;
}

static inline void block_row_of(const block *b, const float *sum, uint8_t *dst, int nc)
{
    for (int i = 0; i < b->n; i++) {
        const float *w = b->weight + i * b->stride;
        const float *s = sum + (b->tap_first[i] - b->span_first) * nc;
        float acc[4] = { 0 };
        for (int k = 0; k < b->tap_n[i]; k++)
            for (int c = 0; c < nc; c++)
                acc[c] += w[k] * s[k * nc + c];
        for (int c = 0; c < nc; c++)
            dst[(b->x0 + i) * nc + c] = to_byte(acc[c]);
    }
}

/* Constant channel counts let the compiler unroll. */
static void block_row(const block *b, const float *sum, uint8_t *dst, int nc)
{
    if (nc == 1)
        block_row_of(b, sum, dst, 1);
    else if (nc == 3)
        block_row_of(b, sum, dst, 3);
    else
        block_row_of(b, sum, dst, 4);
}

/* Rows of one block: vertical weights, then the block's horizontal ones. */
static void block_warp(const block *b, limner_image *out, const limner_image *img, const float a[6])
{
    float sum[BLOCK_FLOATS];
    float weight[BLOCK_FLOATS / 4];
    const int nc = (int)img->n_channels;

    for (uint32_t y = 0; y < out->h; y++) {
        const taps t = taps_at(a[4] * ((float)y + 0.5f) + a[5], a[4], weight);
        memset(sum, 0, (size_t)(b->span_n * nc) * sizeof(*sum));
        for (int k = 0; k < t.n; k++)
            add_row(sum, img, t.first + k, b->span_first, b->span_n, weight[k]);
        block_row(b, sum, limner_image_row(out, y), nc);
    }
}

/* How many output columns fit into a block; 0 if the map minifies too much for the stack. */
static int block_columns(const float a[6], int nc)
{
    const int n_taps = taps_max(a[0]);
    const int by_weight = BLOCK_FLOATS / n_taps;
    const float span_px = (float)(BLOCK_FLOATS / nc - n_taps - 2);
    const int by_span = (int)(span_px / fmaxf(fabsf(a[0]), 1.0f));

    if (taps_max(a[4]) > BLOCK_FLOATS / 4 || by_span < 1)
        return 0;
    return clamp_int(by_span, 0, clamp_int(by_weight, 0, BLOCK_FLOATS / 5));
}

static void sample_cubic(const limner_image *img, float x, float y, float *acc)
{
    const int nc = (int)img->n_channels;
    float wx[5], wy[5];
    const taps tx = taps_at(x, 1.0f, wx), ty = taps_at(y, 1.0f, wy);

    memset(acc, 0, 4 * sizeof(*acc));
    for (int j = 0; j < ty.n; j++) {
        const int row = clamp_int(ty.first + j, 0, (int)img->h - 1);
        const uint8_t *src = limner_image_row(img, (uint32_t)row);
        for (int i = 0; i < tx.n; i++) {
            const uint8_t *p = src + clamp_int(tx.first + i, 0, (int)img->w - 1) * nc;
            for (int c = 0; c < nc; c++)
                acc[c] += wy[j] * wx[i] * (float)p[c];
        }
    }
}

static void sample_linear(const limner_image *img, float x, float y, float weight, float *acc)
{
    const int nc = (int)img->n_channels, w = (int)img->w, h = (int)img->h;
    const float fx = floorf(x - 0.5f), fy = floorf(y - 0.5f);
    const float u = x - 0.5f - fx, v = y - 0.5f - fy;
    const int x0 = clamp_int((int)fx, 0, w - 1), x1 = clamp_int((int)fx + 1, 0, w - 1);
    const uint8_t *p = limner_image_row(img, (uint32_t)clamp_int((int)fy, 0, h - 1));
    const uint8_t *q = limner_image_row(img, (uint32_t)clamp_int((int)fy + 1, 0, h - 1));

    for (int c = 0; c < nc; c++) {
        const float top = (float)p[x0 * nc + c] * (1.0f - u) + (float)p[x1 * nc + c] * u;
        const float bottom = (float)q[x0 * nc + c] * (1.0f - u) + (float)q[x1 * nc + c] * u;
        acc[c] += weight * (top * (1.0f - v) + bottom * v);
    }
}

/* Any map: n_x x n_y bilinear samples over the footprint, or one bicubic sample for 1 x 1. */
static void warp_any(limner_image *out, const limner_image *img, const float a[6])
{
    const int nc = (int)img->n_channels;
    const int nx = clamp_int((int)ceilf(hypotf(a[0], a[3]) - 0.05f), 1, MAX_GRID);
    const int ny = clamp_int((int)ceilf(hypotf(a[1], a[4]) - 0.05f), 1, MAX_GRID);
    float acc[4];

    for (uint32_t y = 0; y < out->h; y++) {
        uint8_t *dst = limner_image_row(out, y);
        for (uint32_t x = 0; x < out->w; x++) {
            memset(acc, 0, sizeof(acc));
            for (int k = 0; k < nx * ny; k++) {
                const float ox = (float)x + ((float)(k % nx) + 0.5f) / (float)nx;
                const float oy = (float)y + ((float)(k / nx) + 0.5f) / (float)ny;
                /* Bounded first, so that the conversion to int is defined for any map. */
                const float sx = fminf(fmaxf(a[0] * ox + a[1] * oy + a[2], -8.0f),
                                       (float)img->w + 8.0f);
                const float sy = fminf(fmaxf(a[3] * ox + a[4] * oy + a[5], -8.0f),
                                       (float)img->h + 8.0f);
                if (nx * ny == 1)
                    sample_cubic(img, sx, sy, acc);
                else
                    sample_linear(img, sx, sy, 1.0f / (float)(nx * ny), acc);
            }
            for (int c = 0; c < nc; c++)
                dst[x * (uint32_t)nc + (uint32_t)c] = to_byte(acc[c]);
        }
    }
}

void limner_image_warp(limner_image *out, const limner_image *img, const float a[6])
{
    const int w = (int)out->w;
    int n = 0;
    block b;

    /* Far outside, float coordinates are no longer exact and int ones overflow. */
    if (fabsf(a[2]) < 1e6f && fabsf(a[5]) < 1e6f && is_translation(a)) {
        warp_copy(out, img, (int)rintf(a[2]), (int)rintf(a[5]));
        return;
    }
    if (a[1] == 0.0f && a[3] == 0.0f && fabsf(a[0]) < 1e3f && fabsf(a[4]) < 1e3f &&
        fabsf(a[2]) < 1e6f && fabsf(a[5]) < 1e6f)
        n = block_columns(a, (int)img->n_channels);
    if (!n) {
        warp_any(out, img, a);
        return;
    }
    for (int x = 0; x < w; x += n) {
        block_init(&b, x, w - x < n ? w - x : n, a);
        block_warp(&b, out, img, a);
    }
}
