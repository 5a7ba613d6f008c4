/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small TFLite files for tests: a description of tensors and operators becomes the bytes of
 * a FlatBuffer. Every field takes a slot of 4 bytes, children lie behind their parents. Nothing
 * is checked: tests describe broken graphs as well. */
#ifndef LIMNER_TESTS_TFLITE_FILE_H
#define LIMNER_TESTS_TFLITE_FILE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_TENSORS = 24, FILE_MAX_OPS = 12, FILE_BYTES = 1 << 16 };

typedef struct file_tensor {
    int n_dims;
    int32_t dim[4];
    int type;                   /* 0 float32, 1 float16, 2 int32 */
    const void *data;           /* constant, little-endian; NULL: computed */
    size_t data_bytes;
} file_tensor;

typedef struct file_op {
    int32_t code;
    const char *custom_name;    /* NULL: built in */
    int n_in;
    int32_t in[4], out;
    int options_type;
    int32_t option[8];          /* written as 4 bytes each; -1000: absent */
    const void *custom;
    size_t custom_bytes;
} file_op;

typedef struct file_graph {
    int n_tensors, n_ops, n_subgraphs;
    file_tensor tensor[FILE_MAX_TENSORS];
    file_op op[FILE_MAX_OPS];
    int32_t in, out;
} file_graph;

typedef struct file_bytes {
    uint8_t b[FILE_BYTES];
    size_t n;
} file_bytes;

static void file_put32(file_bytes *f, size_t at, int64_t v)
{
    for (int i = 0; i < 4; i++)
        f->b[at + (size_t)i] = (uint8_t)((uint64_t)v >> (8 * i));
}

static size_t file_take(file_bytes *f, size_t n)
{
    const size_t at = f->n;

    if (n > FILE_BYTES - f->n)
        abort();
    memset(f->b + at, 0, n);
    f->n += (n + 3) / 4 * 4;
    return at;
}

/* A table of n_fields, all present and 0; field k lies at the result + 4 + 4 * k. */
static size_t file_table(file_bytes *f, int n_fields)
{
    const size_t vtable_bytes = 4 + 2 * (size_t)n_fields;
    const size_t vtable = file_take(f, vtable_bytes);
    const size_t at = file_take(f, 4 + 4 * (size_t)n_fields);

    f->b[vtable] = (uint8_t)vtable_bytes;
    f->b[vtable + 2] = (uint8_t)(4 + 4 * n_fields);
    for (int k = 0; k < n_fields; k++)
        f->b[vtable + 4 + 2 * (size_t)k] = (uint8_t)(4 + 4 * k);
    file_put32(f, at, (int64_t)at - (int64_t)vtable);
    return at;
}

/* Takes field k out of a table that file_table has just made. */
static void file_absent(file_bytes *f, size_t table, int n_fields, int k)
{
    const size_t vtable_bytes = (4 + 2 * (size_t)n_fields + 3) / 4 * 4;

    f->b[table - vtable_bytes + 4 + 2 * (size_t)k] = 0;
}

static void file_set(file_bytes *f, size_t table, int k, int64_t v)
{
    file_put32(f, table + 4 + 4 * (size_t)k, v);
}

static void file_link(file_bytes *f, size_t from, size_t to)
{
    file_put32(f, from, (int64_t)to - (int64_t)from);
}

/* Field k refers to a vector of n elements; the result is element 0's place. */
static size_t file_vector(file_bytes *f, size_t table, int k, size_t n, size_t element_bytes)
{
    const size_t at = file_take(f, 4 + n * element_bytes);

    file_link(f, table + 4 + 4 * (size_t)k, at);
    file_put32(f, at, (int64_t)n);
    return at + 4;
}

static void file_vector_bytes(file_bytes *f, size_t table, int k, const void *data, size_t n)
{
    const size_t at = file_vector(f, table, k, n, 1);

    if (n)
        memcpy(f->b + at, data, n);
}

static void file_vector_i32(file_bytes *f, size_t table, int k, const int32_t *v, int n)
{
    const size_t at = file_vector(f, table, k, (size_t)n, 4);

    for (int i = 0; i < n; i++)
        file_put32(f, at + 4 * (size_t)i, v[i]);
}

static void file_write_tensors(file_bytes *f, const file_graph *g, size_t subgraph)
{
    const size_t list = file_vector(f, subgraph, 0, (size_t)g->n_tensors, 4);

    for (int i = 0; i < g->n_tensors; i++) {
        const size_t t = file_table(f, 4);
        const char name[3] = { 't', (char)('a' + i), 0 };

        file_link(f, list + 4 * (size_t)i, t);
        file_vector_i32(f, t, 0, g->tensor[i].dim, g->tensor[i].n_dims);
        file_set(f, t, 1, g->tensor[i].type);
        file_set(f, t, 2, i + 1);               /* buffer 0 is empty */
        file_vector_bytes(f, t, 3, name, 2);
    }
}

static void file_write_ops(file_bytes *f, const file_graph *g, size_t subgraph)
{
    const size_t list = file_vector(f, subgraph, 3, (size_t)g->n_ops, 4);

    for (int i = 0; i < g->n_ops; i++) {
        const file_op *op = &g->op[i];
        const size_t t = file_table(f, 6);
        size_t options;

        file_link(f, list + 4 * (size_t)i, t);
        file_set(f, t, 0, i);
        file_vector_i32(f, t, 1, op->in, op->n_in);
        file_vector_i32(f, t, 2, &op->out, 1);
        file_set(f, t, 3, op->options_type);
        options = file_table(f, 8);
        for (int k = 0; k < 8; k++) {
            file_set(f, options, k, op->option[k]);
            if (op->option[k] == -1000)
                file_absent(f, options, 8, k);
        }
        file_link(f, t + 4 + 4 * 4, options);
        file_vector_bytes(f, t, 5, op->custom, op->custom_bytes);
    }
}

static void file_write(file_bytes *f, const file_graph *g)
{
    size_t model, codes, subgraphs, buffers, t;

    f->n = 0;
    file_take(f, 8);
    memcpy(f->b + 4, "TFL3", 4);
    model = file_table(f, 5);
    file_link(f, 0, model);
    file_set(f, model, 0, 3);
    file_vector_bytes(f, model, 3, "test", 4);
    codes = file_vector(f, model, 1, (size_t)g->n_ops, 4);
    for (int i = 0; i < g->n_ops; i++) {
        const char *name = g->op[i].custom_name ? g->op[i].custom_name : "";

        t = file_table(f, 4);
        file_link(f, codes + 4 * (size_t)i, t);
        file_set(f, t, 0, g->op[i].code < 128 ? g->op[i].code : 127);
        file_vector_bytes(f, t, 1, name, strlen(name));
        file_set(f, t, 3, g->op[i].code);
    }
    subgraphs = file_vector(f, model, 2, (size_t)g->n_subgraphs, 4);
    t = file_table(f, 4);
    for (int i = 0; i < g->n_subgraphs; i++)
        file_link(f, subgraphs + 4 * (size_t)i, t);
    file_write_tensors(f, g, t);
    file_vector_i32(f, t, 1, &g->in, 1);
    file_vector_i32(f, t, 2, &g->out, 1);
    file_write_ops(f, g, t);
    buffers = file_vector(f, model, 4, (size_t)g->n_tensors + 1, 4);
    for (int i = 0; i <= g->n_tensors; i++) {
        const file_tensor *x = i ? &g->tensor[i - 1] : NULL;

        t = file_table(f, 1);
        file_link(f, buffers + 4 * (size_t)i, t);
        file_vector_bytes(f, t, 0, x ? x->data : NULL, x && x->data ? x->data_bytes : 0);
    }
}

#endif
