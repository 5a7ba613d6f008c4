/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes, cut-outs and points of the attention mesh (see nn_warp.h). A matrix maps (column, row) of
 * the cut-out: x = m[0] column + m[1] row + m[3], y = m[4] column + m[5] row + m[7]. */
#include "nn/nn_warp.h"

#include <float.h>
#include <math.h>
#include <string.h>

void limner_nn_box_matrix(const limner_nn_box *box, const float *landmarks, float *m)
{
    const float *left = landmarks + 3 * (size_t)box->left;
    const float *right = landmarks + 3 * (size_t)box->right;
    const float angle = box->angle - atan2f(right[1] - left[1], right[0] - left[0]);
    const float c = cosf(angle), s = sinf(angle);
    const float out_w = (float)box->out_w, out_h = (float)box->out_h;
    float u0 = FLT_MAX, u1 = -FLT_MAX, v0 = FLT_MAX, v1 = -FLT_MAX;
    float mid_u, mid_v, mid_x, mid_y, sx, sy;

    for (uint32_t i = 0; i < box->n_points; i++) {
        const float *p = landmarks + 3 * (size_t)box->point[i];
        const float u = p[0] * c - p[1] * s, v = p[0] * s + p[1] * c;

        u0 = fminf(u0, u);
        u1 = fmaxf(u1, u);
        v0 = fminf(v0, v);
        v1 = fmaxf(v1, v);
    }
    mid_u = (u0 + u1) / 2;
    mid_v = (v0 + v1) / 2;
    mid_x = mid_u * c + mid_v * s;
    mid_y = -mid_u * s + mid_v * c;
    sx = box->scale_x * (u1 - u0) / out_w;
    sy = box->scale_y * (v1 - v0) / out_h;
    memset(m, 0, 16 * sizeof(*m));
    m[0] = c * sx;
    m[1] = s * sy;
    m[3] = mid_x - m[0] * out_w / 2 - m[1] * out_h / 2;
    m[4] = -s * sx;
    m[5] = c * sy;
    m[7] = mid_y - m[4] * out_w / 2 - m[5] * out_h / 2;
    m[10] = m[15] = 1;
}

static void bilinear(const float *x, uint32_t h, uint32_t w, uint32_t channels, float at_x,
                     float at_y, float *y)
{
    const size_t x0 = (size_t)at_x, y0 = (size_t)at_y;
    const size_t x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
    const float u = at_x - (float)x0, v = at_y - (float)y0;
    const float *p00 = x + (y0 * w + x0) * channels, *p01 = x + (y0 * w + x1) * channels;
    const float *p10 = x + (y1 * w + x0) * channels, *p11 = x + (y1 * w + x1) * channels;

    for (uint32_t c = 0; c < channels; c++)
        y[c] = (1 - v) * ((1 - u) * p00[c] + u * p01[c]) + v * ((1 - u) * p10[c] + u * p11[c]);
}

void limner_nn_cut_out(const float *x, uint32_t h, uint32_t w, uint32_t channels, const float *m,
                       float *y, uint32_t out_h, uint32_t out_w)
{
    const float x_max = (float)(w - 1), y_max = (float)(h - 1);
    const float x0 = m[3] + 0.5f * (m[0] + m[1]) - 0.5f;
    const float y0 = m[7] + 0.5f * (m[4] + m[5]) - 0.5f;

    for (uint32_t i = 0; i < out_h; i++)
        for (uint32_t j = 0; j < out_w; j++, y += channels) {
            const float at_x = m[0] * (float)j + m[1] * (float)i + x0;
            const float at_y = m[4] * (float)j + m[5] * (float)i + y0;

            if (at_x >= 0 && at_y >= 0 && at_x <= x_max && at_y <= y_max)
                bilinear(x, h, w, channels, at_x, at_y, y);
            else
                memset(y, 0, channels * sizeof(*y));
        }
}

void limner_nn_transform_points(const float *points, size_t n, const float *m, float *out)
{
    for (size_t i = 0; i < n; i++, points += 2, out += 2) {
        const float x = points[0], y = points[1];

        out[0] = m[0] * x + m[1] * y + m[3];
        out[1] = m[4] * x + m[5] * y + m[7];
    }
}
