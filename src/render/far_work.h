/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of a far side's vertices are found with (far_skin.c, far_tone.c). */
#ifndef LIMNER_RENDER_FAR_WORK_H
#define LIMNER_RENDER_FAR_WORK_H

#include "render/far_skin.h"

typedef struct limner_far_work {
    const limner_rig *rig;
    limner_far_skin *skin;
    const limner_texture *photo;        /* the person's colours with the matte as alpha */
    uint32_t n;                         /* triangles of the side */
    uint16_t (*t)[3];
    float *facing[3];                   /* [n_head] normals in the photo, y down */
    float *sum, *count;                 /* [n_head] */
    uint8_t *is_known;                  /* [n_head] */
    uint8_t *flag[3];                   /* [n_head] */
} limner_far_work;

/* sum, count: of value k at the known neighbours of each vertex. */
void limner_far_add_neighbours(const limner_far_work *w, int k);
/* Seen becomes half a vertex's own value, half its neighbours'; never more than its own. */
void limner_far_soften_seen(const limner_far_work *w);
/* Gains and tones; seen and alpha fall where they are doubtful. Places, seen and alpha by geometry
 * are there. */
void limner_far_find_tones(const limner_far_work *w);

#endif
