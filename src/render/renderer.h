/* SPDX-License-Identifier: Apache-2.0 */
/* Motion and appearance -> one frame. A renderer is made for one appearance, one output size and
 * framing; opening it prepares layers at output size and all buffers, so that rendering a frame
 * allocates nothing. One thread at a time per renderer; rows are shared out over the pool; the
 * result does not depend on the number of threads. */
#ifndef LIMNER_RENDER_RENDERER_H
#define LIMNER_RENDER_RENDERER_H

#include "core/pool.h"
#include "face/appearance.h"
#include "face/face_model.h"

typedef struct limner_renderer limner_renderer;

typedef struct limner_render_target {
    uint8_t *plane[3];
    ptrdiff_t stride[3];        /* bytes */
    limner_pixel pixel;
} limner_render_target;

/* `face`, `app` and `pool` (may be NULL) must outlive the renderer. E_ARG, E_NOMEM. */
limner_status limner_renderer_open(limner_renderer **out, const limner_face *face,
                                   const limner_appearance *app, limner_pool *pool,
                                   limner_framing framing, limner_pixel pixel, uint32_t width_px,
                                   uint32_t height_px);
/* At the photo's own motion (limner_portrait_motion) the frame is the photo. FULL: what the face
 * changes in the photo is added to the frame `under` (same size and pixel format, another frame
 * than `target`; NULL: the photo). */
void limner_renderer_draw(limner_renderer *r, const limner_motion *motion,
                          const limner_render_target *under, const limner_render_target *target);
/* Seconds from frame to frame: hair then lags behind the head. 0 (the default): each frame is drawn
 * for itself. */
void limner_renderer_set_frame_time(limner_renderer *r, float frame_s);
void limner_renderer_close(limner_renderer **r);        /* NULL-safe; sets NULL */

#endif
