/* SPDX-License-Identifier: Apache-2.0 */
/* What the far side of a face looks like (far_side.h): of each vertex how well the photo sees it
 * and its mirror image, and by how much tones differ between the two sides. Canvas pixels; colours
 * 0..255. */
#ifndef LIMNER_RENDER_FAR_SKIN_H
#define LIMNER_RENDER_FAR_SKIN_H

#include "render/rig.h"

#define LIMNER_FAR_DARK 10.0f           /* added to both sides of a ratio of tones */

/* Of a vertex; linear over triangles. */
enum {
    LIMNER_FAR_U, LIMNER_FAR_V,         /* place in the texture, px */
    LIMNER_FAR_OWN_X, LIMNER_FAR_OWN_Y,         /* in the photo, px */
    LIMNER_FAR_OTHER_X, LIMNER_FAR_OTHER_Y,     /* mirror image, in the photo, px */
    LIMNER_FAR_SEEN, LIMNER_FAR_OTHER_SEEN,     /* how well the photo shows either, 0..1 */
    LIMNER_FAR_ALPHA,                   /* 1: drawn, 0: left to the sheet */
    LIMNER_FAR_GAIN,                    /* 3: log of own tone over the mirror image's */
    LIMNER_FAR_TONE = LIMNER_FAR_GAIN + 3,      /* 3: own tone; continued where not seen */
    LIMNER_FAR_N_VALUES = LIMNER_FAR_TONE + 3
};

/* A side, with all values of its vertices but the places in the texture. Arrays by vertex of the
 * model, [n_head]. */
typedef struct limner_far_skin {
    float turn;                         /* 1: the picture's left side of the head, -1: the right */
    uint8_t *is_in;                     /* facial skin of that side, with the lids */
    float (*value)[LIMNER_FAR_N_VALUES];
} limner_far_skin;

static inline bool limner_far_is_lid(const limner_face *face, uint32_t vertex)
{
    return face->vertex_region[vertex] >= LIMNER_REGION_LID_UPPER_L &&
           face->vertex_region[vertex] <= LIMNER_REGION_LID_LOWER_R;
}

/* photo: the person's colours with the matte as alpha. E_NOMEM. */
limner_status limner_far_skin_open(limner_far_skin *s, const limner_rig *rig,
                                   const limner_texture *photo, float turn);
void limner_far_skin_close(limner_far_skin *s);

#endif
