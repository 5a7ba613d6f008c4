/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a fit's residual share (residual.c): the state, the pins of its surface warp,
 * and the lines where lips and lids meet (residual_lines.c). Crop pixels, y down. */
#ifndef LIMNER_FACE_RESIDUAL_INTERNAL_H
#define LIMNER_FACE_RESIDUAL_INTERNAL_H

#include <math.h>

#include "face/fit.h"
#include "face/surface_warp.h"

enum { LIMNER_RESIDUAL_N_MESH = 468, LIMNER_RESIDUAL_MAX_LINE = 512 };

typedef struct limner_residual {
    const limner_face *face;
    const limner_fit *fit;
    const float (*landmark)[3];
    float *px;   /* [n_vertices][3], before the residual */
    float *hold; /* [n_vertices] */
    float *move; /* [n_vertices][2]: the result */
    limner_warp_pin *pin; /* [max_pins] */
    size_t n_pins;
    size_t max_pins;
    uint8_t on_line[LIMNER_RESIDUAL_N_MESH]; /* landmark has been used by a contact line */
} limner_residual;

/* A turn-free similarity: p moves by shift + (scale - 1) (p - centre). */
typedef struct limner_similarity {
    float centre[2], shift[2], scale;
} limner_similarity;

/* The vertex is to move by `move`; weight: against a bend of one pixel between neighbouring
 * vertices. More pins than max_pins are left out. */
void limner_residual_pin(limner_residual *r, uint16_t vertex, const float move[2], float weight);
/* Pins both lines of the lips or of an eye's lids; how they move as a whole. */
limner_similarity limner_residual_pin_lips(limner_residual *r);
limner_similarity limner_residual_pin_lids(limner_residual *r, limner_face_side side);
/* After the smooth warp: lines exactly where they were wanted. */
void limner_residual_set_lines(limner_residual *r);

static inline float limner_residual_distance(const float a[2], const float b[2])
{
    return sqrtf((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]));
}

#endif
