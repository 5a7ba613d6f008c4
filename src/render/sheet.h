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

enum { LIMNER_SHEET_TAPS = 8 };

typedef struct limner_sheet {
    int32_t nx, ny;                     /* nodes */
    uint32_t n;                         /* nx * ny */
    float *x, *y, *z;                   /* [n] in the photo, canvas px */
    float *weight, *freedom[4];         /* [n] */
    float *move[3], *at[3], *light;     /* [n] of the frame; move: by expression, then with home */
    uint16_t *corner;                   /* [n][3] mesh vertices under the node */
    float *bary;                        /* [n][3]; all 0: not covered */
    uint16_t *tap;                      /* [n][LIMNER_SHEET_TAPS] covered nodes to follow */
    float *tap_weight;                  /* [n][LIMNER_SHEET_TAPS] sum <= 1 */
    uint32_t n_free;
    uint16_t *free_node;                /* [n_free] nodes outside the core */
    uint8_t *is_drawn;                  /* [ny - 1][nx - 1] cells that hold a part of the person */
} limner_sheet;

/* matte, feather [h][w]. Also fills rig->freedom. chin, brow: canvas px of the chin's and the
 * forehead's landmark. */
limner_status limner_sheet_open(limner_sheet *s, limner_rig *rig, const uint8_t *matte,
                                const uint8_t *feather, const float chin[2], const float brow[2]);
/* `move` and `light` from the rig's frame (light per vertex), then `at`. */
void limner_sheet_move(limner_sheet *s, const limner_rig *rig, const limner_pose *pose,
                       const float *light);
/* Planes: u, v, light. */
void limner_sheet_draw(const limner_sheet *s, limner_drawlist *list);
/* Upper bound of triangles. */
uint32_t limner_sheet_triangles(const limner_sheet *s);
void limner_sheet_close(limner_sheet *s);

#endif
