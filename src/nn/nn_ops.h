/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of convolutional nets on float32 maps, channels last ([h][w][channels], packed). They
 * check nothing: shapes come from a graph that was verified (tflite_check.c). No operator's
 * output may overlap an input unless its comment says so. */
#ifndef LIMNER_NN_NN_OPS_H
#define LIMNER_NN_NN_OPS_H

#include <stdbool.h>

#include "nn/nn_dsp.h"

/* A window sliding over a map; what it covers outside the map counts as absent (0 in sums). */
typedef struct limner_nn_window {
    uint32_t in_h, in_w, channels;
    uint32_t out_h, out_w;
    uint32_t kernel_h, kernel_w, stride_y, stride_x;
    uint32_t pad_top, pad_left;
} limner_nn_window;

/* What comes after the sum of a convolution, beyond limner_nn_post. */
typedef enum limner_nn_activation {
    LIMNER_NN_LINEAR, LIMNER_NN_LOGISTIC, LIMNER_NN_HARD_SWISH
} limner_nn_activation;

/* Rows of the matrix a convolution is turned into at a time: 64 keep it in the nearest cache. */
#define LIMNER_NN_CONV_ROWS 64u

/* Floats of packed weights for n outputs of k inputs each; of a bias. False when beyond size_t. */
bool limner_nn_packed_floats(size_t n, size_t k, size_t *floats);
size_t limner_nn_padded(size_t n);      /* n up to a whole number of panels */
/* packed [panels][k][LIMNER_NN_PANEL] gets weight (output j, input i); the caller zeroed it. */
static inline size_t limner_nn_packed_index(size_t j, size_t i, size_t k)
{
    return (j / LIMNER_NN_PANEL * k + i) * LIMNER_NN_PANEL + j % LIMNER_NN_PANEL;
}

/* True when each output pixel's inputs already lie in a row: no copies, no scratch. */
bool limner_nn_conv_is_direct(const limner_nn_window *win);
/* y [out_h][out_w][n]. Weights packed over k = kernel_h * kernel_w * channels, in that order.
 * post->residual is [out_h][out_w][residual_n]. scratch: LIMNER_NN_CONV_ROWS * k floats unless
 * direct. */
void limner_nn_conv(const limner_nn_dsp *dsp, const limner_nn_window *win, uint32_t n,
                    const float *packed, const float *bias, const limner_nn_post *post,
                    limner_nn_activation act, const float *x, float *y, float *scratch);
/* One filter per channel: w [kernel_h][kernel_w][channels], y [out_h][out_w][channels]. */
void limner_nn_depthwise_conv(const limner_nn_dsp *dsp, const limner_nn_window *win,
                              const float *w, const float *bias, const limner_nn_post *post,
                              limner_nn_activation act, const float *x, float *y);
/* Transposed convolution whose kernel equals its stride: y [in_h * kernel_h][in_w * kernel_w][n].
 * Packed outputs are ordered (kernel row, kernel column, n), k = channels; bias likewise.
 * scratch: in_w * kernel_h * kernel_w * n floats. */
void limner_nn_conv_transpose(const limner_nn_dsp *dsp, const limner_nn_window *win, uint32_t n,
                              const float *packed, const float *bias, const float *x, float *y,
                              float *scratch);

/* x [in_h][in_w][channels], y [out_h][out_w][channels]; what a window has beyond the picture does
 * not count. */
void limner_nn_max_pool(const limner_nn_window *win, const float *x, float *y);
void limner_nn_average_pool(const limner_nn_window *win, const float *x, float *y);

/* y[i] = a[i] + b[i % n_b]; y may be a. n is a multiple of n_b. */
void limner_nn_add(const float *a, size_t n, const float *b, size_t n_b, float *y);
void limner_nn_multiply(const float *a, size_t n, const float *b, size_t n_b, float *y);
/* y = x > 0 ? x : x * slope[channel]; y may be x; slope NULL: 0. */
void limner_nn_slope(const float *x, size_t n_pixels, uint32_t channels, const float *slope,
                     float *y);

/* How bilinear resizing maps output pixel i to the input: i * in / out, that with pixel centres
 * at +0.5, or i * (in - 1) / (out - 1). */
typedef enum limner_nn_grid {
    LIMNER_NN_GRID_CORNER, LIMNER_NN_GRID_CENTRE, LIMNER_NN_GRID_ALIGNED
} limner_nn_grid;

/* The sizes and channels of `win` only. */
void limner_nn_resize_bilinear(const limner_nn_window *win, limner_nn_grid grid, const float *x,
                               float *y);

#endif
