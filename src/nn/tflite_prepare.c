/* SPDX-License-Identifier: Apache-2.0 */
/* Third and fourth pass: additions and activations that follow a convolution join it, so that its
 * sums are finished while they are in registers; then constants leave the file: weights become
 * float32 panels (nn_dsp.h), biases and slopes are padded to whole panels. */
#include <string.h>

#include "core/mem.h"
#include "nn/half.h"
#include "nn/tflite_internal.h"

float limner_tensor_f32(const limner_tensor *t, size_t i)
{
    uint32_t bits;
    float f;

    if (t->type == LIMNER_TENSOR_F16)
        return limner_half_to_float(limner_flat_le16(t->data + 2 * i));
    bits = limner_flat_le32(t->data + 4 * i);
    memcpy(&f, &bits, sizeof(f));
    return f;
}

int32_t limner_tensor_i32(const limner_tensor *t, size_t i)
{
    return (int32_t)limner_flat_le32(t->data + 4 * i);
}

/* ---- fusing -------------------------------------------------------------------------------- */

static void count_readers(limner_tflite *m)
{
    for (uint32_t k = 0; k < m->n_ops; k++)
        for (uint32_t i = 0; !m->op[k].is_dead && i < m->op[k].n_in; i++)
            m->tensor[m->op[k].in[i]].readers++;
    for (uint32_t i = 0; i < m->n_out; i++)
        m->tensor[m->out[i]].readers++;
}

/* The only operator that reads tensor t, after operator `from`; NULL where none or several do. */
static limner_op *only_reader(limner_tflite *m, int32_t t, uint32_t from)
{
    if (m->tensor[t].readers != 1)
        return NULL;
    for (uint32_t k = from + 1; k < m->n_ops; k++)
        for (uint32_t i = 0; !m->op[k].is_dead && i < m->op[k].n_in; i++)
            if (m->op[k].in[i] == t)
                return &m->op[k];
    return NULL;            /* a graph output */
}

/* A padding that only appends channels of zeros and that nobody else reads. */
static limner_op *channel_padding(limner_tflite *m, int32_t t)
{
    const limner_tensor *y = &m->tensor[t];
    limner_op *pad = y->producer >= 0 ? &m->op[y->producer] : NULL;
    const limner_tensor *x;

    if (!pad || pad->kind != LIMNER_OP_PAD || y->readers != 1)
        return NULL;
    x = &m->tensor[pad->in[0]];
    for (int i = 0; i < 4; i++)
        if (pad->pad_before[i] || (i < 3 && x->dim[i] != y->dim[i]))
            return NULL;
    return pad;
}

/* Takes `add` into operator k when its other operand is there by then and of the same shape. */
static bool fuse_add(limner_tflite *m, uint32_t k, limner_op *add)
{
    limner_op *op = &m->op[k], *pad;
    int32_t other = add->in[0] == op->out ? add->in[1] : add->in[0];

    if (m->tensor[other].data || m->tensor[other].n_dims != 4 ||
        memcmp(m->tensor[other].dim, m->tensor[op->out].dim, sizeof(m->tensor[other].dim)) != 0)
        return false;
    pad = channel_padding(m, other);
    if (m->tensor[pad ? pad->in[0] : other].producer >= (int32_t)k)
        return false;
    if (pad) {
        pad->is_dead = true;
        other = pad->in[0];
    }
    op->residual = other;
    return true;
}

static bool fuse_activation(limner_op *op, const limner_op *next)
{
    switch (next->kind) {
    case LIMNER_OP_RELU:
        op->is_relu = true;
        return true;
    case LIMNER_OP_PRELU:
        op->slope_tensor = next->slope_tensor;
        return true;
    case LIMNER_OP_HARD_SWISH:
        op->act = LIMNER_NN_HARD_SWISH;
        return true;
    case LIMNER_OP_LOGISTIC:
        op->act = LIMNER_NN_LOGISTIC;
        return true;
    default:
        return false;
    }
}

/* The operator takes in `next`, which computed from its output alone or with a residual. */
static void absorb(limner_tflite *m, uint32_t k, limner_op *next)
{
    next->is_dead = true;
    m->tensor[m->op[k].out].readers = 0;
    m->op[k].out = next->out;
    m->tensor[next->out].producer = (int32_t)k;
}

static void fuse_op(limner_tflite *m, uint32_t k)
{
    limner_op *next = only_reader(m, m->op[k].out, k);

    if (next && next->kind == LIMNER_OP_ADD && fuse_add(m, k, next)) {
        absorb(m, k, next);
        next = only_reader(m, m->op[k].out, k);
    }
    if (next && fuse_activation(&m->op[k], next))
        absorb(m, k, next);
}

void limner_tflite_fuse(limner_tflite *m)
{
    count_readers(m);
    for (uint32_t k = 0; k < m->n_ops; k++)
        if (!m->op[k].is_dead &&
            (m->op[k].kind == LIMNER_OP_CONV || m->op[k].kind == LIMNER_OP_DEPTHWISE))
            fuse_op(m, k);
}

/* ---- packing ------------------------------------------------------------------------------- */

/* Zeroed floats, within the limit for all weights of a graph. */
static limner_status take_floats(limner_tflite *m, size_t n, float **out)
{
    *out = NULL;
    if (n > (LIMNER_TFLITE_MAX_WEIGHT_BYTES - m->weight_bytes) / sizeof(float))
        return limner_tflite_fail(m, LIMNER_E_LIMIT, "the weights are too large");
    *out = limner_calloc(n, sizeof(float));
    if (!*out)
        return limner_tflite_fail(m, LIMNER_E_NOMEM, "out of memory");
    m->weight_bytes += n * sizeof(float);
    return LIMNER_OK;
}

static void copy_floats(float *out, const limner_tensor *t)
{
    for (size_t i = 0; i < t->n; i++)
        out[i] = limner_tensor_f32(t, i);
}

/* One block: n_weights floats, then bias and slopes of n outputs, each padded. */
static limner_status take_weights(limner_tflite *m, limner_op *op, size_t n_weights, size_t n)
{
    const size_t padded = limner_nn_padded(n);
    limner_status st = take_floats(m, n_weights + 2 * padded, &op->weights);

    if (st < 0)
        return st;
    op->bias = op->weights + n_weights;
    if (op->is_relu || op->slope_tensor >= 0)
        op->slope = op->bias + padded;
    if (op->slope_tensor >= 0)
        copy_floats(op->slope, &m->tensor[op->slope_tensor]);
    return LIMNER_OK;
}

/* Weights [n][kernel_h][kernel_w][channels]: n outputs of k inputs. */
static limner_status pack_conv(limner_tflite *m, limner_op *op)
{
    const limner_tensor *w = &m->tensor[op->in[1]];
    const size_t n = w->dim[0], k = w->n / n;
    size_t n_weights;
    limner_status st;

    if (!limner_nn_packed_floats(n, k, &n_weights))
        return limner_tflite_fail(m, LIMNER_E_LIMIT, "the weights are too large");
    st = take_weights(m, op, n_weights, n);
    if (st < 0)
        return st;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < k; i++)
            op->weights[limner_nn_packed_index(j, i, k)] = limner_tensor_f32(w, j * k + i);
    copy_floats(op->bias, &m->tensor[op->in[2]]);
    return LIMNER_OK;
}

static limner_status pack_depthwise(limner_tflite *m, limner_op *op)
{
    const limner_tensor *w = &m->tensor[op->in[1]];
    limner_status st = take_weights(m, op, w->n, w->dim[3]);

    if (st < 0)
        return st;
    copy_floats(op->weights, w);
    copy_floats(op->bias, &m->tensor[op->in[2]]);
    return LIMNER_OK;
}

/* Weights [n][kernel_h][kernel_w][channels] become outputs (kernel_h, kernel_w, n). */
static limner_status pack_transpose(limner_tflite *m, limner_op *op)
{
    const limner_tensor *w = &m->tensor[op->in[1]], *bias = &m->tensor[op->in[2]];
    const size_t n = w->dim[0], taps = (size_t)w->dim[1] * w->dim[2], k = w->dim[3];
    size_t n_weights;
    limner_status st;

    if (!limner_nn_packed_floats(taps * n, k, &n_weights))
        return limner_tflite_fail(m, LIMNER_E_LIMIT, "the weights are too large");
    st = take_weights(m, op, n_weights, taps * n);
    if (st < 0)
        return st;
    for (size_t j = 0; j < n; j++)
        for (size_t t = 0; t < taps; t++) {
            op->bias[t * n + j] = limner_tensor_f32(bias, j);
            for (size_t i = 0; i < k; i++)
                op->weights[limner_nn_packed_index(t * n + j, i, k)] =
                    limner_tensor_f32(w, (j * taps + t) * k + i);
        }
    return LIMNER_OK;
}

static limner_status pack_constant(limner_tflite *m, limner_op *op, const limner_tensor *t)
{
    limner_status st = take_floats(m, t->n, &op->constant);

    if (st == LIMNER_OK)
        copy_floats(op->constant, t);
    return st;
}

static limner_status pack_op(limner_tflite *m, limner_op *op)
{
    switch (op->kind) {
    case LIMNER_OP_CONV:
        return pack_conv(m, op);
    case LIMNER_OP_DEPTHWISE:
        return pack_depthwise(m, op);
    case LIMNER_OP_CONV_TRANSPOSE:
        return pack_transpose(m, op);
    case LIMNER_OP_PRELU:
        return pack_constant(m, op, &m->tensor[op->slope_tensor]);
    case LIMNER_OP_ADD:
    case LIMNER_OP_MULTIPLY:
        if (m->tensor[op->in[1]].data)
            return pack_constant(m, op, &m->tensor[op->in[1]]);
        return LIMNER_OK;
    default:
        return LIMNER_OK;
    }
}

limner_status limner_tflite_pack(limner_tflite *m)
{
    limner_status st = LIMNER_OK;

    for (uint32_t k = 0; k < m->n_ops && st == LIMNER_OK; k++)
        if (!m->op[k].is_dead)
            st = pack_op(m, &m->op[k]);
    return st;
}
