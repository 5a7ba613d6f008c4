/* SPDX-License-Identifier: Apache-2.0 */
/* See sequence.h. Matrix times vector is limner_nn_gemm with one row. */
#include "nn/sequence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "nn/half.h"
#include "nn/nn_ops.h"

static const float MAX_WEIGHT = 1e4f;   /* larger ones are damage */

/* ---- reading ---- */

static const limner_tensor *find(const limner_weights *file, const char *name, uint32_t rank,
                                 const uint32_t *dims)
{
    static const limner_dtype types[] = { LIMNER_DTYPE_F32, LIMNER_DTYPE_F16, LIMNER_DTYPE_I8 };
    const limner_tensor *t = NULL;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !t; i++)
        t = limner_weights_find(file, name, types[i], rank, dims);
    return t;
}

/* "<name><part>", or a name that no tensor has when that is too long. */
static void join(char out[LIMNER_WEIGHTS_NAME_BYTES], const char *name, const char *part)
{
    if (snprintf(out, LIMNER_WEIGHTS_NAME_BYTES, "%s%s", name, part) >= LIMNER_WEIGHTS_NAME_BYTES)
        out[0] = 0;
}

/* Of the rows of an int8 tensor. */
static const limner_tensor *find_scale(const limner_weights *file, const char *name,
                                       const uint32_t *dims)
{
    char full[LIMNER_WEIGHTS_NAME_BYTES];

    join(full, name, ".scale");
    return limner_weights_find(file, full, LIMNER_DTYPE_F32, 1, dims);
}

/* Value i of a tensor; int8 is not scaled yet. */
static float value_at(const limner_tensor *t, size_t i)
{
    if (t->dtype == LIMNER_DTYPE_F32)
        return ((const float *)t->data)[i];
    if (t->dtype == LIMNER_DTYPE_F16)
        return limner_half_to_float(((const uint16_t *)t->data)[i]);
    return ((const int8_t *)t->data)[i];
}

static bool is_sound(float v)
{
    return fabsf(v) <= MAX_WEIGHT;      /* false for NaN */
}

/* ---- dense ---- */

static bool fill_bias(limner_dense *d, const limner_tensor *bias)
{
    bool is_good = true;

    for (uint32_t j = 0; j < d->n_out; j++) {
        d->bias[j] = value_at(bias, j);
        is_good = is_good && is_sound(d->bias[j]);
    }
    return is_good;
}

/* weight [n_out][channels][taps]; scale NULL: 1. */
static bool fill_weights(limner_dense *d, const limner_tensor *weight, const float *scale,
                         uint32_t taps)
{
    const uint32_t channels = d->n_in / taps;
    bool is_good = true;

    for (uint32_t j = 0; j < d->n_out; j++)
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t t = 0; t < taps; t++) {
                const size_t from = ((size_t)j * channels + c) * taps + t;
                const float v = value_at(weight, from) * (scale ? scale[j] : 1.0f);

                d->w[limner_nn_packed_index(j, (size_t)t * channels + c, d->n_in)] = v;
                is_good = is_good && is_sound(v);
            }
    return is_good;
}

static limner_status open_dense(limner_dense *out, const limner_weights *file,
                                const char *weight_name, const char *bias_name, uint32_t rank,
                                const uint32_t *dims)
{
    const limner_tensor *weight = find(file, weight_name, rank, dims), *bias, *scale = NULL;
    size_t n_floats;

    memset(out, 0, sizeof(*out));
    if (!weight || weight->dims[0] > LIMNER_SEQUENCE_MAX ||
        weight->dims[1] > LIMNER_SEQUENCE_MAX ||
        (size_t)weight->dims[1] * weight->dims[2] > LIMNER_SEQUENCE_MAX)
        return LIMNER_E_FORMAT;
    bias = find(file, bias_name, 1, weight->dims);
    if (weight->dtype == LIMNER_DTYPE_I8)
        scale = find_scale(file, weight_name, weight->dims);
    if (!bias || bias->dtype == LIMNER_DTYPE_I8 || (weight->dtype == LIMNER_DTYPE_I8 && !scale))
        return LIMNER_E_FORMAT;
    out->n_out = weight->dims[0];
    out->n_in = weight->dims[1] * weight->dims[2];
    if (!limner_nn_packed_floats(out->n_out, out->n_in, &n_floats))
        return LIMNER_E_NOMEM;
    out->w = limner_calloc(n_floats, sizeof(float));
    out->bias = limner_calloc(limner_nn_padded(out->n_out), sizeof(float));
    if (!out->w || !out->bias) {
        limner_dense_close(out);
        return LIMNER_E_NOMEM;
    }
    if (!fill_bias(out, bias) ||
        !fill_weights(out, weight, scale ? scale->data : NULL, weight->dims[2])) {
        limner_dense_close(out);
        return LIMNER_E_FORMAT;
    }
    return LIMNER_OK;
}

limner_status limner_dense_open(limner_dense *out, const limner_weights *file, const char *weight,
                                const char *bias, uint32_t n_out, uint32_t n_in)
{
    const uint32_t dims[] = { n_out, n_in };

    return open_dense(out, file, weight, bias, 2, dims);
}

limner_status limner_dense_open_conv(limner_dense *out, const limner_weights *file,
                                     const char *weight, const char *bias, uint32_t n_out,
                                     uint32_t n_in, uint32_t taps)
{
    const uint32_t dims[] = { n_out, n_in, taps };

    return open_dense(out, file, weight, bias, 3, dims);
}

void limner_dense_run(const limner_dense *d, const limner_nn_dsp *dsp, const float *x, float *y)
{
    const limner_nn_gemm g = { .a = x, .a_stride = d->n_in, .w = d->w, .bias = d->bias, .c = y,
                               .rows = 1, .n = d->n_out, .k = d->n_in };

    dsp->gemm(&g);
}

void limner_dense_close(limner_dense *d)
{
    if (!d)
        return;
    limner_mem_free(d->w);
    limner_mem_free(d->bias);
    memset(d, 0, sizeof(*d));
}

/* ---- GRU ---- */

limner_status limner_gru_open(limner_gru *out, const limner_weights *file, const char *name,
                              uint32_t n_in)
{
    char weight[LIMNER_WEIGHTS_NAME_BYTES], bias[LIMNER_WEIGHTS_NAME_BYTES];
    limner_status st;

    memset(out, 0, sizeof(*out));
    join(weight, name, ".input");
    join(bias, name, ".input_bias");
    st = limner_dense_open(&out->input, file, weight, bias, 0, n_in);
    if (st == LIMNER_OK && out->input.n_out % 3)
        st = LIMNER_E_FORMAT;
    if (st == LIMNER_OK) {
        out->n_in = out->input.n_in;
        out->n = out->input.n_out / 3;
        join(weight, name, ".state");
        join(bias, name, ".state_bias");
        st = limner_dense_open(&out->state, file, weight, bias, 3 * out->n, out->n);
    }
    if (st < 0)
        limner_gru_close(out);
    return st;
}

void limner_gru_run(const limner_gru *g, const limner_nn_dsp *dsp, const float *x, float *h,
                    float *scratch)
{
    const uint32_t n = g->n;
    float *a = scratch, *b = scratch + 3 * n, *news = a + 2 * n;

    limner_dense_run(&g->input, dsp, x, a);
    limner_dense_run(&g->state, dsp, h, b);
    for (uint32_t i = 0; i < 2 * n; i++)
        a[i] += b[i];
    dsp->logistic(a, a, 2 * (size_t)n);
    for (uint32_t i = 0; i < n; i++)            /* tanh(v) = 2 logistic(2 v) - 1 */
        news[i] = 2.0f * (news[i] + a[i] * b[2 * n + i]);
    dsp->logistic(news, news, n);
    for (uint32_t i = 0; i < n; i++) {
        const float v = 2.0f * news[i] - 1.0f;

        h[i] = v + a[n + i] * (h[i] - v);
    }
}

void limner_gru_close(limner_gru *g)
{
    if (!g)
        return;
    limner_dense_close(&g->input);
    limner_dense_close(&g->state);
    memset(g, 0, sizeof(*g));
}
