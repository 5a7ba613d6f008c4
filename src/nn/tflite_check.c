/* SPDX-License-Identifier: Apache-2.0 */
/* Second pass: every operator of the graph is checked against its rule (number, type and kind of
 * inputs, options), its output shape is computed and compared with the declared one, and what
 * running needs is filled in. Operators must stand in an order in which they can run, and every
 * tensor is computed once. */
#include <string.h>

#include "nn/tflite_check.h"

/* Field numbers of the options tables. */
enum { CONV_PADDING, CONV_STRIDE_X, CONV_STRIDE_Y, CONV_ACT, CONV_DILATE_X, CONV_DILATE_Y };
enum { DEPTH_MULTIPLIER = 3, DEPTH_ACT, DEPTH_DILATE_X, DEPTH_DILATE_Y };
enum { POOL_KERNEL_X = 3, POOL_KERNEL_Y, POOL_ACT };
enum { CONCAT_AXIS, CONCAT_ACT };
enum { ADD_ACT };
enum { RESIZE_ALIGNED = 2, RESIZE_CENTRE };
enum { PADDING_SAME = 0, PADDING_VALID = 1 };

limner_status limner_check_refuse(limner_check *c, const char *why)
{
    return limner_tflite_fail(c->m, LIMNER_E_FORMAT, why);
}

limner_status limner_check_refuse_shape(limner_check *c)
{
    return limner_check_refuse(c, "an operator's shapes do not fit each other");
}

bool limner_check_is_map(const limner_tensor *t)
{
    return t->n_dims == 4 && t->dim[0] == 1;
}

bool limner_check_has_shape(const limner_tensor *t, uint32_t d0, uint32_t d1, uint32_t d2,
                            uint32_t d3)
{
    return t->n_dims == 4 && t->dim[0] == d0 && t->dim[1] == d1 && t->dim[2] == d2 &&
           t->dim[3] == d3;
}

bool limner_check_is_same_shape(const limner_tensor *a, const limner_tensor *b)
{
    return a->n_dims == b->n_dims && memcmp(a->dim, b->dim, sizeof(a->dim)) == 0;
}

static int32_t option(limner_check *c, unsigned field, int32_t absent)
{
    return limner_flat_i32(&c->m->file, &c->op->options, field, absent);
}

static uint8_t option_u8(limner_check *c, unsigned field)
{
    return limner_flat_u8(&c->m->file, &c->op->options, field, 0);
}

limner_status limner_check_add_work(limner_check *c, double n)
{
    c->m->work += n;
    if (c->m->work > LIMNER_TFLITE_MAX_WORK)
        return limner_tflite_fail(c->m, LIMNER_E_LIMIT, "the graph is too much work");
    return LIMNER_OK;
}

/* Output length of a sliding window and the padding before it; 0 when there is none. */
static uint32_t slide(uint32_t in, uint32_t kernel, uint32_t stride, uint8_t padding,
                      uint32_t *pad)
{
    const uint32_t out = padding == PADDING_SAME ? (in + stride - 1) / stride
                         : kernel <= in          ? (in - kernel) / stride + 1
                                                 : 0;
    const int64_t missing = out ? (int64_t)(out - 1) * stride + kernel - in : 0;

    *pad = padding == PADDING_SAME && missing > 0 ? (uint32_t)(missing / 2) : 0;
    return out;
}

/* Fills op->window from the input's shape, this kernel and the options all windows share. */
static limner_status set_window(limner_check *c, int64_t kernel_h, int64_t kernel_w)
{
    limner_nn_window *w = &c->op->window;
    const uint8_t padding = option_u8(c, CONV_PADDING);
    const int32_t stride_x = option(c, CONV_STRIDE_X, 0), stride_y = option(c, CONV_STRIDE_Y, 0);
    const limner_tensor *in = c->in[0];

    if (!limner_check_is_map(in) || !limner_check_is_map(c->out))
        return limner_check_refuse(c, "a convolution or pool over something that is not one map");
    if (padding > PADDING_VALID || stride_x < 1 || stride_y < 1 || kernel_h < 1 ||
        kernel_w < 1 || (uint32_t)stride_x > LIMNER_TFLITE_MAX_SIDE ||
        (uint32_t)stride_y > LIMNER_TFLITE_MAX_SIDE || kernel_h > LIMNER_TFLITE_MAX_SIDE ||
        kernel_w > LIMNER_TFLITE_MAX_SIDE)
        return limner_check_refuse(c, "a convolution or pool with bad options");
    w->in_h = in->dim[1];
    w->in_w = in->dim[2];
    w->channels = in->dim[3];
    w->kernel_h = (uint32_t)kernel_h;
    w->kernel_w = (uint32_t)kernel_w;
    w->stride_y = (uint32_t)stride_y;
    w->stride_x = (uint32_t)stride_x;
    w->out_h = slide(w->in_h, w->kernel_h, w->stride_y, padding, &w->pad_top);
    w->out_w = slide(w->in_w, w->kernel_w, w->stride_x, padding, &w->pad_left);
    if (w->out_h != c->out->dim[1] || w->out_w != c->out->dim[2])
        return limner_check_refuse_shape(c);
    return LIMNER_OK;
}

static limner_status check_conv(limner_check *c)
{
    const limner_tensor *w = c->in[1], *bias = c->in[2];
    limner_status st;

    if (option_u8(c, CONV_ACT) || option(c, CONV_DILATE_X, 1) != 1 ||
        option(c, CONV_DILATE_Y, 1) != 1)
        return limner_check_refuse(c, "a convolution with dilation or built-in activation");
    if (w->n_dims != 4 || bias->n != w->dim[0])
        return limner_check_refuse_shape(c);
    st = set_window(c, w->dim[1], w->dim[2]);
    if (st < 0)
        return st;
    if (w->dim[3] != c->in[0]->dim[3] || c->out->dim[3] != w->dim[0])
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n * (double)(w->n / w->dim[0]));
}

static limner_status check_depthwise(limner_check *c)
{
    const limner_tensor *w = c->in[1], *bias = c->in[2];
    limner_status st;

    if (option_u8(c, DEPTH_ACT) || option(c, DEPTH_DILATE_X, 1) != 1 ||
        option(c, DEPTH_DILATE_Y, 1) != 1 || option(c, DEPTH_MULTIPLIER, 0) != 1)
        return limner_check_refuse(c,
                                   "a depthwise convolution with options that are not supported");
    if (!limner_check_is_map(w) || bias->n != w->dim[3])
        return limner_check_refuse_shape(c);
    st = set_window(c, w->dim[1], w->dim[2]);
    if (st < 0)
        return st;
    if (w->dim[3] != c->in[0]->dim[3] || c->out->dim[3] != w->dim[3])
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n * w->dim[1] * w->dim[2]);
}

static limner_status check_pool(limner_check *c)
{
    const int32_t kernel_w = option(c, POOL_KERNEL_X, 0), kernel_h = option(c, POOL_KERNEL_Y, 0);
    limner_status st = set_window(c, kernel_h, kernel_w);

    if (st < 0)
        return st;
    if (option_u8(c, POOL_ACT))
        return limner_check_refuse(c, "a pool with built-in activation");
    if (c->out->dim[3] != c->in[0]->dim[3])
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n * kernel_w * kernel_h);
}

/* Custom options: padding, stride x, stride y as 32-bit integers. */
static limner_status check_conv_transpose(limner_check *c)
{
    const limner_tensor *x = c->in[0], *w = c->in[1], *bias = c->in[2];
    limner_nn_window *win = &c->op->window;
    uint32_t stride_x, stride_y;

    if (c->op->custom_bytes != 12)
        return limner_check_refuse(c, "a transposed convolution with bad options");
    stride_x = limner_flat_le32(c->op->custom + 4);
    stride_y = limner_flat_le32(c->op->custom + 8);
    if (!limner_check_is_map(x) || w->n_dims != 4 || bias->n != w->dim[0] || w->dim[3] != x->dim[3])
        return limner_check_refuse_shape(c);
    if (stride_y != w->dim[1] || stride_x != w->dim[2])
        return limner_check_refuse(c, "a transposed convolution whose kernel is not its stride");
    *win = (limner_nn_window){
        .in_h = x->dim[1], .in_w = x->dim[2], .channels = x->dim[3], .kernel_h = stride_y,
        .kernel_w = stride_x, .stride_y = stride_y, .stride_x = stride_x
    };
    if ((uint64_t)win->in_h * stride_y != c->out->dim[1] ||
        (uint64_t)win->in_w * stride_x != c->out->dim[2] ||
        !limner_check_has_shape(c->out, 1, c->out->dim[1], c->out->dim[2], w->dim[0]))
        return limner_check_refuse_shape(c);
    win->out_h = c->out->dim[1];
    win->out_w = c->out->dim[2];
    return limner_check_add_work(c, (double)c->out->n * x->dim[3]);
}

/* The smaller operand must repeat along the leading dimensions: [..., b] + [1, b]. */
static bool repeats(const limner_tensor *a, const limner_tensor *b)
{
    size_t n = 1;

    if (b->n_dims > a->n_dims || a->n % b->n != 0)
        return false;
    for (uint32_t i = 0; i < b->n_dims && n < b->n; i++) {
        if (b->dim[b->n_dims - 1 - i] != a->dim[a->n_dims - 1 - i])
            return false;
        n *= b->dim[b->n_dims - 1 - i];
    }
    return true;
}

static limner_status check_binary(limner_check *c)
{
    limner_op *op = c->op;

    if (option_u8(c, ADD_ACT))
        return limner_check_refuse(c, "an addition or product with built-in activation");
    if (c->in[0]->n < c->in[1]->n || c->in[0]->data) {
        const int32_t first = op->in[0];
        limner_tensor *t = c->in[0];

        op->in[0] = op->in[1];
        op->in[1] = first;
        c->in[0] = c->in[1];
        c->in[1] = t;
    }
    if (c->in[0]->data || c->in[0]->type != LIMNER_TENSOR_F32)
        return limner_check_refuse(c, "an addition or product of constants");
    if (!repeats(c->in[0], c->in[1]) || !limner_check_is_same_shape(c->in[0], c->out))
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n);
}

static limner_status check_same(limner_check *c)
{
    if (!limner_check_is_same_shape(c->in[0], c->out) || c->out->n_dims < 1)
        return limner_check_refuse_shape(c);
    if (c->op->kind == LIMNER_OP_PRELU) {
        c->op->slope_tensor = c->op->in[1];
        if (c->in[1]->n != c->out->dim[c->out->n_dims - 1])
            return limner_check_refuse_shape(c);
    }
    return limner_check_add_work(c, (double)c->out->n);
}

static limner_status check_concat(limner_check *c)
{
    limner_op *op = c->op;
    const uint32_t n_dims = c->out->n_dims;
    int32_t axis = option(c, CONCAT_AXIS, 0);
    uint64_t sum = 0;

    if (axis < 0)
        axis += (int32_t)n_dims;
    if (axis < 0 || (uint32_t)axis >= n_dims || option_u8(c, CONCAT_ACT))
        return limner_check_refuse(c, "a concatenation with bad options");
    op->axis = (uint32_t)axis;
    for (uint32_t k = 0; k < op->n_in; k++) {
        if (c->in[k]->n_dims != n_dims)
            return limner_check_refuse_shape(c);
        for (uint32_t i = 0; i < n_dims; i++)
            if (i != op->axis && c->in[k]->dim[i] != c->out->dim[i])
                return limner_check_refuse_shape(c);
        sum += c->in[k]->dim[op->axis];
    }
    if (sum != c->out->dim[op->axis])
        return limner_check_refuse_shape(c);
    op->outer = op->inner = 1;
    for (uint32_t i = 0; i < n_dims; i++) {
        if (i < op->axis)
            op->outer *= c->out->dim[i];
        else if (i > op->axis)
            op->inner *= c->out->dim[i];
    }
    return limner_check_add_work(c, (double)c->out->n);
}

static limner_status check_reshape(limner_check *c)
{
    if (c->in[0]->n != c->out->n)
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n);
}

/* Only the slice that takes everything: begin 0, end = shape, stride 1, no masks. */
static limner_status check_slice(limner_check *c)
{
    const limner_tensor *x = c->in[0];

    for (unsigned mask = 0; mask < 6; mask++)
        if (option_u8(c, mask))
            return limner_check_refuse(c, "a slice with masks");
    for (unsigned k = 1; k < 4; k++)
        if (c->in[k]->type != LIMNER_TENSOR_I32 || c->in[k]->n != x->n_dims)
            return limner_check_refuse_shape(c);
    for (uint32_t i = 0; i < x->n_dims; i++)
        if (limner_tensor_i32(c->in[1], i) != 0 || limner_tensor_i32(c->in[3], i) != 1 ||
            limner_tensor_i32(c->in[2], i) != (int32_t)x->dim[i])
            return limner_check_refuse(c, "a slice that does not take everything");
    return limner_check_is_same_shape(x, c->out) ? limner_check_add_work(c, (double)x->n)
                                                 : limner_check_refuse_shape(c);
}

static limner_status check_pad(limner_check *c)
{
    const limner_tensor *x = c->in[0], *pads = c->in[1];

    if (x->n_dims != 4 || c->out->n_dims != 4 || pads->type != LIMNER_TENSOR_I32 || pads->n != 8)
        return limner_check_refuse_shape(c);
    for (uint32_t i = 0; i < 4; i++) {
        const int64_t before = limner_tensor_i32(pads, 2 * i);
        const int64_t after = limner_tensor_i32(pads, 2 * i + 1);

        if (before < 0 || after < 0 || before + x->dim[i] + after != c->out->dim[i])
            return limner_check_refuse_shape(c);
        c->op->pad_before[i] = (uint32_t)before;
    }
    return limner_check_add_work(c, (double)c->out->n);
}

static limner_status check_resize(limner_check *c)
{
    const limner_tensor *x = c->in[0], *size = c->in[1];
    const bool is_aligned = option_u8(c, RESIZE_ALIGNED);
    const bool is_centre = option_u8(c, RESIZE_CENTRE);

    if (!limner_check_is_map(x) || size->type != LIMNER_TENSOR_I32 || size->n != 2 ||
        (is_aligned && is_centre))
        return limner_check_refuse(c, "a resize with bad options");
    if (!limner_check_is_map(c->out) || c->out->dim[3] != x->dim[3] ||
        limner_tensor_i32(size, 0) != (int32_t)c->out->dim[1] ||
        limner_tensor_i32(size, 1) != (int32_t)c->out->dim[2])
        return limner_check_refuse_shape(c);
    c->op->grid = is_centre ? LIMNER_NN_GRID_CENTRE
                  : is_aligned ? LIMNER_NN_GRID_ALIGNED : LIMNER_NN_GRID_CORNER;
    c->op->window = (limner_nn_window){
        .in_h = x->dim[1], .in_w = x->dim[2], .channels = x->dim[3], .out_h = c->out->dim[1],
        .out_w = c->out->dim[2]
    };
    return limner_check_add_work(c, (double)c->out->n * 4);
}

/* Inputs: how many, which of them (bits) are constants and of what type (F32: any float);
 * options table; shapes. */
static const struct rule {
    limner_op_kind kind;
    uint32_t min_in, max_in;
    uint32_t constants;
    limner_tensor_type type;
    uint8_t options;
    limner_status (*check)(limner_check *c);
} rules[] = {
    { LIMNER_OP_ADD, 2, 2, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_ADD,
      check_binary },
    { LIMNER_OP_MULTIPLY, 2, 2, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_MULTIPLY,
      check_binary },
    { LIMNER_OP_AVERAGE_POOL, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_POOL,
      check_pool },
    { LIMNER_OP_MAX_POOL, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_POOL,
      check_pool },
    { LIMNER_OP_CONCAT, 1, 4, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_CONCAT,
      check_concat },
    { LIMNER_OP_CONV, 3, 3, 6, LIMNER_TENSOR_F32, LIMNER_OPTIONS_CONV,
      check_conv },
    { LIMNER_OP_DEPTHWISE, 3, 3, 6, LIMNER_TENSOR_F32, LIMNER_OPTIONS_DEPTHWISE,
      check_depthwise },
    { LIMNER_OP_LOGISTIC, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      check_same },
    { LIMNER_OP_RELU, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      check_same },
    { LIMNER_OP_HARD_SWISH, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      check_same },
    { LIMNER_OP_PRELU, 2, 2, 2, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      check_same },
    { LIMNER_OP_RESHAPE, 1, 2, 2, LIMNER_TENSOR_I32, LIMNER_OPTIONS_RESHAPE,
      check_reshape },
    { LIMNER_OP_RESIZE, 2, 2, 2, LIMNER_TENSOR_I32, LIMNER_OPTIONS_RESIZE,
      check_resize },
    { LIMNER_OP_PAD, 2, 2, 2, LIMNER_TENSOR_I32, LIMNER_OPTIONS_NONE,
      check_pad },
    { LIMNER_OP_STRIDED_SLICE, 4, 4, 14, LIMNER_TENSOR_I32, LIMNER_OPTIONS_STRIDED_SLICE,
      check_slice },
    { LIMNER_OP_CONV_TRANSPOSE, 3, 3, 6, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      check_conv_transpose },
    { LIMNER_OP_BOX_MATRIX, 1, 1, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      limner_check_box },
    { LIMNER_OP_CUT_OUT, 2, 2, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      limner_check_cut_out },
    { LIMNER_OP_TRANSFORM_POINTS, 2, 2, 0, LIMNER_TENSOR_F32, LIMNER_OPTIONS_NONE,
      limner_check_points },
};

static const struct rule *find_rule(limner_op_kind kind)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].kind == kind)
            return &rules[i];
    return NULL;
}

/* A float16 or float32 constant under another name. */
static limner_status check_dequantize(limner_check *c)
{
    if (c->op->n_in != 1 || !c->in[0]->data || c->in[0]->type == LIMNER_TENSOR_I32 ||
        !limner_check_is_same_shape(c->in[0], c->out))
        return limner_check_refuse(c, "only float constants can be dequantised");
    c->out->data = c->in[0]->data;
    c->out->type = c->in[0]->type;
    c->op->is_dead = true;
    return LIMNER_OK;
}

static limner_status check_inputs(limner_check *c, const struct rule *rule)
{
    const bool is_binary = rule->check == check_binary;

    if (c->op->n_in < rule->min_in || c->op->n_in > rule->max_in)
        return limner_check_refuse(c, "an operator with the wrong number of inputs");
    if (c->op->options_type != rule->options && c->op->options_type != LIMNER_OPTIONS_NONE)
        return limner_check_refuse(c, "an operator with another one's options");
    for (uint32_t i = 0; i < c->op->n_in; i++) {
        const bool wants_constant = rule->constants >> i & 1;
        const bool is_constant = c->in[i]->data;

        if (is_constant != wants_constant && !is_binary)
            return limner_check_refuse(c,
                                       "a constant in the wrong place, or none in the right one");
        if (!is_constant && c->in[i]->type != LIMNER_TENSOR_F32)
            return limner_check_refuse(c, "a computed tensor that is not float");
        if (is_constant &&
            (c->in[i]->type == LIMNER_TENSOR_I32) != (rule->type == LIMNER_TENSOR_I32))
            return limner_check_refuse(c, "a constant of the wrong type");
    }
    return LIMNER_OK;
}

static limner_status check_op(limner_tflite *m, uint32_t index)
{
    limner_check c = { .m = m, .op = &m->op[index], .out = &m->tensor[m->op[index].out] };
    const struct rule *rule = find_rule(c.op->kind);
    limner_status st;

    for (uint32_t i = 0; i < c.op->n_in; i++) {
        c.in[i] = &m->tensor[c.op->in[i]];
        if (!c.in[i]->is_defined)
            return limner_check_refuse(&c, "an operator reads what is not computed yet");
    }
    if (c.out->is_defined)
        return limner_check_refuse(&c, "a tensor is computed twice");
    c.out->is_defined = true;
    if (c.op->kind == LIMNER_OP_DEQUANTIZE)
        return check_dequantize(&c);
    if (c.out->type != LIMNER_TENSOR_F32)
        return limner_check_refuse(&c, "a computed tensor that is not float");
    c.out->producer = (int32_t)index;
    st = rule ? check_inputs(&c, rule) : LIMNER_E_FORMAT;
    return st < 0 ? st : rule->check(&c);
}

limner_status limner_tflite_check(limner_tflite *m)
{
    limner_status st = LIMNER_OK;

    for (uint32_t i = 0; i < m->n_in; i++)
        m->tensor[m->in[i]].is_defined = true;
    for (uint32_t i = 0; i < m->n_ops && st == LIMNER_OK; i++)
        st = check_op(m, i);
    if (st == LIMNER_OK && m->file.is_bad)
        st = limner_tflite_fail(m, LIMNER_E_FORMAT, "an operator's options are damaged");
    for (uint32_t i = 0; i < m->n_out && st == LIMNER_OK; i++)
        if (m->tensor[m->out[i]].producer < 0)
            st = limner_tflite_fail(m, LIMNER_E_FORMAT, "an output is never computed");
    return st;
}
