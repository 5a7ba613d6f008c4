/* SPDX-License-Identifier: Apache-2.0 */
/* The photo at canvas resolution, taken from wherever it is kept finest, so that a face is as sharp
 * as its surroundings also where the frame is larger than the crop; and the same for the layers
 * that are the photo in part. */
#ifndef LIMNER_RENDER_DETAIL_H
#define LIMNER_RENDER_DETAIL_H

#include "face/appearance.h"
#include "render/texture.h"

/* Opens `photo`; and, where the whole photo has more to show than the crop, `coarse`: the same from
 * the crop alone. E_NOMEM. */
limner_status limner_detail_photo(limner_texture *photo, limner_texture *coarse,
                                  const limner_appearance *app, const limner_view *view);
/* `layer`, which is `coarse` where nothing was painted into it, becomes `fine` there; the more was
 * painted, the less it takes over. `cover` [h][w]: what else hides the photo, 255 = all of it;
 * NULL: nothing. All of one size; layer's alpha stays. Where layer == coarse and cover == 0 it then
 * equals `fine`. */
void limner_detail_add(limner_texture *layer, const limner_texture *fine,
                       const limner_texture *coarse, const limner_image *cover);

#endif
