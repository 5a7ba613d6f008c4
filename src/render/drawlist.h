/* SPDX-License-Identifier: Apache-2.0 */
/* Triangles of one frame with what they carry (attribute planes over the canvas), sorted into bands
 * of rows. Nothing is allocated after opening. Positions here are canvas pixels; samples are twice
 * as fine in x and y. */
#ifndef LIMNER_RENDER_DRAWLIST_H
#define LIMNER_RENDER_DRAWLIST_H

#include "limner/limner.h"
#include "render/raster.h"

enum { LIMNER_SUPERSAMPLE = 2, LIMNER_BAND_ROWS = 16 };         /* band: canvas rows */

/* Three attributes, linear over the canvas: a + (px - x) * ax + (py - y) * ay. */
typedef struct limner_plane {
    float x, y;
    float a[3], ax[3], ay[3];
} limner_plane;

typedef struct limner_drawlist {
    uint32_t n, max, n_planes, n_bands;
    limner_tri *tri;                    /* [max] */
    limner_plane *plane;                /* [max][n_planes] */
    uint8_t *kind;                      /* [max] the caller's */
    uint32_t *start;                    /* [n_bands + 1] first entry of `order` of each band */
    uint32_t *order;                    /* [max] triangles by the band they begin in */
    uint32_t span;                      /* bands a triangle may reach beyond its first */
    int32_t *left, *right;              /* [n_bands] samples from .. up to that a band has */
} limner_drawlist;

/* Corners of a triangle, canvas pixels. */
typedef struct limner_corners {
    float x[3], y[3], z[3];
} limner_corners;

limner_status limner_drawlist_open(limner_drawlist *l, uint32_t max, uint32_t n_planes,
                                   uint32_t n_bands);
void limner_drawlist_close(limner_drawlist *l);
void limner_drawlist_begin(limner_drawlist *l);
/* Its planes (to be filled with limner_plane_set), or NULL when nothing of it can be seen. */
limner_plane *limner_drawlist_add(limner_drawlist *l, const limner_corners *c, uint8_t kind);
/* Attribute k (0..2) of the plane from its values at the corners. */
void limner_plane_set(limner_plane *p, const limner_corners *c, int k, float v0, float v1,
                      float v2);
/* After the last add: sorts into bands. */
void limner_drawlist_bin(limner_drawlist *l);
/* Draws all triangles that touch the band's rows; id = index in the list. */
void limner_drawlist_draw(const limner_drawlist *l, const limner_raster_band *b);
/* Only those of one kind. */
void limner_drawlist_draw_kind(const limner_drawlist *l, const limner_raster_band *b, uint8_t kind);

static inline float limner_plane_at(const limner_plane *p, int k, float px, float py)
{
    return p->a[k] + (px - p->x) * p->ax[k] + (py - p->y) * p->ay[k];
}

#endif
