/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of nn_dsp.h, written once over a vector type and built once per instruction set: the
 * including file (src/x86, src/arm) defines the macros below and then includes this. Tiles keep
 * their sums in registers: TILE_ROWS rows by TILE_PANELS panels of LIMNER_NN_PANEL channels.
 *
 * SUFFIX           of the function names
 * VL               floats in a vector; a multiple of it is LIMNER_NN_PANEL
 * vf               the vector type
 * V_LOAD, V_STORE  unaligned; V_LOAD_PART(p, n), V_STORE_PART(p, v, n): the first n floats, n < VL,
 *                  the rest read as 0 and are not written
 * V_SET1, V_ADD, V_MUL, V_FMA(a, b, c) = a * b + c, V_MAX, V_MIN, V_DIV
 * V_SLOPE(v, s)    v > 0 ? v : v * s
 * V_EXP2I(v)       2^v for whole v in -126..127; V_ROUND(v) to the nearest whole number
 */
#include <string.h>

#include "nn/nn_dsp.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define FN(name) JOIN(name, SUFFIX)

/* A single row (a layer over time, nn/sequence.h) takes ROW_PANELS at once: eight sums in flight
 * hide the time a product takes. */
enum {
    PANEL_VECTORS = LIMNER_NN_PANEL / VL,
    ROW_PANELS = 8 / PANEL_VECTORS,
    MAX_PANELS = TILE_PANELS > ROW_PANELS ? TILE_PANELS : ROW_PANELS
};

static inline vf load_n(const float *p, uint32_t n)
{
    return n >= VL ? V_LOAD(p) : V_LOAD_PART(p, n);
}

static inline void store_n(float *p, vf v, uint32_t n)
{
    if (n >= VL)
        V_STORE(p, v);
    else
        V_STORE_PART(p, v, n);
}

/* Channels `at`..at + n of one row: residual, slope, store; n > 0, at most VL are used. */
static inline void finish(float *y, vf v, const limner_nn_post *post, const float *residual,
                          uint32_t at, uint32_t n)
{
    if (residual && at < post->residual_n)
        v = V_ADD(v, load_n(residual + at,
                            n < post->residual_n - at ? n : post->residual_n - at));
    if (post->slope)
        v = V_SLOPE(v, load_n(post->slope + at, n));
    store_n(y + at, v, n);
}

/* One tile: R rows from `row` by P panels from channel `at`. R and P are constants at each call,
 * so that the sums stay in registers. */
static inline __attribute__((always_inline)) void tile(const limner_nn_gemm *g, uint32_t row,
                                                       uint32_t at, const int R, const int P)
{
    const size_t panel_floats = (size_t)g->k * LIMNER_NN_PANEL;
    const float *a = g->a + (ptrdiff_t)row * g->a_stride;
    const float *w = g->w + (size_t)at / LIMNER_NN_PANEL * panel_floats;
    vf sum[TILE_ROWS][MAX_PANELS * PANEL_VECTORS];

    for (int r = 0; r < R; r++)
        for (int v = 0; v < P * PANEL_VECTORS; v++)
            sum[r][v] = V_LOAD(g->bias + at + VL * v);
    for (uint32_t i = 0; i < g->k; i++, a++, w += LIMNER_NN_PANEL) {
        vf b[MAX_PANELS * PANEL_VECTORS];

        for (int p = 0; p < P; p++)
            for (int v = 0; v < PANEL_VECTORS; v++)
                b[p * PANEL_VECTORS + v] = V_LOAD(w + (size_t)p * panel_floats + VL * v);
        for (int r = 0; r < R; r++) {
            const vf x = V_SET1(a[r * g->a_stride]);

            for (int v = 0; v < P * PANEL_VECTORS; v++)
                sum[r][v] = V_FMA(x, b[v], sum[r][v]);
        }
    }
    for (int r = 0; r < R; r++) {
        float *y = g->c + ((size_t)row + (size_t)r) * g->n;
        const float *residual = g->post.residual;

        if (residual)
            residual += ((size_t)row + (size_t)r) * g->post.residual_n;
        for (int v = 0; v < P * PANEL_VECTORS; v++) {
            const uint32_t c = at + (uint32_t)(VL * v);

            if (c < g->n)
                finish(y, sum[r][v], &g->post, residual, c, g->n - c);
        }
    }
}

/* All row tiles of P panels. */
static inline __attribute__((always_inline)) void tile_rows(const limner_nn_gemm *g, uint32_t at,
                                                            const int P)
{
    uint32_t row = 0;

    for (; row + TILE_ROWS <= g->rows; row += TILE_ROWS)
        tile(g, row, at, TILE_ROWS, P);
    if (TILE_ROWS > 4 && row + 4 <= g->rows) {
        tile(g, row, at, 4, P);
        row += 4;
    }
    for (; row + 2 <= g->rows; row += 2)
        tile(g, row, at, 2, P);
    if (row < g->rows)
        tile(g, row, at, 1, P);
}

static void FN(gemm_)(const limner_nn_gemm *g)
{
    const uint32_t width = TILE_PANELS * LIMNER_NN_PANEL;
    const uint32_t row_width = ROW_PANELS * LIMNER_NN_PANEL;
    uint32_t at = 0;

    for (; g->rows == 1 && at + row_width - LIMNER_NN_PANEL < g->n; at += row_width)
        tile(g, 0, at, 1, ROW_PANELS);
    for (; at + width - LIMNER_NN_PANEL < g->n; at += width)
        tile_rows(g, at, TILE_PANELS);
    for (; at < g->n; at += LIMNER_NN_PANEL)
        tile_rows(g, at, 1);
}

/* Pixels p..p + N of channels c..c + n; N is a constant: a weight is loaded once for N pixels. */
static inline __attribute__((always_inline)) void run(const limner_nn_depthwise *d, uint32_t p,
                                                      uint32_t c, uint32_t n, const int N)
{
    const float *x = d->x + (ptrdiff_t)p * d->x_step + c;
    vf sum[DEPTHWISE_PIXELS];

    for (int q = 0; q < N; q++)
        sum[q] = load_n(d->bias + c, n);
    for (uint32_t i = 0; i < d->taps_y; i++) {
        const float *xi = x + (ptrdiff_t)i * d->x_row;
        const float *wi = d->w + (ptrdiff_t)i * d->w_row + c;

        for (uint32_t j = 0; j < d->taps_x; j++, xi += d->channels, wi += d->channels) {
            const vf w = load_n(wi, n);

            for (int q = 0; q < N; q++)
                sum[q] = V_FMA(load_n(xi + q * d->x_step, n), w, sum[q]);
        }
    }
    for (int q = 0; q < N; q++) {
        const size_t pixel = (size_t)p + (size_t)q;
        const float *residual = d->post.residual;

        if (residual)
            residual += pixel * d->post.residual_n;
        finish(d->y + pixel * d->channels, sum[q], &d->post, residual, c, n);
    }
}

/* One vector of channels over all pixels; n <= VL channels are used. */
static inline __attribute__((always_inline)) void run_channels(const limner_nn_depthwise *d,
                                                               uint32_t c, uint32_t n)
{
    uint32_t p = 0;

    for (; p + DEPTHWISE_PIXELS <= d->pixels; p += DEPTHWISE_PIXELS)
        run(d, p, c, n, DEPTHWISE_PIXELS);
    for (; p < d->pixels; p++)
        run(d, p, c, n, 1);
}

static void FN(depthwise_)(const limner_nn_depthwise *d)
{
    uint32_t c = 0;

    for (; c + VL <= d->channels; c += VL)
        run_channels(d, c, VL);
    if (c < d->channels)
        run_channels(d, c, d->channels - c);
}

/* exp(v) for |v| <= 80: 2^round(v / ln 2) times a polynomial of the remainder, which lies within
 * ln 2 / 2 of 0 (Cody and Waite 1980; the Taylor series to the 6th power, error 2e-7 there). */
static inline vf exp_vector(vf v)
{
    const vf whole = V_ROUND(V_MUL(v, V_SET1(1.44269504f)));
    vf r = V_FMA(whole, V_SET1(-0.693359375f), v);
    vf p = V_SET1(1.0f / 720.0f);

    r = V_FMA(whole, V_SET1(2.12194440e-4f), r);
    p = V_FMA(p, r, V_SET1(1.0f / 120.0f));
    p = V_FMA(p, r, V_SET1(1.0f / 24.0f));
    p = V_FMA(p, r, V_SET1(1.0f / 6.0f));
    p = V_FMA(p, r, V_SET1(0.5f));
    p = V_FMA(p, r, V_SET1(1.0f));
    p = V_FMA(p, r, V_SET1(1.0f));
    return V_MUL(p, V_EXP2I(whole));
}

static void FN(logistic_)(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VL) {
        const uint32_t left = n - i < VL ? (uint32_t)(n - i) : VL;
        const vf v = V_MAX(V_MIN(load_n(x + i, left), V_SET1(80.0f)), V_SET1(-80.0f));
        const vf e = exp_vector(V_MUL(v, V_SET1(-1.0f)));

        store_n(y + i, V_DIV(V_SET1(1.0f), V_ADD(V_SET1(1.0f), e)), left);
    }
}

static void FN(hard_swish_)(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VL) {
        const uint32_t left = n - i < VL ? (uint32_t)(n - i) : VL;
        const vf v = load_n(x + i, left);
        const vf ramp = V_MIN(V_MAX(V_ADD(v, V_SET1(3.0f)), V_SET1(0.0f)), V_SET1(6.0f));

        store_n(y + i, V_MUL(V_MUL(v, ramp), V_SET1(1.0f / 6.0f)), left);
    }
}
