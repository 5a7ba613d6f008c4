/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of a portrait at canvas resolution, ready for sampling: RGBA, 8 bits, with a border of
 * repeated pixels so that a bicubic footprint needs no clamping. */
#ifndef LIMNER_RENDER_TEXTURE_H
#define LIMNER_RENDER_TEXTURE_H

#include "core/image.h"
#include "render/pose.h"

enum { LIMNER_TEXTURE_PAD = 4, LIMNER_TINT_ONE = 256 };

typedef struct limner_texture {
    uint8_t *bytes;
    uint8_t *origin;                    /* pixel (0, 0) */
    ptrdiff_t stride;                   /* bytes */
    int32_t w, h;
    int32_t tint[4];                    /* 1/LIMNER_TINT_ONE: how much of a change of light each
                                         * channel takes; 1, or what makes it whiter than the
                                         * surface; alpha's is 0 */
} limner_texture;

/* w x h, contents zero, tint 1. E_NOMEM. */
limner_status limner_texture_open(limner_texture *t, int32_t w, int32_t h);
void limner_texture_close(limner_texture *t);
/* Repeats the outermost pixels into the border; after the last change. */
void limner_texture_seal(limner_texture *t);
static inline uint8_t *limner_texture_at(const limner_texture *t, int32_t x, int32_t y)
{
    return t->origin + y * t->stride + (ptrdiff_t)4 * x;
}
/* `img` (a crop layer, 1 or 3 channels) at canvas resolution in `out` (opened here). */
limner_status limner_texture_layer(limner_image *out, const limner_image *img,
                                   const limner_view *view);
/* Opens t, w x h, with a 3-channel layer of the crop and, as its alpha, a 1-channel one (NULL:
 * opaque). E_NOMEM. */
limner_status limner_texture_layers(limner_texture *t, const limner_image *rgb,
                                    const limner_image *alpha, const limner_view *view);
/* Copies img (3 channels) from its column x on to rows y and on, as far as they are rows of t. */
void limner_texture_put(limner_texture *t, int32_t y, const limner_image *img, uint32_t x);
/* Cubic (cubic_table.c) at (x, y), pixel centres at +0.5, to rgba 0..255 (may overshoot a little).
 * Exact at pixel centres. */
void limner_texture_sample(const limner_texture *t, float x, float y, float rgba[4]);
/* Bilinear value of one byte map [h][w] at (x, y), 0..255. */
float limner_map_sample(const uint8_t *map, int32_t w, int32_t h, float x, float y);

#endif
