/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet (sheet.h) at the crop's border. Where the photo itself ends there, the person is
 * carried on beyond it with mirrored pixels, out of sight at rest: hair and hats close in a dome,
 * shoulders go on falling, a bust grows wider. Where the picture goes on beyond the crop (FULL),
 * nothing may come loose from it, and the border holds. Canvas pixels. */
#ifndef LIMNER_RENDER_SHEET_EDGE_H
#define LIMNER_RENDER_SHEET_EDGE_H

#include "render/sheet.h"

/* s->edge: what is beyond each side. chin, brow: canvas px of their landmarks. */
void limner_sheet_find_edges(limner_sheet *s, const limner_view *view, const uint8_t *matte,
                             const float chin[2], const float brow[2]);
/* x, y, u and v of all nodes. */
void limner_sheet_place(limner_sheet *s, const limner_view *view);
/* s->freedom. */
void limner_sheet_hold(limner_sheet *s, const limner_view *view, const uint8_t *matte);

#endif
