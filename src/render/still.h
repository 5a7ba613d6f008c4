/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a picture that never moves: the whole photo in the frame's own pixel format, copied
 * around the canvas of each frame, and taken off again where several faces share one picture. */
#ifndef LIMNER_RENDER_STILL_H
#define LIMNER_RENDER_STILL_H

#include "core/image.h"
#include "render/renderer.h"
#include "render/texture.h"

/* A part of the frame, pixels, all even. */
typedef struct limner_still_part {
    uint32_t left, top, width, height;
} limner_still_part;

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
/* In this part of the target: what it shows becomes what it changes in the still picture, added to
 * `under`. */
void limner_still_add(const limner_still *s, const limner_render_target *under,
                      const limner_render_target *target, const limner_still_part *part);
void limner_still_close(limner_still *s);

#endif
