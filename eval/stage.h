/* SPDX-License-Identifier: Apache-2.0 */
/* A portrait ready to be rendered motion by motion into a plain picture. One thread at a time. */
#ifndef LIMNER_EVAL_STAGE_H
#define LIMNER_EVAL_STAGE_H

#include "limner/limner.h"

typedef struct eval_stage {
    limner_model *model; /* the caller's */
    limner_portrait *portrait;
    limner_session *session;
    uint8_t *rgb; /* [size][size][3]: the last frame rendered */
    uint32_t size_px;
} eval_stage;

/* Square crop, one thread. photo: the largest face is taken. On failure a sentence in detail
 * (LIMNER_DETAIL_SIZE bytes), and nothing to close. */
limner_status eval_stage_open(eval_stage *out, limner_model *model, const limner_photo *photo,
                              uint32_t size_px, char *detail);
/* The frame for an absolute motion, into stage->rgb. */
limner_status eval_stage_show(eval_stage *stage, const limner_motion *m);
/* The same portrait at another size from here on. On failure the stage can only be closed. */
limner_status eval_stage_resize(eval_stage *stage, uint32_t size_px);
/* stage->rgb as a photo; valid until the next show. */
limner_photo eval_stage_view(const eval_stage *stage);
/* What one picture's face is, read by itself: nothing smoothed. LIMNER_E_NO_FACE: none. */
limner_status eval_look(limner_tracked *out, limner_model *model, const limner_photo *photo);
/* Packed sRGB of an RGBA frame. */
void eval_frame_copy(uint8_t *to, const limner_frame *frame);
void eval_stage_close(eval_stage *stage); /* NULL-safe */

#endif
