/* SPDX-License-Identifier: Apache-2.0 */
/* The skin of the upper lids without lashes. In the photo lashes lie over the open lid; a closing
 * lid would draw them out over all of its height, so as it closes its skin takes over, all but the
 * line of lashes at its edge. */
#ifndef LIMNER_RENDER_LIDS_H
#define LIMNER_RENDER_LIDS_H

#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_lid_skin {
    limner_texture texture;             /* sealed; alpha: the skin's share when the lid is shut */
    float x, y;                         /* its corner in the photo, canvas px */
    float lo[2], hi[2];                 /* places it holds: lo < u, v < hi; none when open */
    float amount;                       /* 0..1, of the frame: how far the lid has closed */
} limner_lid_skin;

typedef struct limner_lids {
    limner_lid_skin lid[2];
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
    const limner_lid_skin *a = &l->lid[0], *b = &l->lid[1];

    return (u > a->lo[0] && u < a->hi[0] && v > a->lo[1] && v < a->hi[1]) ||
           (u > b->lo[0] && u < b->hi[0] && v > b->lo[1] && v < b->hi[1]);
}
/* Mixes the skin at (u, v) of the photo, lit by `light`, into rgb 0..255. */
void limner_lids_mix(const limner_lids *l, float u, float v, float light, float rgb[3]);

#endif
