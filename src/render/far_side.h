/* SPDX-License-Identifier: Apache-2.0 */
/* The far side of a face that is turned in the photo. As the head turns back, skin comes out that
 * the photo hides or shows at a grazing angle only: it is painted once, in the model's own texture
 * coordinates, from the photo where that sees it well and elsewhere from the near side, mirrored
 * and brought to the far side's tone (far_paint.h). Its triangles are then drawn in the core's
 * stead; what the core shows there lies under them. Canvas pixels, depth in the same unit. */
#ifndef LIMNER_RENDER_FAR_SIDE_H
#define LIMNER_RENDER_FAR_SIDE_H

#include "render/core_mesh.h"

typedef struct limner_far_side {
    bool is_used;                       /* else the rest is empty */
    float turn;                         /* the side comes out as yaw grows (1) or falls (-1) */
    float opacity;                      /* of the frame, 0..1 */
    uint32_t n;
    uint16_t *vertex;                   /* [n] of the model */
    float *u, *v;                       /* [n] place in the texture: rows below the canvas */
    float *at[3], *light;               /* [n] of the frame */
    float *under[3];                    /* [n] of the frame: the core's u and v, and depth */
    uint32_t n_triangles, n_under;
    uint16_t *index;                    /* [n_triangles][3] of `vertex`, clockwise */
    uint8_t *kind;                      /* [n_triangles] once it is all there ... */
    uint8_t *soft_kind;                 /* ... and until then */
    uint16_t *under_index;              /* [n_under][3] those of them that the core has as well */
} limner_far_side;

/* Finds the far side and paints it: `person` (not sealed) and the core's feather grow by the rows
 * it takes, and the core's triangles are sorted (core_mesh.h). Nothing is done for faces that look
 * nearly straight ahead. E_NOMEM. */
limner_status limner_far_side_open(limner_far_side *f, const limner_rig *rig, limner_core *core,
                                   limner_texture *person);
/* What of it shows in the pose, and where; core: with its texture of the frame. light: per vertex
 * of the model. Sets core->n_drawn. */
void limner_far_side_move(limner_far_side *f, const limner_rig *rig, limner_core *core,
                          const limner_pose *pose, const float *light);
/* Adds the frame's triangles to the core's list, and to the sheet's what lies under them. */
void limner_far_side_draw(const limner_far_side *f, limner_drawlist *list);
void limner_far_side_draw_under(const limner_far_side *f, limner_drawlist *list);
void limner_far_side_close(limner_far_side *f);

#endif
