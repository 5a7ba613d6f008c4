/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet: the whole person (hair, ears, neck, clothes) as a grid over the canvas. Where the face
 * model covers a node it lies on the mesh and moves exactly as the mesh does; elsewhere its depth
 * continues the mesh's smoothly, it follows the nearest covered nodes' expression with a falloff,
 * and it turns with the head by a weight: 1 on head and hair, 0 at the shoulders. Core and sheet
 * sample the same photo, so they meet without a seam. */
#ifndef LIMNER_RENDER_SHEET_H
#define LIMNER_RENDER_SHEET_H

#include "render/drawlist.h"
#include "render/rig.h"
#include "render/swing.h"

enum { LIMNER_SHEET_TAPS = 8 };

enum { LIMNER_SHEET_BEYOND = 6 };    /* rows of nodes beyond a side */
/* Sides of the canvas. */
enum { LIMNER_EDGE_TOP, LIMNER_EDGE_LOW, LIMNER_EDGE_LEFT, LIMNER_EDGE_RIGHT, LIMNER_N_EDGES };

/* How the sheet goes on beyond a side (sheet_edge.h); lengths in canvas px. */
typedef struct limner_sheet_edge {
    int32_t n;                          /* rows or columns of nodes beyond it; 0: none */
    float depth;                        /* how far they reach */
    float scale;                        /* photo px shown per px */
    float run[2];                       /* the person along the side: first and last place */
    float slope[2];                     /* how these go on, px per px outwards; not of a dome */
    bool is_dome;                       /* closes */
    float at[LIMNER_SHEET_BEYOND + 1][2];   /* of each row: place = [0] + [1] * mirrored place */
} limner_sheet_edge;

typedef struct limner_sheet {
    int32_t nx, ny;                     /* nodes */
    uint32_t n;                         /* nx * ny */
    float cell[2];                      /* px, within the canvas */
    limner_sheet_edge edge[LIMNER_N_EDGES];
    float *x, *y, *z;                   /* [n] at rest, canvas px; beyond the canvas too */
    float *u, *v;                       /* [n] place in the photo, canvas px: x, y but beyond it */
    float *weight, *freedom;            /* [n] */
    float *move[3], *at[3], *light;     /* [n] of the frame; move: by expression, then with home */
    uint16_t *corner;                   /* [n][3] mesh vertices under the node */
    float *bary;                        /* [n][3]; all 0: not covered */
    uint16_t *tap;                      /* [n][LIMNER_SHEET_TAPS] covered nodes to follow */
    float *tap_weight;                  /* [n][LIMNER_SHEET_TAPS] sum <= 1 */
    float (*smooth)[4];                 /* [n] of the frame: move and light side by side */
    int32_t *first, *end;               /* [ny] nodes of a row that are used: first <= i < end */
    uint32_t n_free;
    uint16_t *free_node;                /* [n_free] nodes outside the core */
    uint32_t n_hair;
    uint16_t *hair_node;                /* [n_hair] nodes that swing */
    float *hair;                        /* [n_hair] how freely, 0..1 */
    uint8_t *is_drawn;                  /* [ny - 1][nx - 1] cells that hold a part of the person */
    uint32_t n_triangles;
    uint16_t *index;                    /* [n_triangles][3] of the drawn cells, clockwise */
    uint8_t *is_pair;                   /* [n_triangles] the first of a cell's two */
} limner_sheet;

/* matte, feather [h][w]. Also fills rig->freedom. chin, brow: canvas px of the chin's and the
 * forehead's landmark. */
limner_status limner_sheet_open(limner_sheet *s, limner_rig *rig, const uint8_t *matte,
                                const uint8_t *feather, const float chin[2], const float brow[2]);
/* `move` and `light` from the rig's frame (light per vertex), then `at`. */
void limner_sheet_move(limner_sheet *s, const limner_rig *rig, const limner_pose *pose,
                       const float *light);
/* What swings lags behind; after limner_sheet_move. lag: of limner_swing. */
void limner_sheet_swing(limner_sheet *s, const limner_pose *pose, const float lag[LIMNER_N_SWING]);
/* Planes: u, v, light. */
void limner_sheet_draw(const limner_sheet *s, limner_drawlist *list);
/* Upper bound of triangles. */
uint32_t limner_sheet_triangles(const limner_sheet *s);
void limner_sheet_close(limner_sheet *s);

#endif
