/* SPDX-License-Identifier: Apache-2.0 */
/* RGBA rows to the frame's pixel format. YUV is BT.709, limited range, 4:2:0 with chroma averaged
 * over 2x2 pixels (sited at their centre). */
#ifndef LIMNER_RENDER_COLOUR_H
#define LIMNER_RENDER_COLOUR_H

#include "render/renderer.h"

/* Writes n_rows rows of n_columns pixels (straight RGBA, `stride` bytes apart) to the target at
 * (x, y). For YUV all four are even. */
void limner_colour_write(const limner_render_target *target, uint32_t x, uint32_t y,
                         const uint8_t *rgba, ptrdiff_t stride, uint32_t n_columns,
                         uint32_t n_rows);

#endif
