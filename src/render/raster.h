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

/* A triangle ready to draw. */
typedef struct limner_tri {
    int32_t x[3], y[3];                 /* 1/LIMNER_RASTER_SUB px, clockwise as seen */
    int32_t left, right, top, low;      /* its box, likewise */
    float z, zx, zy;                    /* depth at (0, 0), steps per px */
} limner_tri;

/* Rows y0 <= y < y1 of a buffer of n_columns samples; z and id hold rows y0.. only. */
typedef struct limner_raster_band {
    float *z;                           /* [y1 - y0][n_columns] */
    int32_t *id;                        /* [y1 - y0][n_columns]; -1: nothing */
    int32_t n_columns, y0, y1;
    int32_t from, to;                   /* columns that are drawn */
    int32_t per_px;                     /* samples a pixel, across and down: 1 or 2 */
    const limner_pix_dsp *dsp;
} limner_raster_band;

/* Snapped; false: not finite or far away. */
bool limner_raster_snap(float x, float y, float z, int32_t out[2]);
/* From snapped corners; false: turned away, empty or too large. Depth is left to the caller. */
bool limner_tri_place(limner_tri *t, const int32_t *a, const int32_t *b, const int32_t *c);
/* Corners in px (x right, y down). false: turned away, empty, not finite or too large. */
bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3]);
void limner_raster_clear(const limner_raster_band *b);
/* Draws t as number `id` where it is nearer than what is there. */
void limner_raster_draw(const limner_raster_band *b, const limner_tri *t, int32_t id);

#endif
