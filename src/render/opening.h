/* SPDX-License-Identifier: Apache-2.0 */
/* The opening between lips or lids as triangles just behind their edges: what shows there is drawn
 * by eyes.h and mouth.h, and the skin in front closes over it. */
#ifndef LIMNER_RENDER_OPENING_H
#define LIMNER_RENDER_OPENING_H

#include "render/drawlist.h"
#include "render/rig.h"

/* Adds the strip between the two lines of `c` at the rig's frame. Planes: place between the lines
 * (0 upper, 1 lower), gap now, gap in the photo (px). is_reversed: the line runs from right to left
 * on the canvas. */
void limner_opening_draw(const limner_rig *rig, const limner_contact *c, bool is_reversed,
                         uint8_t kind, limner_drawlist *list);

#endif
