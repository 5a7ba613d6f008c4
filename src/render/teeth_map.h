/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the photo that lies what a frame shows on the front of a row of teeth: the upper row
 * goes with the skull, the lower with the jaw, whatever the lips do. A map of the canvas, fitted to
 * the row's own vertices: linear, and bent across as the row is (which shows when a head turns). */
#ifndef LIMNER_RENDER_TEETH_MAP_H
#define LIMNER_RENDER_TEETH_MAP_H

#include "render/rig.h"

enum { LIMNER_TEETH_MAP_TERMS = 4 };    /* 1, across, down, across squared */

typedef struct limner_teeth_map {
    uint32_t n;
    uint16_t *vertex;                   /* [n] of the front teeth */
    float centre[2], across[2], size_px;        /* in the frame; across has unit length */
    float back[2][LIMNER_TEETH_MAP_TERMS];      /* px from the frame's place to the photo's */
} limner_teeth_map;

/* row: LIMNER_PART_TEETH_UPPER or _LOWER. E_NOMEM. */
limner_status limner_teeth_map_open(limner_teeth_map *m, const limner_rig *rig,
                                    limner_face_part row);
void limner_teeth_map_close(limner_teeth_map *m);
/* Of the rig's frame, moved with its mouth. */
void limner_teeth_map_update(limner_teeth_map *m, const limner_rig *rig);
/* Canvas point (x, y) of the frame -> of the photo. At the photo's own motion the same point. */
void limner_teeth_map_at(const limner_teeth_map *m, float x, float y, float out[2]);

#endif
