/* SPDX-License-Identifier: Apache-2.0 */
/* Watertight z-buffered drawing of small triangles into a band of rows, one sample a pixel at its
 * centre or several. Corners are snapped to 1/64 of a pixel and tested with exact integer edge
 * functions and the top-left rule (Pineda 1988, "A Parallel Algorithm for Polygon Rasterization"),
 * so that two triangles with a common edge cover each sample once. Depth grows towards the viewer:
 * the larger one wins, ties go to the earlier. A sample's result does not depend on how the rows
 * were cut into bands. */
#ifndef LIMNER_RENDER_RASTER_H
#define LIMNER_RENDER_RASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/pix_dsp.h"

enum {
    LIMNER_RASTER_SUB = 64,             /* snapping steps per pixel */
    LIMNER_RASTER_EXTENT = 300          /* px; larger triangles are not drawn */
};

#define LIMNER_RASTER_FAR (-1e30f)

/* Corners in px (x right, y down). false: turned away, empty, not finite or too large. */
bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3]);
void limner_raster_clear(const limner_raster_band *b);
/* Draws t as number `id` where it is nearer than what is there. */
static inline void limner_raster_draw(const limner_raster_band *b, const limner_tri *t, int32_t id)
{
    b->dsp->triangle(b, t, id);
}

#endif
