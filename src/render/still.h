/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a picture that never moves: the whole photo in the frame's own pixel format, copied
 * around the canvas of each frame. */
#ifndef LIMNER_RENDER_STILL_H
#define LIMNER_RENDER_STILL_H

#include "core/image.h"
#include "render/renderer.h"
#include "render/texture.h"

/* A part of the frame, pixels, all even. */
typedef struct limner_still_part {
    uint32_t left, top, width, height;
} limner_still_part;

/* Bytes a plane's row takes for n pixels, from 0 or, even, from anywhere; rows it has for n. */
static inline size_t limner_still_bytes(limner_pixel pixel, int plane, uint32_t n)
{
    if (pixel == LIMNER_PIXEL_RGBA)
        return 4 * (size_t)n;
    return plane && pixel == LIMNER_PIXEL_I420 ? n / 2 : n;
}

static inline uint32_t limner_still_rows(int plane, uint32_t n)
{
    return plane ? n / 2 : n;
}

static inline int limner_still_planes(limner_pixel pixel)
{
    return pixel == LIMNER_PIXEL_RGBA ? 1 : pixel == LIMNER_PIXEL_NV12 ? 2 : 3;
}

static inline uint8_t *limner_still_at(const limner_render_target *t, int plane, uint32_t x,
                                       uint32_t y)
{
    return t->plane[plane] + (ptrdiff_t)limner_still_rows(plane, y) * t->stride[plane] +
           limner_still_bytes(t->pixel, plane, x);
}

typedef struct limner_still {
    limner_render_target at;            /* planes of `bytes` */
    uint8_t *bytes;
    uint32_t w, h;
} limner_still;

/* w x h pixels (even) of `img` (3 channels), sampled as by limner_image_warp with `a`; the
 * canvas part of it also fills `photo`, which is open, of that size. E_NOMEM. */
limner_status limner_still_open(limner_still *s, const limner_image *img, const float a[6],
                                limner_pixel pixel, uint32_t w, uint32_t h, limner_texture *photo,
                                const limner_still_part *canvas);
/* The same of an opaque texture as large as the frame. E_NOMEM. */
limner_status limner_still_of(limner_still *s, const limner_texture *t, limner_pixel pixel);
/* Copies the still picture to the rows of `part` in the target, all but the part itself. */
void limner_still_beside(const limner_still *s, const limner_render_target *target,
                         const limner_still_part *part);
/* Copies slice `slice` of n_slices of `from` (NULL: the still picture) to the target, all but the
 * canvas. */
void limner_still_copy(const limner_still *s, const limner_render_target *from,
                       const limner_render_target *target, const limner_still_part *canvas,
                       uint32_t slice, uint32_t n_slices);
void limner_still_close(limner_still *s);

#endif
