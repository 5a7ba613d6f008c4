/* SPDX-License-Identifier: Apache-2.0 */
/* Rims and bridge of glasses as a layer of their own: cut out of the person, whose skin is filled
 * in below, and laid over it again in each frame. It turns with the head, and nothing else moves
 * it. In the photo's own pose layer over skin is the photo. */
#ifndef LIMNER_RENDER_RIM_LAYER_H
#define LIMNER_RENDER_RIM_LAYER_H

#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_rim_layer {
    bool is_any;                        /* else the rest has no meaning */
    limner_texture texture;             /* colour times alpha; a window of the canvas, sealed */
    int32_t x0, y0;                     /* its corner there */
    float near;                         /* px: skin less far off in the photo does not hide it */
    uint32_t n_columns, n_rows;         /* nodes of its mesh */
    float *rest[3], *at[3];             /* [n_rows][n_columns] in the photo, in the frame */
    float *u, *v, *one;                 /* [n_rows][n_columns] places in the texture; 1 */
    uint8_t *is_rim;                    /* [n_rows][n_columns] nodes around which there is some */
    uint16_t *index;                    /* [n_triangles][3] */
    uint32_t n_triangles;
    limner_plane *plane;                /* [n_triangles] */
    limner_drawlist list;
} limner_rim_layer;

/* Cuts the rims out of `person`, not yet sealed, if the rig's glasses are such that they can be.
 * E_NOMEM. */
limner_status limner_rim_layer_open(limner_rim_layer *l, const limner_rig *rig,
                                    limner_texture *person);
void limner_rim_layer_close(limner_rim_layer *l);
/* Sets up a frame's triangles. */
void limner_rim_layer_update(limner_rim_layer *l, const limner_pose *pose);
/* Lays its row y over straight rgba [raster->to][4]. raster: drawn from the list, one sample a
 * pixel; core: the skin's, the same; places: what the row shows. */
void limner_rim_layer_row(const limner_rim_layer *l, const limner_raster_band *raster,
                          const limner_raster_band *core, const limner_places *places, int32_t y,
                          uint8_t *rgba);

#endif
