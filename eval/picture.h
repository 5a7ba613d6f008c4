/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of pictures, packed sRGB of w x h, 3 bytes a pixel, and the similarity transform as a
 * baseline. A mask holds one byte a pixel, 0: not counted; NULL: everything counts. */
#ifndef LIMNER_EVAL_PICTURE_H
#define LIMNER_EVAL_PICTURE_H

#include <stdint.h>

#include "limner/limner.h"

/* Peak signal to noise ratio over all three channels, dB; equal pictures give 99. NaN: nothing
 * counts. */
double eval_psnr(const uint8_t *a, const uint8_t *b, const uint8_t *mask, uint32_t w, uint32_t h);
/* Mean structural similarity of the brightness (Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image
 * Proc. 13, 2004): Gaussian windows of 11 x 11, sigma 1.5, K 0.01 and 0.03; a window counts where
 * its middle does. NaN: no memory, or nothing counts. */
double eval_ssim(const uint8_t *a, const uint8_t *b, const uint8_t *mask, uint32_t w, uint32_t h);

/* x' = a x - b y + tx, y' = b x + a y + ty */
typedef struct eval_similarity {
    double a, b, tx, ty;
} eval_similarity;
/* Least squares over all landmarks (Umeyama, PAMI 13, 1991): from -> to. */
eval_similarity eval_similarity_of(const float from[478][2], const float to[478][2]);
/* dst(t(x)) = src(x), bicubic, edges repeated. */
void eval_similarity_warp(uint8_t *dst, const uint8_t *src, uint32_t w, uint32_t h,
                          const eval_similarity *t);
/* The square `box` of a photo resampled to size x size: area-averaged where it shrinks, bicubic
 * where it grows; beyond the photo its edge repeats. 0, or -1: no memory. */
int eval_crop(uint8_t *dst, uint32_t size_px, const limner_photo *photo,
              const limner_face_box *box);
/* mask: 255 inside the convex hull of the landmarks, grown by grow_px. */
void eval_face_mask(uint8_t *mask, uint32_t w, uint32_t h, const float landmarks[478][2],
                    double grow_px);

#endif
