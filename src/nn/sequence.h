/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of nets over time, one step at a time: dense, convolution over the last steps, gated
 * recurrent unit (GRU). Weights come from a .limner container as float32, float16 or
 * int8 (with one float32 scale a row) and are expanded to float32 and packed once, at opening; a
 * layer is read only then. What a layer remembers is the caller's. Rows of matrices are outputs, as
 * PyTorch stores them. */
#ifndef LIMNER_NN_SEQUENCE_H
#define LIMNER_NN_SEQUENCE_H

#include "nn/nn_dsp.h"
#include "nn/weights.h"

#define LIMNER_SEQUENCE_MAX 4096u       /* inputs or outputs of a layer, taps times channels too */

/* y[n_out] = W x[n_in] + bias. */
typedef struct limner_dense {
    uint32_t n_in, n_out;
    float *w, *bias;                    /* packed as limner_nn_gemm wants them; owned */
} limner_dense;

/* From tensors `weight` [n_out][n_in], "<weight>.scale" [n_out] where that is int8, and `bias`
 * [n_out]. A size of 0 is taken from the file. E_FORMAT: missing, of another form, not finite,
 * beyond LIMNER_SEQUENCE_MAX; E_NOMEM. */
limner_status limner_dense_open(limner_dense *out, const limner_weights *file, const char *weight,
                                const char *bias, uint32_t n_out, uint32_t n_in);
/* The same from `weight` [n_out][n_in][taps]: input i of tap t is x[t * n_in + i], the newest tap
 * last; n_in of the layer becomes taps * n_in. */
limner_status limner_dense_open_conv(limner_dense *out, const limner_weights *file,
                                     const char *weight, const char *bias, uint32_t n_out,
                                     uint32_t n_in, uint32_t taps);
void limner_dense_run(const limner_dense *d, const limner_nn_dsp *dsp, const float *x, float *y);
void limner_dense_close(limner_dense *d);               /* NULL-safe */

/* h' = (1 - z) n + z h; r, z = logistic(W x + U h), n = tanh(W x + bias + r (U h + bias)) (Cho et
 * al. 2014, in PyTorch's form). */
typedef struct limner_gru {
    uint32_t n_in, n;
    limner_dense input, state;          /* 3 n rows each: r, z, n */
} limner_gru;

/* Tensors "<name>.input" [3 n][n_in], "<name>.state" [3 n][n], "<name>.input_bias" and
 * "<name>.state_bias" [3 n]; statuses as limner_dense_open. */
limner_status limner_gru_open(limner_gru *out, const limner_weights *file, const char *name,
                              uint32_t n_in);
/* h [n]: the state, read and written. scratch [6 n]. */
void limner_gru_run(const limner_gru *g, const limner_nn_dsp *dsp, const float *x, float *h,
                    float *scratch);
void limner_gru_close(limner_gru *g);                   /* NULL-safe */

#endif
