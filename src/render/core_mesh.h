/* SPDX-License-Identifier: Apache-2.0 */
/* The core: the part of the face mesh that is drawn with the photo's pixels. Made once from the rig
 * in the photo: which vertices are seen, which triangles are drawn, from which place of the photo
 * each vertex takes its colour, and where the core fades into the sheet. */
#ifndef LIMNER_RENDER_CORE_MESH_H
#define LIMNER_RENDER_CORE_MESH_H

#include "render/drawlist.h"
#include "render/rig.h"

/* What a triangle of the core shows. */
typedef enum limner_core_kind {
    LIMNER_CORE_SKIN,                   /* opaque throughout */
    LIMNER_CORE_EDGE,                   /* reaches into the feathered border */
    LIMNER_CORE_EYE_LEFT,               /* an opening of the lids, or of the lips */
    LIMNER_CORE_EYE_RIGHT,
    LIMNER_CORE_MOUTH
} limner_core_kind;

/* A vertex on the lips' line: when the mouth opens or closes against the photo its colour is taken
 * further out on the lip, away from the dark line of closed lips, or from the teeth. */
typedef struct limner_lip_shift {
    uint16_t vertex, pair;
    float dx, dy;                       /* px */
} limner_lip_shift;

/* The skin of an upper lid up to this height over its edge is drawn out evenly as it closes. */
#define LIMNER_LID_MOVES_CM 0.66f

/* A vertex of an upper lid, between the columns `pair` and pair + 1. */
typedef struct limner_lid_stretch {
    uint16_t vertex, pair;
    uint8_t side;
    float share;                        /* of the way from pair to the next, 0..1 */
    float rest;                         /* px above the lid's edge in the photo */
} limner_lid_stretch;

typedef struct limner_core {
    uint32_t n_triangles, n_drawn;      /* n_drawn: of the frame, the first of them */
    uint16_t *index;                    /* [n_triangles][3] clockwise as seen */
    uint8_t *kind;                      /* [n_triangles] SKIN or EDGE */
    uint8_t *is_lid;                    /* [n_triangles] */
    uint8_t *is_pair;                   /* [n_triangles] this one and the next share an edge */
    uint32_t n_lip_triangles;
    uint16_t *lip_index;                /* [n_lip_triangles][3] inner lips: part of the mouth */
    uint8_t *is_inner;                  /* [stride] beyond the line of lips or lids */
    float *u, *v;                       /* [stride] place in the photo, canvas px */
    float *frame_u, *frame_v;           /* of the frame: u, v with lip shifts */
    uint8_t *feather;                   /* [h][w] 255: the core, 0: outside; smooth; below it there
                                         * may be more rows (far_side.h) */
    uint32_t n_shifts;
    limner_lip_shift *shift;
    uint32_t n_stretches;
    limner_lid_stretch *stretch;
} limner_core;

/* Fills rig->is_seen too. E_NOMEM. */
limner_status limner_core_open(limner_core *c, limner_rig *rig);
/* u, v, shifts and stretches of the chosen triangles' vertices (part of opening). E_NOMEM. */
limner_status limner_core_texture_open(limner_core *c, const limner_rig *rig);
/* is_pair, once the triangles' order is settled. */
void limner_core_find_pairs(limner_core *c);
/* frame_u, frame_v for the rig's frame. */
void limner_core_texture(limner_core *c, const limner_rig *rig);
/* Adds the rig's frame; planes: u, v, light (per vertex, [stride]). */
void limner_core_draw(const limner_core *c, const limner_rig *rig, const float *light,
                      limner_drawlist *list);
void limner_core_close(limner_core *c);

#endif
