/* SPDX-License-Identifier: Apache-2.0 */
/* Watertight z-buffered drawing of small triangles into a band of rows. Corners are snapped to
 * 1/32 of a sample and tested with exact integer edge functions and the top-left rule (Pineda 1988,
 * "A Parallel Algorithm for Polygon Rasterization"), so that two triangles with a common edge cover
 * each sample once. Depth grows towards the viewer: the larger one wins, ties go to the earlier.
 * A sample's result does not depend on how the rows were cut into bands. */
#ifndef LIMNER_RENDER_RASTER_H
#define LIMNER_RENDER_RASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/pix_dsp.h"

enum {
    LIMNER_RASTER_SUB = 32,             /* snapping steps per sample */
    LIMNER_RASTER_EXTENT = 600          /* samples; larger triangles are not drawn */
};

#define LIMNER_RASTER_FAR (-1e30f)

/* A triangle ready to draw. */
typedef struct limner_tri {
    int32_t x[3], y[3];                 /* 1/LIMNER_RASTER_SUB samples, clockwise as seen */
    float z, zx, zy;                    /* depth at the sample at (0.5, 0.5), steps per sample */
} limner_tri;

/* Rows y0 <= y < y1 of a buffer of n_columns samples; z and id hold rows y0.. only. */
typedef struct limner_raster_band {
    float *z;                           /* [y1 - y0][n_columns] */
    int32_t *id;                        /* [y1 - y0][n_columns]; -1: nothing */
    int32_t n_columns, y0, y1;
    const limner_pix_dsp *dsp;
} limner_raster_band;

/* Corners in samples (x right, y down). false: turned away, empty, not finite or too large. */
bool limner_tri_setup(limner_tri *t, const float x[3], const float y[3], const float z[3]);
/* First and last row (inclusive) that may hold a sample of t; first > last: none. */
void limner_tri_rows(const limner_tri *t, int32_t *first, int32_t *last);
void limner_raster_clear(const limner_raster_band *b);
/* The same for columns from <= x < to only. */
void limner_raster_clear_part(const limner_raster_band *b, int32_t from, int32_t to);
/* Draws t as number `id` where it is nearer than what is there. */
void limner_raster_draw(const limner_raster_band *b, const limner_tri *t, int32_t id);

#endif
