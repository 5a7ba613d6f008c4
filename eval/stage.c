/* SPDX-License-Identifier: Apache-2.0 */
/* Photo, portrait and session in one hand; see stage.h. The session takes motions instead of sound
 * and gives each frame at once; a frame's alpha is dropped, for the crop is opaque. */
#include "eval/stage.h"

#include <stdlib.h>
#include <string.h>

static limner_status encode(eval_stage *stage, const limner_photo *photo, char *detail)
{
    limner_portrait_options options;

    limner_portrait_options_init(&options, sizeof(options));
    options.face = 0;
    options.n_threads = 1;
    return limner_portrait_encode(&stage->portrait, stage->model, photo, &options, detail);
}

static limner_status open_session(eval_stage *stage, char *detail)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.width_px = set.height_px = stage->size_px;
    set.pixel = LIMNER_PIXEL_RGBA;
    set.n_threads = 1;
    return limner_session_open(&stage->session, stage->model, stage->portrait, &set, detail);
}

static limner_status set_size(eval_stage *stage, uint32_t size_px, char *detail)
{
    limner_status st;

    stage->size_px = size_px;
    st = open_session(stage, detail);
    if (st < 0)
        return st;
    stage->rgb = malloc((size_t)size_px * size_px * 3);
    return stage->rgb ? LIMNER_OK : LIMNER_E_NOMEM;
}

static void clear_size(eval_stage *stage)
{
    limner_session_close(&stage->session);
    free(stage->rgb);
    stage->rgb = NULL;
}

limner_status eval_stage_open(eval_stage *out, limner_model *model, const limner_photo *photo,
                              uint32_t size_px, char *detail)
{
    limner_status st;

    memset(out, 0, sizeof(*out));
    *detail = '\0';
    out->model = model;
    st = encode(out, photo, detail);
    if (st >= 0)
        st = set_size(out, size_px, detail);
    if (st < 0) {
        if (!*detail)
            strncat(detail, limner_strerror(st), LIMNER_DETAIL_SIZE - 1);
        eval_stage_close(out);
    }
    return st;
}

limner_status eval_stage_resize(eval_stage *stage, uint32_t size_px)
{
    clear_size(stage);
    return set_size(stage, size_px, NULL);
}

void eval_frame_copy(uint8_t *to, const limner_frame *frame)
{
    for (uint32_t y = 0; y < frame->height_px; y++) {
        const uint8_t *from = frame->plane[0] + (ptrdiff_t)y * frame->stride[0];

        for (uint32_t x = 0; x < frame->width_px; x++, to += 3, from += 4)
            memcpy(to, from, 3);
    }
}

limner_status eval_stage_show(eval_stage *stage, const limner_motion *m)
{
    limner_frame frame;
    limner_status st = limner_session_send_motion(stage->session, m);

    if (st == LIMNER_OK)
        st = limner_session_receive(stage->session, &frame);
    if (st != LIMNER_OK)
        return st < 0 ? st : LIMNER_E_STATE;
    eval_frame_copy(stage->rgb, &frame);
    limner_frame_unref(&frame);
    return LIMNER_OK;
}

limner_photo eval_stage_view(const eval_stage *stage)
{
    return (limner_photo){stage->rgb, (ptrdiff_t)stage->size_px * 3, stage->size_px,
                          stage->size_px};
}

limner_status eval_look(limner_tracked *out, limner_model *model, const limner_photo *photo)
{
    limner_tracker_settings set;
    limner_tracker *t;
    limner_status st;

    memset(out, 0, sizeof(*out));
    limner_tracker_settings_init(&set, sizeof(set));
    set.n_smooth = 0;
    st = limner_tracker_open(&t, model, &set);
    if (st >= 0)
        st = limner_tracker_push(t, photo, 0);
    if (st >= 0)
        st = limner_tracker_finish(t);
    if (st >= 0)
        st = limner_tracker_receive(t, out);
    limner_tracker_close(&t);
    if (st == LIMNER_OK && !out->is_found)
        st = LIMNER_E_NO_FACE;
    return st;
}

void eval_stage_close(eval_stage *stage)
{
    if (!stage)
        return;
    clear_size(stage);
    limner_portrait_close(&stage->portrait);
}
