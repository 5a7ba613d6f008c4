/* SPDX-License-Identifier: Apache-2.0 */
/* The lids as they close. In the photo lashes lie over the open lid; a closing lid would draw them
 * out over all of its height, so as it closes painted skin takes over. When the lids meet, their
 * lashes are a dark line that reaches down over the lower lid. */
#ifndef LIMNER_RENDER_LIDS_H
#define LIMNER_RENDER_LIDS_H

#include "render/rig.h"
#include "render/texture.h"

/* A painted part of the skin. */
typedef struct limner_lid_skin {
    limner_texture texture;             /* sealed; LIMNER_LID_ROWS rows for each of the photo;
                                         * alpha: its share when the lid is shut */
    float x, y;                         /* its corner in the photo, canvas px */
    float lo[2], hi[2];                 /* places it holds: lo < u, v < hi; none when open */
    float amount;                       /* 0..1, of the frame: how much of it shows */
} limner_lid_skin;

enum { LIMNER_N_LID_SKINS = 4 };

typedef struct limner_lids {
    limner_lid_skin skin[LIMNER_N_LID_SKINS];   /* upper lids left, right, lower lids */
    bool is_any;                        /* of the frame */
    float top, low;                     /* canvas rows that may show closing lids */
} limner_lids;

/* person: the canvas, before or after sealing; read during the call only. E_NOMEM. */
limner_status limner_lids_open(limner_lids *l, const limner_rig *rig, const limner_texture *person);
void limner_lids_close(limner_lids *l);
/* The rig has moved. */
void limner_lids_update(limner_lids *l, const limner_rig *rig);
static inline bool limner_lids_holds(const limner_lids *l, float u, float v)
{
    for (int i = 0; i < LIMNER_N_LID_SKINS; i++) {
        const limner_lid_skin *a = &l->skin[i];

        if (u > a->lo[0] && u < a->hi[0] && v > a->lo[1] && v < a->hi[1])
            return true;
    }
    return false;
}
/* Mixes the skin at (u, v) of the photo, lit by `light`, into rgb 0..255. */
void limner_lids_mix(const limner_lids *l, float u, float v, float light, float rgb[3]);

#endif
