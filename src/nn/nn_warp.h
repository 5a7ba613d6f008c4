/* SPDX-License-Identifier: Apache-2.0 */
/* The operators by which MediaPipe's landmark net looks closer at lips and eyes ("attention mesh",
 * Grishchenko et al. 2020): landmarks give a turned box, the box cuts a part out of a feature
 * map, and points found there go back to the picture. Nothing is assumed of the numbers: NaN
 * and infinity give zeros or travel on. */
#ifndef LIMNER_NN_NN_WARP_H
#define LIMNER_NN_NN_WARP_H

#include <stddef.h>
#include <stdint.h>

#define LIMNER_NN_BOX_MAX_POINTS 128

/* A box around some landmarks, level with the line from one landmark to another. */
typedef struct limner_nn_box {
    uint32_t n_points;
    uint32_t point[LIMNER_NN_BOX_MAX_POINTS];   /* landmark indices */
    uint32_t left, right;               /* the line's landmarks */
    float angle;                        /* radians, added to the line's */
    float scale_x, scale_y;             /* of the box */
    uint32_t out_h, out_w;              /* pixels of the cut-out */
} limner_nn_box;

/* m [4][4]: cut-out pixels -> the units of landmarks [n][3]. */
void limner_nn_box_matrix(const limner_nn_box *box, const float *landmarks, float *m);
/* y [out_h][out_w][channels]: x [h][w][channels] at m * pixel, bilinear; 0 outside. Pixel centres
 * count as +0.5 on both sides. */
void limner_nn_cut_out(const float *x, uint32_t h, uint32_t w, uint32_t channels, const float *m,
                       float *y, uint32_t out_h, uint32_t out_w);
/* out [n][2] = m * points [n][2]. */
void limner_nn_transform_points(const float *points, size_t n, const float *m, float *out);

#endif
