/* SPDX-License-Identifier: Apache-2.0 */
/* Paints the far side of a face (far_side.h) pixel by pixel, in a part of the texture of its own:
 * from the photo where that shows it, else from its mirror image in the photo. Pixels of the
 * texture; colours 0..255. */
#ifndef LIMNER_RENDER_FAR_PAINT_H
#define LIMNER_RENDER_FAR_PAINT_H

#include "render/far_skin.h"

/* Paints triangles [n][3] of the model at their places in the texture, and a little around them,
 * from the rows of `t` above `first_row`; alpha goes to map, [t->h][t->w]. E_NOMEM. */
limner_status limner_far_skin_paint(const limner_far_skin *s, const uint16_t *triangle, uint32_t n,
                                    int32_t first_row, const limner_texture *t, uint8_t *map);

#endif
