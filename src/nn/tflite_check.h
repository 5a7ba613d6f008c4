/* SPDX-License-Identifier: Apache-2.0 */
/* One operator under check, and what its rules share. Statuses are those of limner_tflite_check. */
#ifndef LIMNER_NN_TFLITE_CHECK_H
#define LIMNER_NN_TFLITE_CHECK_H

#include "nn/tflite_internal.h"

typedef struct limner_check {
    limner_tflite *m;
    limner_op *op;
    limner_tensor *in[LIMNER_TFLITE_OP_INPUTS];
    limner_tensor *out;
} limner_check;

/* LIMNER_E_FORMAT with this reason, or that shapes do not fit. */
limner_status limner_check_refuse(limner_check *c, const char *why);
limner_status limner_check_refuse_shape(limner_check *c);
/* Counts n multiplications; LIMNER_E_LIMIT where they become too many. */
limner_status limner_check_add_work(limner_check *c, double n);

/* [1][height][width][channels] */
bool limner_check_is_map(const limner_tensor *t);
bool limner_check_has_shape(const limner_tensor *t, uint32_t d0, uint32_t d1, uint32_t d2,
                            uint32_t d3);
bool limner_check_is_same_shape(const limner_tensor *a, const limner_tensor *b);

/* The rules of tflite_check_boxes.c. */
limner_status limner_check_box(limner_check *c);
limner_status limner_check_cut_out(limner_check *c);
limner_status limner_check_points(limner_check *c);

#endif
