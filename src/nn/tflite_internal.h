/* SPDX-License-Identifier: Apache-2.0 */
/* The graph behind a limner_tflite, and the passes of limner_tflite_open in their order:
 *
 *   limner_tflite_parse     file -> tensors and operators, all indices and constants checked
 *   limner_tflite_check     arity, types, order of definition, shapes; windows and boxes filled in
 *   limner_tflite_fuse      additions and activations join the convolution before them
 *   limner_tflite_pack      weights to float32 in the kernels' order; the file is done with
 *   limner_tflite_plan      a place in the arena for every activation
 *
 * Each returns LIMNER_OK, E_FORMAT, E_LIMIT or E_NOMEM and sets m->why on failure. */
#ifndef LIMNER_NN_TFLITE_INTERNAL_H
#define LIMNER_NN_TFLITE_INTERNAL_H

#include "nn/flatbuffer.h"
#include "nn/nn_ops.h"
#include "nn/nn_warp.h"
#include "nn/tflite.h"

enum { LIMNER_TFLITE_OP_INPUTS = 4, LIMNER_TFLITE_DIMS = 4 };

/* TFLite's tensor types, as far as known here. */
typedef enum limner_tensor_type {
    LIMNER_TENSOR_F32 = 0, LIMNER_TENSOR_F16 = 1, LIMNER_TENSOR_I32 = 2
} limner_tensor_type;

/* Operators; the value is TFLite's builtin code, custom ones follow. */
typedef enum limner_op_kind {
    LIMNER_OP_ADD = 0, LIMNER_OP_AVERAGE_POOL = 1, LIMNER_OP_CONCAT = 2, LIMNER_OP_CONV = 3,
    LIMNER_OP_DEPTHWISE = 4, LIMNER_OP_DEQUANTIZE = 6, LIMNER_OP_LOGISTIC = 14,
    LIMNER_OP_MAX_POOL = 17, LIMNER_OP_MULTIPLY = 18, LIMNER_OP_RELU = 19,
    LIMNER_OP_RESHAPE = 22, LIMNER_OP_RESIZE = 23, LIMNER_OP_CUSTOM = 32, LIMNER_OP_PAD = 34,
    LIMNER_OP_STRIDED_SLICE = 45, LIMNER_OP_PRELU = 54, LIMNER_OP_HARD_SWISH = 117,
    LIMNER_OP_CONV_TRANSPOSE = 1000, LIMNER_OP_BOX_MATRIX, LIMNER_OP_CUT_OUT,
    LIMNER_OP_TRANSFORM_POINTS
} limner_op_kind;

/* TFLite's BuiltinOptions: which table an operator's options are. */
enum {
    LIMNER_OPTIONS_NONE = 0, LIMNER_OPTIONS_CONV = 1, LIMNER_OPTIONS_DEPTHWISE = 2,
    LIMNER_OPTIONS_POOL = 5, LIMNER_OPTIONS_CONCAT = 10, LIMNER_OPTIONS_ADD = 11,
    LIMNER_OPTIONS_RESIZE = 15, LIMNER_OPTIONS_RESHAPE = 17, LIMNER_OPTIONS_MULTIPLY = 21,
    LIMNER_OPTIONS_STRIDED_SLICE = 32
};

typedef struct limner_tensor {
    uint32_t n_dims;
    uint32_t dim[LIMNER_TFLITE_DIMS];   /* beyond n_dims: 1 */
    size_t n;                   /* elements */
    limner_tensor_type type;
    const uint8_t *data;        /* a constant's elements, in the file; NULL: computed */
    int32_t producer;           /* operator; -1: none yet, or a graph input */
    bool is_defined;            /* constant, graph input, or computed by then */
    uint32_t readers;           /* operators and graph outputs that read it */
    int32_t first_use, last_use;        /* operator numbers, set by the plan; -1: before the run */
    size_t at;                  /* place in the arena, floats */
} limner_tensor;

typedef struct limner_op {
    limner_op_kind kind;
    bool is_dead;               /* fused into another, or done at open */
    uint32_t n_in;
    int32_t in[LIMNER_TFLITE_OP_INPUTS];
    int32_t out;
    limner_flat_table options;  /* while opening */
    uint8_t options_type;
    const uint8_t *custom;      /* custom options, while opening */
    size_t custom_bytes;
    limner_nn_window window;
    limner_nn_grid grid;
    uint32_t pad_before[LIMNER_TFLITE_DIMS];
    size_t outer, inner;        /* concat: blocks, and floats of a block per unit of the axis */
    uint32_t axis;
    limner_nn_box *box;         /* owned */
    int32_t residual;           /* fused addition; -1: none */
    limner_nn_activation act;   /* fused */
    int32_t slope_tensor;       /* fused or own PReLU; -1: none */
    bool is_relu;               /* fused ReLU: slopes of 0 */
    float *weights, *bias, *slope;      /* packed; one owned block, `weights` its start */
    float *constant;            /* owned: an operand of add and multiply that is constant */
} limner_op;

struct limner_tflite {
    limner_flat file;           /* while opening */
    const char *why;
    uint32_t n_tensors, n_ops, n_in, n_out;
    limner_tensor *tensor;
    limner_op *op;
    int32_t in[LIMNER_TFLITE_MAX_PORTS], out[LIMNER_TFLITE_MAX_PORTS];
    limner_tflite_port in_port[LIMNER_TFLITE_MAX_PORTS], out_port[LIMNER_TFLITE_MAX_PORTS];
    size_t weight_bytes;        /* spent of LIMNER_TFLITE_MAX_WEIGHT_BYTES */
    size_t arena_floats;        /* tensors, then scratch */
    size_t scratch_at;          /* place of the scratch */
    double work;
};

limner_status limner_tflite_parse(limner_tflite *m);
limner_status limner_tflite_check(limner_tflite *m);
void limner_tflite_fuse(limner_tflite *m);
limner_status limner_tflite_pack(limner_tflite *m);
limner_status limner_tflite_plan(limner_tflite *m);

/* Records the reason and returns the status. */
limner_status limner_tflite_fail(limner_tflite *m, limner_status st, const char *why);
/* Element i of a constant. */
float limner_tensor_f32(const limner_tensor *t, size_t i);
int32_t limner_tensor_i32(const limner_tensor *t, size_t i);

#endif
