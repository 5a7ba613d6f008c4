/* SPDX-License-Identifier: Apache-2.0 */
/* Inner loops of the nets: one table of function pointers per instruction set, filled with plain C
 * and overridden by what the processor has. All tensors are float32, channels last. Variants
 * differ from C by rounding only: they sum the same products, fused or not (see tests/simd). */
#ifndef LIMNER_NN_NN_DSP_H
#define LIMNER_NN_NN_DSP_H

#include <stddef.h>
#include <stdint.h>

/* Packed weights hold panels of this many output channels: [n_panels][k][LIMNER_NN_PANEL]. */
#define LIMNER_NN_PANEL 16

/* What follows a sum, in this order: a residual is added, then negative values are scaled. */
typedef struct limner_nn_post {
    const float *residual;      /* NULL: none; [rows][residual_n], rows residual_n floats apart */
    uint32_t residual_n;        /* channels of the residual; those beyond it count as 0 */
    const float *slope;         /* [n] of negative values (ReLU: zeros, PReLU); NULL: linear */
} limner_nn_post;

/* c[r][j] = post(bias[j] + sum_i a[r][i] * w(i, j)), r < rows, j < n, i < k. */
typedef struct limner_nn_gemm {
    const float *a;             /* [rows][k], rows a_stride floats apart */
    ptrdiff_t a_stride;
    const float *w;             /* packed: [n_panels][k][LIMNER_NN_PANEL], zeros beyond n */
    const float *bias;          /* [n_panels * LIMNER_NN_PANEL] */
    float *c;                   /* [rows][n], packed */
    uint32_t rows, n, k;        /* >= 1 */
    limner_nn_post post;
} limner_nn_gemm;

/* A run of pixels of one row: y[p][c] = post(bias[c] + sum_ij x(i, p * step + j)[c] * w(i, j)[c]).
 * The taps given are all inside the picture: borders are the caller's, by fewer taps. */
typedef struct limner_nn_depthwise {
    const float *x;             /* first tap of the first pixel */
    ptrdiff_t x_row;            /* floats from one tap row to the next */
    ptrdiff_t x_step;           /* floats from one output pixel to the next (stride * channels) */
    const float *w;             /* first tap's weights, [taps_y][..][channels] */
    ptrdiff_t w_row;            /* floats from one tap row's weights to the next */
    const float *bias;          /* [channels] */
    float *y;                   /* [pixels][channels], packed */
    uint32_t pixels, channels, taps_y, taps_x;  /* >= 1 */
    limner_nn_post post;
} limner_nn_depthwise;

typedef struct limner_nn_dsp {
    const char *name;           /* "c", "avx2" ... */
    void (*gemm)(const limner_nn_gemm *g);
    void (*depthwise)(const limner_nn_depthwise *d);
    /* y = 1 / (1 + exp(-x)), x clamped to +-80; y may be x. Within 2e-6 of the exact value. */
    void (*logistic)(float *y, const float *x, size_t n);
    /* y = x * min(max(x + 3, 0), 6) / 6; y may be x. */
    void (*hard_swish)(float *y, const float *x, size_t n);
} limner_nn_dsp;

/* The best table for these CPU flags (limner_cpu_flags); 0: plain C. Static storage. */
const limner_nn_dsp *limner_nn_dsp_get(uint32_t cpu_flags);

#endif
