/* SPDX-License-Identifier: Apache-2.0 */
/* Filters on float planes [h][w], rows packed: box and Gaussian means, exact Euclidean distance,
 * push-pull filling of holes, resizing, and conversion from and to pictures. The loops run along
 * rows so that compilers vectorise them. No function keeps a pointer; scratch is the caller's, of
 * the size stated, and must not overlap the other arguments. 1 <= w, h <= 32768. */
#ifndef LIMNER_CORE_FILTER_H
#define LIMNER_CORE_FILTER_H

#include "core/image.h"

/* Mean over the (2 radius + 1)^2 window, cut off at the border. `out` may be `in`. scratch
 * [h][w]. */
void limner_filter_box(float *out, const float *in, float *scratch, int w, int h, int radius);

/* Gaussian of deviation sigma pixels (0 < sigma <= 16, cut at 3 sigma), border clamped. `out` may
 * be `in`. scratch [h][w]. */
void limner_filter_gauss(float *out, const float *in, float *scratch, int w, int h, float sigma);

/* out: distance in pixels to the nearest pixel with in > 0.5 (0 there); w + h where there is none.
 * Exact (Felzenszwalb and Huttenlocher 2012). `out` may be `in`. LIMNER_OK, E_NOMEM. */
limner_status limner_filter_distance(float *out, const float *in, int w, int h);

/* Fills the planes where weight [h][w] (0..1) is below 1 from where it is not, by a pyramid of
 * weighted means (push-pull, Gortler et al. 1996): smooth, reaches everywhere. Pixels of weight 1
 * stay as they are; between, the value is mixed. All-zero weight: planes become 0. LIMNER_OK,
 * E_NOMEM. */
limner_status limner_filter_fill(float *const *plane, int n_planes, const float *weight, int w,
                                 int h);

/* Bilinear when enlarging an axis, mean over the footprint when reducing it; borders clamped, edges
 * of both planes coincide. out [out_h][out_w]; scratch [out_h][w]. */
void limner_filter_resize(float *out, int out_w, int out_h, const float *in, int w, int h,
                          float *scratch);

/* One channel of a picture as a plane, 0..255 -> 0..1. */
void limner_filter_from_image(float *out, const limner_image *img, uint32_t channel);

#endif
