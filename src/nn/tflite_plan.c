/* SPDX-License-Identifier: Apache-2.0 */
/* Last pass: where each activation lies in the arena. Two tensors may share memory when their
 * lifetimes, first writer to last reader, do not meet. Largest first, each at the lowest place
 * that is free during its life ("greedy by size", Pisarchyk and Lee 2020, "Efficient Memory
 * Management for Deep Neural Net Inference"). Behind the tensors lies the operators' scratch. */
#include <stdlib.h>

#include "core/mem.h"
#include "nn/tflite_internal.h"

enum { ALIGN_FLOATS = 16 };

static size_t aligned(size_t n_floats)
{
    return (n_floats + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
}

static void read_at(limner_tflite *m, int32_t t, int32_t op)
{
    if (m->tensor[t].last_use < op)
        m->tensor[t].last_use = op;
}

/* Inputs live from before the first operator, outputs until after the last. */
static void find_lifetimes(limner_tflite *m)
{
    for (uint32_t i = 0; i < m->n_tensors; i++)
        m->tensor[i].first_use = m->tensor[i].last_use = INT32_MAX;
    for (uint32_t i = 0; i < m->n_in; i++)
        m->tensor[m->in[i]].first_use = m->tensor[m->in[i]].last_use = -1;
    for (uint32_t k = 0; k < m->n_ops; k++) {
        const limner_op *op = &m->op[k];

        if (op->is_dead)
            continue;
        m->tensor[op->out].first_use = m->tensor[op->out].last_use = (int32_t)k;
        for (uint32_t i = 0; i < op->n_in; i++)
            read_at(m, op->in[i], (int32_t)k);
        if (op->residual >= 0)
            read_at(m, op->residual, (int32_t)k);
    }
    for (uint32_t i = 0; i < m->n_out; i++)
        read_at(m, m->out[i], (int32_t)m->n_ops);
}

static bool needs_place(const limner_tensor *t)
{
    return !t->data && t->first_use != INT32_MAX;
}

/* Larger first; equal ones in file order, so that a plan is always the same. */
static int by_size(const void *a, const void *b)
{
    const limner_tensor *x = *(limner_tensor *const *)a, *y = *(limner_tensor *const *)b;

    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return x < y ? -1 : x > y;
}

static bool live_together(const limner_tensor *x, const limner_tensor *y)
{
    return x->first_use <= y->last_use && y->first_use <= x->last_use;
}

/* Places t among those placed before it, which are sorted by place; keeps them sorted. */
static void place(limner_tensor **placed, size_t n, limner_tensor *t)
{
    size_t at = 0, i;

    for (i = 0; i < n; i++) {
        if (!live_together(placed[i], t))
            continue;
        if (placed[i]->at >= at + aligned(t->n))
            break;
        if (placed[i]->at + aligned(placed[i]->n) > at)
            at = placed[i]->at + aligned(placed[i]->n);
    }
    t->at = at;
    for (i = n; i > 0 && placed[i - 1]->at > at; i--)
        placed[i] = placed[i - 1];
    placed[i] = t;
}

/* Floats of scratch that the operator needs. */
static size_t scratch_floats(const limner_tflite *m, const limner_op *op)
{
    const limner_tensor *w = &m->tensor[op->in[op->n_in > 1 ? 1 : 0]];

    if (op->kind == LIMNER_OP_CONV && !limner_nn_conv_is_direct(&op->window))
        return LIMNER_NN_CONV_ROWS * (w->n / w->dim[0]);
    if (op->kind == LIMNER_OP_CONV_TRANSPOSE)
        return m->tensor[op->out].n / op->window.in_h;
    return 0;
}

limner_status limner_tflite_plan(limner_tflite *m)
{
    limner_tensor **order = limner_calloc(2 * (size_t)m->n_tensors, sizeof(*order)), **placed;
    size_t n = 0, scratch = 0, end = 0;

    if (!order)
        return limner_tflite_fail(m, LIMNER_E_NOMEM, "out of memory");
    placed = order + m->n_tensors;
    find_lifetimes(m);
    for (uint32_t i = 0; i < m->n_tensors; i++)
        if (needs_place(&m->tensor[i]))
            order[n++] = &m->tensor[i];
    qsort(order, n, sizeof(*order), by_size);
    for (size_t i = 0; i < n && end <= LIMNER_TFLITE_MAX_ARENA_BYTES / sizeof(float); i++) {
        place(placed, i, order[i]);
        if (order[i]->at + aligned(order[i]->n) > end)
            end = order[i]->at + aligned(order[i]->n);
    }
    limner_mem_free(order);
    for (uint32_t k = 0; k < m->n_ops; k++)
        if (!m->op[k].is_dead && scratch_floats(m, &m->op[k]) > scratch)
            scratch = scratch_floats(m, &m->op[k]);
    m->scratch_at = end;
    m->arena_floats = end + scratch;
    if (m->arena_floats > LIMNER_TFLITE_MAX_ARENA_BYTES / sizeof(float))
        return limner_tflite_fail(m, LIMNER_E_LIMIT, "the graph needs too much memory");
    return LIMNER_OK;
}
