/* SPDX-License-Identifier: Apache-2.0 */
/* First pass over a TFLite file: the one subgraph's tensors and operators. Field numbers are those
 * of TensorFlow's schema.fbs (version 3). What the reader does not know is refused here: several
 * subgraphs, sparse tensors, other types, operators without a kernel. */
#include <string.h>

#include "core/mem.h"
#include "nn/tflite_internal.h"

enum { SCHEMA_VERSION = 3 };

/* Field numbers of the tables. */
enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_OPERATORS };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_SPARSITY = 6 };
enum { BUFFER_DATA, BUFFER_OFFSET };
enum { CODE_OLD, CODE_CUSTOM, CODE_VERSION, CODE_NEW };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS, OP_CUSTOM };

/* The vectors of the file that several steps need. */
typedef struct parser {
    limner_tflite *m;
    limner_flat *f;
    limner_flat_vector codes, buffers, tensors, operators;
    limner_flat_table graph;
} parser;

static const struct {
    const char *name;
    limner_op_kind kind;
} custom_ops[] = {
    { "Convolution2DTransposeBias", LIMNER_OP_CONV_TRANSPOSE },
    { "Landmarks2TransformMatrix", LIMNER_OP_BOX_MATRIX },
    { "TransformTensorBilinear", LIMNER_OP_CUT_OUT },
    { "TransformLandmarks", LIMNER_OP_TRANSFORM_POINTS }
};

limner_status limner_tflite_fail(limner_tflite *m, limner_status st, const char *why)
{
    m->why = why;
    return st;
}

static limner_status open_file(parser *p)
{
    const limner_flat_table model = limner_flat_root(p->f, "TFL3");
    limner_flat_vector graphs;

    if (!model.at || limner_flat_i32(p->f, &model, MODEL_VERSION, 0) != SCHEMA_VERSION)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "not a TFLite file of version 3");
    p->codes = limner_flat_vector_at(p->f, &model, MODEL_CODES, 4);
    graphs = limner_flat_vector_at(p->f, &model, MODEL_SUBGRAPHS, 4);
    p->buffers = limner_flat_vector_at(p->f, &model, MODEL_BUFFERS, 4);
    if (p->f->is_bad || graphs.n != 1)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "does not hold exactly one graph");
    p->graph = limner_flat_vector_table(p->f, &graphs, 0);
    p->tensors = limner_flat_vector_at(p->f, &p->graph, GRAPH_TENSORS, 4);
    p->operators = limner_flat_vector_at(p->f, &p->graph, GRAPH_OPERATORS, 4);
    if (p->f->is_bad || !p->tensors.n || !p->operators.n)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a graph without content");
    if (p->tensors.n > LIMNER_TFLITE_MAX_TENSORS || p->operators.n > LIMNER_TFLITE_MAX_OPS)
        return limner_tflite_fail(p->m, LIMNER_E_LIMIT, "too many tensors or operators");
    return LIMNER_OK;
}

static limner_status read_shape(parser *p, const limner_flat_table *table, limner_tensor *t)
{
    const limner_flat_vector shape = limner_flat_vector_at(p->f, table, TENSOR_SHAPE, 4);

    if (shape.n > LIMNER_TFLITE_DIMS)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a tensor of more than 4 dimensions");
    t->n_dims = (uint32_t)shape.n;
    t->n = 1;
    for (uint32_t i = 0; i < LIMNER_TFLITE_DIMS; i++) {
        const int32_t side = i < t->n_dims ? limner_flat_vector_i32(p->f, &shape, i) : 1;

        if (side < 1)
            return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a tensor of empty or open shape");
        if ((uint32_t)side > LIMNER_TFLITE_MAX_SIDE ||
            (size_t)side > LIMNER_TFLITE_MAX_ELEMENTS / t->n)
            return limner_tflite_fail(p->m, LIMNER_E_LIMIT, "a tensor is too large");
        t->dim[i] = (uint32_t)side;
        t->n *= (size_t)side;
    }
    return LIMNER_OK;
}

/* Points a constant at its bytes; an empty buffer means a computed tensor. */
static limner_status read_data(parser *p, const limner_flat_table *table, limner_tensor *t)
{
    const int32_t index = limner_flat_i32(p->f, table, TENSOR_BUFFER, 0);
    const size_t element_bytes = t->type == LIMNER_TENSOR_F16 ? 2 : 4;
    limner_flat_table buffer;
    limner_flat_vector data;

    if (index < 0 || (size_t)index >= p->buffers.n)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a tensor's buffer does not exist");
    buffer = limner_flat_vector_table(p->f, &p->buffers, (size_t)index);
    data = limner_flat_vector_at(p->f, &buffer, BUFFER_DATA, 1);
    if (p->f->is_bad || limner_flat_i32(p->f, &buffer, BUFFER_OFFSET, 0) != 0)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a damaged buffer");
    if (!data.n)
        return LIMNER_OK;
    if (data.n != t->n * element_bytes)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a constant and its shape disagree");
    t->data = p->f->bytes + data.at;
    t->is_defined = true;
    return LIMNER_OK;
}

static limner_status read_tensor(parser *p, size_t index, limner_tensor *t)
{
    const limner_flat_table table = limner_flat_vector_table(p->f, &p->tensors, index);
    const uint8_t type = limner_flat_u8(p->f, &table, TENSOR_TYPE, LIMNER_TENSOR_F32);
    limner_status st;

    t->producer = -1;
    if (!table.at)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a damaged tensor");
    if (type > LIMNER_TENSOR_I32)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a tensor type that is not supported");
    if (limner_flat_table_at(p->f, &table, TENSOR_SPARSITY).at)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "sparse tensors are not supported");
    t->type = (limner_tensor_type)type;
    st = read_shape(p, &table, t);
    return st < 0 ? st : read_data(p, &table, t);
}

static limner_status read_kind(parser *p, const limner_flat_table *table, limner_op *op)
{
    const int32_t index = limner_flat_i32(p->f, table, OP_CODE, 0);
    limner_flat_table code;
    char name[40];
    int32_t old;

    if (index < 0 || (size_t)index >= p->codes.n)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "an operator's code does not exist");
    code = limner_flat_vector_table(p->f, &p->codes, (size_t)index);
    old = limner_flat_u8(p->f, &code, CODE_OLD, 0);
    op->kind = (limner_op_kind)limner_flat_i32(p->f, &code, CODE_NEW, 0);
    if (op->kind < (limner_op_kind)old)
        op->kind = (limner_op_kind)old;
    switch (op->kind) {
    case LIMNER_OP_ADD: case LIMNER_OP_AVERAGE_POOL: case LIMNER_OP_CONCAT: case LIMNER_OP_CONV:
    case LIMNER_OP_DEPTHWISE: case LIMNER_OP_DEQUANTIZE: case LIMNER_OP_LOGISTIC:
    case LIMNER_OP_MAX_POOL: case LIMNER_OP_MULTIPLY: case LIMNER_OP_RELU:
    case LIMNER_OP_RESHAPE: case LIMNER_OP_RESIZE: case LIMNER_OP_PAD:
    case LIMNER_OP_STRIDED_SLICE: case LIMNER_OP_PRELU: case LIMNER_OP_HARD_SWISH:
        return LIMNER_OK;
    case LIMNER_OP_CUSTOM:
        break;
    default:
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "an operator that is not supported");
    }
    limner_flat_string(p->f, &code, CODE_CUSTOM, name, sizeof(name));
    for (size_t i = 0; i < sizeof(custom_ops) / sizeof(custom_ops[0]); i++)
        if (strcmp(name, custom_ops[i].name) == 0) {
            op->kind = custom_ops[i].kind;
            return LIMNER_OK;
        }
    return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a custom operator that is not supported");
}

/* Reads `v` into out; every element names a tensor. */
static limner_status read_indices(parser *p, const limner_flat_vector *v, int32_t *out)
{
    for (size_t i = 0; i < v->n; i++) {
        out[i] = limner_flat_vector_i32(p->f, v, i);
        if (out[i] < 0 || (uint32_t)out[i] >= p->m->n_tensors)
            return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "a tensor index out of range");
    }
    return LIMNER_OK;
}

static limner_status read_op(parser *p, size_t index, limner_op *op)
{
    const limner_flat_table table = limner_flat_vector_table(p->f, &p->operators, index);
    const limner_flat_vector in = limner_flat_vector_at(p->f, &table, OP_INPUTS, 4);
    const limner_flat_vector out = limner_flat_vector_at(p->f, &table, OP_OUTPUTS, 4);
    const limner_flat_vector custom = limner_flat_vector_at(p->f, &table, OP_CUSTOM, 1);
    limner_status st;

    op->residual = op->slope_tensor = -1;
    if (p->f->is_bad || in.n < 1 || in.n > LIMNER_TFLITE_OP_INPUTS || out.n != 1)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "an operator's inputs or outputs");
    st = read_kind(p, &table, op);
    if (st < 0)
        return st;
    op->n_in = (uint32_t)in.n;
    st = read_indices(p, &in, op->in);
    if (st < 0)
        return st;
    op->options_type = limner_flat_u8(p->f, &table, OP_OPTIONS_TYPE, LIMNER_OPTIONS_NONE);
    op->options = limner_flat_table_at(p->f, &table, OP_OPTIONS);
    op->custom = custom.n ? p->f->bytes + custom.at : NULL;
    op->custom_bytes = custom.n;
    return read_indices(p, &out, &op->out);
}

static limner_status read_ports(parser *p, unsigned field, int32_t *index,
                                limner_tflite_port *port, uint32_t *n)
{
    const limner_flat_vector v = limner_flat_vector_at(p->f, &p->graph, field, 4);
    limner_status st;

    if (!v.n || v.n > LIMNER_TFLITE_MAX_PORTS)
        return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "the graph's inputs or outputs");
    st = read_indices(p, &v, index);
    if (st < 0)
        return st;
    *n = (uint32_t)v.n;
    for (uint32_t i = 0; i < *n; i++) {
        const limner_tensor *t = &p->m->tensor[index[i]];
        const limner_flat_table table =
            limner_flat_vector_table(p->f, &p->tensors, (size_t)index[i]);

        if (t->type != LIMNER_TENSOR_F32 || t->data)
            return limner_tflite_fail(p->m, LIMNER_E_FORMAT, "an input or output is not float");
        limner_flat_string(p->f, &table, TENSOR_NAME, port[i].name, sizeof(port[i].name));
        port[i].n_dims = t->n_dims;
        memcpy(port[i].dim, t->dim, sizeof(port[i].dim));
        port[i].n = t->n;
    }
    return LIMNER_OK;
}

limner_status limner_tflite_parse(limner_tflite *m)
{
    parser p = { .m = m, .f = &m->file };
    limner_status st = open_file(&p);

    if (st < 0)
        return st;
    m->tensor = limner_calloc(p.tensors.n, sizeof(*m->tensor));
    m->op = limner_calloc(p.operators.n, sizeof(*m->op));
    if (!m->tensor || !m->op)
        return limner_tflite_fail(m, LIMNER_E_NOMEM, "out of memory");
    m->n_tensors = (uint32_t)p.tensors.n;
    m->n_ops = (uint32_t)p.operators.n;
    for (uint32_t i = 0; i < m->n_tensors && st == LIMNER_OK; i++)
        st = read_tensor(&p, i, &m->tensor[i]);
    for (uint32_t i = 0; i < m->n_ops && st == LIMNER_OK; i++)
        st = read_op(&p, i, &m->op[i]);
    if (st == LIMNER_OK)
        st = read_ports(&p, GRAPH_INPUTS, m->in, m->in_port, &m->n_in);
    if (st == LIMNER_OK)
        st = read_ports(&p, GRAPH_OUTPUTS, m->out, m->out_port, &m->n_out);
    if (st == LIMNER_OK && p.f->is_bad)
        st = limner_tflite_fail(m, LIMNER_E_FORMAT, "an offset points outside the file");
    return st;
}
