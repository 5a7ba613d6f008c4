/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and running TFLite graphs (see tflite.h; the passes of opening: tflite_internal.h). */
#include "nn/tflite.h"

#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "nn/tflite_internal.h"

struct limner_tflite_run {
    const limner_tflite *model;
    const limner_nn_dsp *dsp;
    float *arena;
};

limner_status limner_tflite_open(limner_tflite **out, const void *bytes, size_t len_bytes,
                                 const char **why)
{
    limner_tflite *m = limner_calloc(1, sizeof(*m));
    limner_status st = LIMNER_E_NOMEM;

    *out = NULL;
    if (why)
        *why = "out of memory";
    if (!m)
        return LIMNER_E_NOMEM;
    m->file = (limner_flat){ .bytes = bytes, .len_bytes = len_bytes };
    st = len_bytes > LIMNER_TFLITE_MAX_FILE_BYTES
        ? limner_tflite_fail(m, LIMNER_E_LIMIT, "the file is too large")
        : limner_tflite_parse(m);
    if (st == LIMNER_OK)
        st = limner_tflite_check(m);
    if (st == LIMNER_OK) {
        limner_tflite_fuse(m);
        st = limner_tflite_pack(m);
    }
    if (st == LIMNER_OK)
        st = limner_tflite_plan(m);
    if (why)
        *why = m->why;
    if (st < 0) {
        limner_tflite_close(&m);
        return st;
    }
    m->file = (limner_flat){ 0 };
    *out = m;
    return LIMNER_OK;
}

void limner_tflite_close(limner_tflite **m)
{
    limner_tflite *t = m ? *m : NULL;

    if (!t)
        return;
    for (uint32_t k = 0; t->op && k < t->n_ops; k++) {
        limner_mem_free(t->op[k].weights);
        limner_mem_free(t->op[k].constant);
        limner_mem_free(t->op[k].box);
    }
    limner_mem_free(t->op);
    limner_mem_free(t->tensor);
    limner_mem_free(t);
    *m = NULL;
}

uint32_t limner_tflite_n_inputs(const limner_tflite *m)
{
    return m->n_in;
}

const limner_tflite_port *limner_tflite_input(const limner_tflite *m, uint32_t index)
{
    return &m->in_port[index];
}

int limner_tflite_find_output(const limner_tflite *m, const char *name, size_t n)
{
    for (uint32_t i = 0; i < m->n_out; i++)
        if (strcmp(m->out_port[i].name, name) == 0 && m->out_port[i].n == n)
            return (int)i;
    return -1;
}

double limner_tflite_work(const limner_tflite *m)
{
    return m->work;
}

limner_status limner_tflite_run_open(limner_tflite_run **out, const limner_tflite *m,
                                     const limner_nn_dsp *dsp)
{
    limner_tflite_run *run = limner_calloc(1, sizeof(*run));

    *out = NULL;
    if (!run)
        return LIMNER_E_NOMEM;
    run->model = m;
    run->dsp = dsp ? dsp : limner_nn_dsp_get(limner_cpu_flags());
    run->arena = limner_calloc(m->arena_floats, sizeof(float));
    if (!run->arena) {
        limner_tflite_run_close(&run);
        return LIMNER_E_NOMEM;
    }
    *out = run;
    return LIMNER_OK;
}

void limner_tflite_run_close(limner_tflite_run **run)
{
    if (!run || !*run)
        return;
    limner_mem_free((*run)->arena);
    limner_mem_free(*run);
    *run = NULL;
}

const limner_tflite *limner_tflite_run_model(const limner_tflite_run *run)
{
    return run->model;
}

float *limner_tflite_run_input(limner_tflite_run *run, uint32_t index)
{
    return run->arena + run->model->tensor[run->model->in[index]].at;
}

const float *limner_tflite_run_output(const limner_tflite_run *run, uint32_t index)
{
    return run->arena + run->model->tensor[run->model->out[index]].at;
}

/* One operator's place in the arena. */
typedef struct call {
    const limner_tflite_run *run;
    const limner_op *op;
    const limner_tensor *x, *out;
    const float *in;
    float *y, *scratch;
} call;

static const float *data_of(const limner_tflite_run *run, int32_t tensor)
{
    return run->arena + run->model->tensor[tensor].at;
}

static void run_convolution(const call *c)
{
    const limner_op *op = c->op;
    const limner_nn_post post = {
        .residual = op->residual >= 0 ? data_of(c->run, op->residual) : NULL,
        .residual_n = op->residual >= 0 ? c->run->model->tensor[op->residual].dim[3] : 0,
        .slope = op->slope
    };

    if (op->kind == LIMNER_OP_CONV)
        limner_nn_conv(c->run->dsp, &op->window, c->out->dim[3], op->weights, op->bias, &post,
                       op->act, c->in, c->y, c->scratch);
    else
        limner_nn_depthwise_conv(c->run->dsp, &op->window, op->weights, op->bias, &post, op->act,
                                 c->in, c->y);
}

static void run_binary(const call *c)
{
    const size_t n_b = c->run->model->tensor[c->op->in[1]].n;
    const float *b = c->op->constant ? c->op->constant : data_of(c->run, c->op->in[1]);

    if (c->op->kind == LIMNER_OP_ADD)
        limner_nn_add(c->in, c->out->n, b, n_b, c->y);
    else
        limner_nn_multiply(c->in, c->out->n, b, n_b, c->y);
}

static void run_concat(const call *c)
{
    const size_t row = c->out->dim[c->op->axis] * c->op->inner;
    size_t at = 0;

    for (uint32_t k = 0; k < c->op->n_in; k++) {
        const limner_tensor *x = &c->run->model->tensor[c->op->in[k]];
        const float *from = data_of(c->run, c->op->in[k]);
        const size_t n = x->dim[c->op->axis] * c->op->inner;

        for (size_t i = 0; i < c->op->outer; i++)
            memcpy(c->y + i * row + at, from + i * n, n * sizeof(float));
        at += n;
    }
}

static void run_pad(const call *c)
{
    const uint32_t *before = c->op->pad_before, *in = c->x->dim, *out = c->out->dim;
    const float *from = c->in;

    memset(c->y, 0, c->out->n * sizeof(float));
    for (uint32_t b = 0; b < in[0]; b++)
        for (uint32_t i = 0; i < in[1]; i++)
            for (uint32_t j = 0; j < in[2]; j++, from += in[3]) {
                const size_t row = (size_t)(b + before[0]) * out[1] + i + before[1];
                const size_t pixel = row * out[2] + j + before[2];

                memcpy(c->y + pixel * out[3] + before[3], from, in[3] * sizeof(float));
            }
}

static void run_slope(const call *c)
{
    const uint32_t channels = c->out->dim[c->out->n_dims - 1];

    limner_nn_slope(c->in, c->out->n / channels, channels, c->op->constant, c->y);
}

static void run_op(const call *c)
{
    const limner_nn_window *w = &c->op->window;
    const limner_nn_dsp *dsp = c->run->dsp;

    switch (c->op->kind) {
    case LIMNER_OP_CONV: case LIMNER_OP_DEPTHWISE:
        run_convolution(c);
        break;
    case LIMNER_OP_CONV_TRANSPOSE:
        limner_nn_conv_transpose(dsp, w, c->out->dim[3], c->op->weights, c->op->bias, c->in, c->y,
                                 c->scratch);
        break;
    case LIMNER_OP_ADD: case LIMNER_OP_MULTIPLY:
        run_binary(c);
        break;
    case LIMNER_OP_AVERAGE_POOL:
        limner_nn_average_pool(w, c->in, c->y);
        break;
    case LIMNER_OP_MAX_POOL:
        limner_nn_max_pool(w, c->in, c->y);
        break;
    case LIMNER_OP_CONCAT:
        run_concat(c);
        break;
    case LIMNER_OP_LOGISTIC:
        dsp->logistic(c->y, c->in, c->out->n);
        break;
    case LIMNER_OP_HARD_SWISH:
        dsp->hard_swish(c->y, c->in, c->out->n);
        break;
    case LIMNER_OP_RELU: case LIMNER_OP_PRELU:
        run_slope(c);
        break;
    case LIMNER_OP_RESHAPE: case LIMNER_OP_STRIDED_SLICE:
        memcpy(c->y, c->in, c->out->n * sizeof(float));
        break;
    case LIMNER_OP_RESIZE:
        limner_nn_resize_bilinear(w, c->op->grid, c->in, c->y);
        break;
    case LIMNER_OP_PAD:
        run_pad(c);
        break;
    case LIMNER_OP_BOX_MATRIX:
        limner_nn_box_matrix(c->op->box, c->in, c->y);
        break;
    case LIMNER_OP_CUT_OUT:
        limner_nn_cut_out(c->in, c->x->dim[1], c->x->dim[2], c->x->dim[3],
                          data_of(c->run, c->op->in[1]), c->y, c->out->dim[1], c->out->dim[2]);
        break;
    case LIMNER_OP_TRANSFORM_POINTS:
        limner_nn_transform_points(c->in, c->out->n / 2, data_of(c->run, c->op->in[1]), c->y);
        break;
    default:                    /* dequantise and custom never survive opening */
        break;
    }
}

void limner_tflite_run_execute(limner_tflite_run *run)
{
    const limner_tflite *m = run->model;

    for (uint32_t k = 0; k < m->n_ops; k++) {
        const limner_op *op = &m->op[k];
        const call c = {
            .run = run, .op = op, .x = &m->tensor[op->in[0]], .out = &m->tensor[op->out],
            .in = data_of(run, op->in[0]), .y = run->arena + m->tensor[op->out].at,
            .scratch = run->arena + m->scratch_at
        };

        if (!op->is_dead)
            run_op(&c);
    }
}
