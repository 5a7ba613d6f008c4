/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of MediaPipe's attention mesh: a box around some landmarks as a matrix, the part of
 * a map that it cuts out, points moved by it. Their options are FlexBuffers. */
#include <math.h>

#include "core/mem.h"
#include "nn/flexbuffer.h"
#include "nn/tflite_check.h"

/* A whole number of 0..LIMNER_TFLITE_MAX_SIDE from the custom options. */
static bool custom_whole(const limner_op *op, const char *key, uint32_t *out)
{
    double v;

    if (!limner_flex_number(op->custom, op->custom_bytes, key, &v) || !(v >= 0) ||
        v > LIMNER_TFLITE_MAX_SIDE || v != floor(v))
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool custom_float(const limner_op *op, const char *key, float *out)
{
    double v;

    if (!limner_flex_number(op->custom, op->custom_bytes, key, &v) || !(fabs(v) < 1e6))
        return false;
    *out = (float)v;
    return true;
}

static bool read_box(const limner_op *op, limner_nn_box *box, uint32_t n_landmarks)
{
    int32_t index[LIMNER_NN_BOX_MAX_POINTS];
    size_t n;

    if (!custom_whole(op, "left_rotation_idx", &box->left) || box->left >= n_landmarks ||
        !custom_whole(op, "right_rotation_idx", &box->right) || box->right >= n_landmarks ||
        !custom_whole(op, "output_width", &box->out_w) || !box->out_w ||
        !custom_whole(op, "output_height", &box->out_h) || !box->out_h ||
        !custom_float(op, "scale_x", &box->scale_x) ||
        !custom_float(op, "scale_y", &box->scale_y) ||
        !custom_float(op, "target_rotation_radians", &box->angle) ||
        !limner_flex_integers(op->custom, op->custom_bytes, "subset_idxs", index,
                              LIMNER_NN_BOX_MAX_POINTS, &n) ||
        n < 1)
        return false;
    box->n_points = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        if (index[i] < 0 || (uint32_t)index[i] >= n_landmarks)
            return false;
        box->point[i] = (uint32_t)index[i];
    }
    return true;
}

static bool is_matrix(const limner_tensor *t)
{
    return t->n_dims == 3 && t->dim[0] == 1 && t->dim[1] == 4 && t->dim[2] == 4;
}

limner_status limner_check_box(limner_check *c)
{
    const limner_tensor *x = c->in[0];

    if (x->n_dims != 3 || x->dim[0] != 1 || x->dim[2] != 3 || !is_matrix(c->out))
        return limner_check_refuse_shape(c);
    c->op->box = limner_calloc(1, sizeof(*c->op->box));
    if (!c->op->box)
        return limner_tflite_fail(c->m, LIMNER_E_NOMEM, "out of memory");
    if (!read_box(c->op, c->op->box, x->dim[1]))
        return limner_check_refuse(c, "a landmark box with bad options");
    return limner_check_add_work(c, LIMNER_NN_BOX_MAX_POINTS);
}

limner_status limner_check_cut_out(limner_check *c)
{
    const limner_tensor *x = c->in[0];
    uint32_t w, h;

    if (!custom_whole(c->op, "output_width", &w) || !custom_whole(c->op, "output_height", &h))
        return limner_check_refuse(c, "a cut-out with bad options");
    if (!limner_check_is_map(x) || !is_matrix(c->in[1]) ||
        !limner_check_has_shape(c->out, 1, h, w, x->dim[3]))
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n * 4);
}

limner_status limner_check_points(limner_check *c)
{
    const limner_tensor *x = c->in[0];

    if (x->n_dims != 3 || x->dim[0] != 1 || x->dim[2] != 2 || !is_matrix(c->in[1]) ||
        !limner_check_is_same_shape(x, c->out))
        return limner_check_refuse_shape(c);
    return limner_check_add_work(c, (double)c->out->n);
}
