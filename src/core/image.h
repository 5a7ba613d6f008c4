/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures inside the library: interleaved 8-bit, 1, 3 or 4 channels, sRGB. Pixel (x, y) covers
 * [x, x+1) x [y, y+1), its centre is at +0.5. */
#ifndef LIMNER_CORE_IMAGE_H
#define LIMNER_CORE_IMAGE_H

#include "limner/limner.h"

typedef struct limner_image {
    uint8_t *px;                /* [h][stride]; owned, but in a view, which is not closed */
    ptrdiff_t stride;           /* bytes */
    uint32_t w, h;
    uint32_t n_channels;        /* 1, 3 or 4 */
} limner_image;

/* Rows packed, contents zero. E_ARG for a zero or over-large side, E_NOMEM. */
limner_status limner_image_open(limner_image *out, uint32_t w, uint32_t h, uint32_t n_channels);
limner_status limner_image_copy(limner_image *out, const limner_image *from);
void limner_image_close(limner_image *img);             /* frees and clears; NULL-safe */
static inline uint8_t *limner_image_row(const limner_image *img, uint32_t y)
{
    return img->px + (ptrdiff_t)y * img->stride;
}

/* out(x, y) = img sampled at A * (x + .5, y + .5, 1): A [2][3] row-major maps coordinates of `out`
 * to those of img (pixel-centre convention). Catmull-Rom when magnifying, averaged over the
 * footprint when minifying, on sRGB values; outside is clamped to the border. `out` is already
 * open, same n_channels. Exact copy when A is an integer translation. Allocates nothing. */
void limner_image_warp(limner_image *out, const limner_image *img, const float a[6]);

#endif
