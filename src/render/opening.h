/* SPDX-License-Identifier: Apache-2.0 */
/* The opening between lips or lids as triangles just behind their edges: what shows there is drawn
 * by eyes.h and mouth.h, and the skin in front closes over it. */
#ifndef LIMNER_RENDER_OPENING_H
#define LIMNER_RENDER_OPENING_H

#include "render/core_mesh.h"
#include "render/rig.h"

/* Where the strips' triangles begin in a list and, for each of them, where in the photo it lies
 * (plane attributes 0, 1: canvas px). */
typedef struct limner_openings {
    uint32_t first, max;
    limner_plane *home;                 /* [max] */
} limner_openings;

/* LIMNER_OK, E_NOMEM. */
limner_status limner_openings_open(limner_openings *o, const limner_rig *rig);
void limner_openings_close(limner_openings *o);
/* Adds the strips of both eyes and the mouth at the rig's frame, after everything else in the list.
 * Planes: place between the lines (0 upper, 1 lower), gap now, gap in the photo (px). */
void limner_openings_draw(limner_openings *o, const limner_rig *rig, limner_drawlist *list);

#endif
