/* SPDX-License-Identifier: Apache-2.0 */
/* A smooth displacement of the skin that follows pins: the bi-Laplacian of the mesh's graph is
 * least (Botsch and Sorkine 2008, "On linear variational surface deformation methods"). Smooth
 * along the surface, not through the air: the lips do not drag each other. Units: those of the
 * targets. */
#ifndef LIMNER_FACE_SURFACE_WARP_H
#define LIMNER_FACE_SURFACE_WARP_H

#include <stdbool.h>

#include "face/face_model.h"

/* The point sum_j bary[j] * vertex[j] shall move by target. */
typedef struct limner_warp_pin {
    uint16_t vertex[3];
    float bary[3];
    float target[2];
    float weight; /* against a bend of 1 */
} limner_warp_pin;

/* Skin: head, mouth socket and eye sockets, which the pins move together. */
bool limner_face_is_sheet(const limner_face *face, uint32_t vertex);

/* move [n_vertices][2]: goal in, displacement out. Every vertex of the sheet is drawn to its goal
 * with weight hold [n_vertices] (> 0); vertices of other parts keep theirs. E_NOMEM. */
limner_status limner_surface_warp(float *move, const limner_face *face, const float *hold,
                                  const limner_warp_pin *pin, size_t n_pins);

#endif
