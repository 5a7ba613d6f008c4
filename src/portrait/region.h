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

#endif
