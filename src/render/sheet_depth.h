/* SPDX-License-Identifier: Apache-2.0 */
/* Depth of the sheet (sheet.h): the mesh's, raised where it falls away too steeply to be drawn by
 * one layer of pixels. Canvas pixels, depth in the same unit, towards the viewer. */
#ifndef LIMNER_RENDER_SHEET_DEPTH_H
#define LIMNER_RENDER_SHEET_DEPTH_H

#include "render/sheet.h"

/* s->z holds the mesh's depth on covered nodes and its continuation on the others: raises them so
 * that none differs from another by more than LIMNER_SHEET_SLOPE times their distance. id [2h][2w]:
 * the head as limner_rig_draw_photo draws it. E_NOMEM. */
limner_status limner_sheet_raise(limner_sheet *s, const limner_rig *rig, const int32_t *id);
/* Value at canvas point (x, y) of v [n], one a node; bilinear. */
float limner_sheet_grid_at(const limner_sheet *s, const float *v, float x, float y);

#endif
