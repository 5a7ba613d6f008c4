/* SPDX-License-Identifier: Apache-2.0 */
/* Triangles of one frame with what they carry (attribute planes over the canvas), sorted by the row
 * they begin in. Nothing is allocated after opening. Positions are canvas pixels. */
#ifndef LIMNER_RENDER_DRAWLIST_H
#define LIMNER_RENDER_DRAWLIST_H

#include "limner/limner.h"
#include "render/raster.h"

enum {
    LIMNER_SUPERSAMPLE = 2,             /* samples a pixel, across and down, where surfaces meet */
    LIMNER_BAND_ROWS = 16
};

/* Vertices and triangles that share them; all arrays are the caller's and outlive the call. */
typedef struct limner_mesh {
    uint32_t n_vertices, n_triangles;
    const float *x, *y, *z;             /* [n_vertices] canvas */
    const float *value[3];              /* [n_vertices] attributes */
    const uint16_t *index;              /* [n_triangles][3] clockwise as seen */
    const uint8_t *kind;                /* [n_triangles]; NULL: all 0 */
    const uint8_t *is_two_sided;        /* [n_triangles]; NULL: none; of those the back is drawn */
    const uint8_t *is_pair;             /* [n_triangles]; NULL: none; this one and the next share
                                         * an edge: they are drawn together */
    float behind;                       /* ... this much further away */
} limner_mesh;

/* A triangle's place in the order of drawing, or that of a pair: box (limner_tri) and index. */
typedef struct limner_draw_entry {
    int16_t left, right, top, low;
    uint32_t index;                     /* LIMNER_DRAW_PAIR: the next one with it */
} limner_draw_entry;

#define LIMNER_DRAW_PAIR (UINT32_C(1) << 31)

typedef struct limner_drawlist {
    uint32_t n, max, max_vertices;
    int32_t n_rows;                     /* of the canvas */
    float clip[4];                      /* left, top, right, low: single triangles beyond are left
                                         * out; begin() takes it away */
    int32_t first_number;               /* of triangle 0 in the raster */
    const limner_pix_dsp *dsp;
    limner_tri *tri;                    /* [max] */
    limner_plane *plane;                /* [max] the caller's */
    uint8_t *kind;                      /* [max] */
    uint8_t *is_pair;                   /* [max] the triangle and the next are one entry */
    limner_vertex *vertex;              /* [max_vertices] of the mesh being added */
    uint16_t *row;                      /* [max] in which each of `entry` begins */
    uint32_t *start;                    /* [n_rows + 2] first of `order` of each row */
    limner_draw_entry *entry;           /* [max] as they were added */
    limner_draw_entry *order;           /* [max] by the row they begin in */
    int32_t span;                       /* rows that the tallest reaches beyond its first */
    int32_t *left, *right;              /* [n_bands] columns from .. up to that a band has */
} limner_drawlist;

/* Corners of a triangle, canvas pixels. */
typedef struct limner_corners {
    float x[3], y[3], z[3];
} limner_corners;

/* planes [max] stay the caller's: lists that are looked up together have theirs in one block, and
 * numbers that count through it from `first_number` on. max_vertices: of the largest mesh. */
limner_status limner_drawlist_open(limner_drawlist *l, uint32_t max, uint32_t max_vertices,
                                   limner_plane *planes, int32_t first_number, int32_t n_rows);
void limner_drawlist_close(limner_drawlist *l);
void limner_drawlist_begin(limner_drawlist *l);
/* Its plane (to be filled with limner_plane_set), or NULL when nothing of it can be seen. */
limner_plane *limner_drawlist_add(limner_drawlist *l, const limner_corners *c, uint8_t kind);
/* All triangles of a mesh that face the viewer, with their planes. */
void limner_drawlist_add_mesh(limner_drawlist *l, const limner_mesh *mesh);
/* Attribute k (0..2) of the plane from its values at the corners. */
void limner_plane_set(limner_plane *p, const limner_corners *c, int k, float v0, float v1,
                      float v2);
/* After the last add: sorts. */
void limner_drawlist_bin(limner_drawlist *l);
/* Draws all triangles that touch the band's rows; number = first_number + index in the list, kind
 * above. */
void limner_drawlist_draw(const limner_drawlist *l, const limner_raster_band *b);
/* Only those of one kind. */
void limner_drawlist_draw_kind(const limner_drawlist *l, const limner_raster_band *b, uint8_t kind);

static inline float limner_plane_at(const limner_plane *p, int k, float px, float py)
{
    return p->a[k] + (px - p->x) * p->ax[k] + (py - p->y) * p->ay[k];
}

/* The index of a number of this list. */
static inline uint32_t limner_drawlist_index(const limner_drawlist *l, int32_t number)
{
    return (uint32_t)((number & LIMNER_INDEX_MASK) - l->first_number);
}

#endif
