/* SPDX-License-Identifier: Apache-2.0 */
/* Square regions of a picture, sampled as a net's input. */
#ifndef LIMNER_PORTRAIT_REGION_H
#define LIMNER_PORTRAIT_REGION_H

#include <stdbool.h>

#include "core/image.h"

/* A square of the picture, turned: centre and side in pixels (pixel centres at +0.5), angle in
 * degrees, > 0 clockwise on the screen. */
typedef struct limner_region {
    float cx, cy, side, angle;
} limner_region;

/* out [n][n][3] = lo + (hi - lo) * v / 255 of the region sampled at n x n points: bilinear,
 * averaged over the area of a point when that is more than a pixel. Outside the picture:
 * `is_padded` black, else the nearest pixel. img has 3 channels. */
void limner_region_sample(float *out, uint32_t n, const limner_image *img,
                          const limner_region *region, float lo, float hi, bool is_padded);

/* Pixels per side of the largest picture that limner_region_reduce makes. */
#define LIMNER_REDUCED_PX 640u

/* What lies in and around a region, reduced by the whole factor at which n points per side are one
 * to two pixels apart: *view is that picture, in `store` (LIMNER_REDUCED_PX^2 * 3 bytes), and
 * *reduced the region in it; factor 1: img and region themselves. Beyond the border img's border
 * is repeated. Returns the factor; *x0, *y0: where the view begins in img. */
uint32_t limner_region_reduce(limner_image *view, limner_region *reduced, int64_t *x0,
                              int64_t *y0, uint8_t *store, const limner_image *img,
                              const limner_region *region, uint32_t n);

#endif
