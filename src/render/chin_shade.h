/* SPDX-License-Identifier: Apache-2.0 */
/* The shade under the chin. A place on the neck sees the less of the light from above, the steeper
 * the jaw's edge stands over it; how much of it is dark, and up to which steepness, is learned from
 * the photo's own neck. In a frame a vertex is as much darker or lighter than in the photo as the
 * place of the jaw over it has come down or gone up (a turn to the side takes that place over
 * another part of the neck, which does not grow darker in real footage): 1 throughout at the
 * photo's own motion, and everywhere when the photo shows no such shade. */
#ifndef LIMNER_RENDER_CHIN_SHADE_H
#define LIMNER_RENDER_CHIN_SHADE_H

#include "render/rig.h"

enum { LIMNER_N_JAW = 13 };

typedef struct limner_chin_vertex {
    uint16_t vertex, jaw;               /* under the jaw's edge from point `jaw` to the next, ... */
    float share;                        /* ... so far along, 0..1 */
    float back;                         /* px behind it in the photo */
    float photo;                        /* light that is left in the photo */
    float weight;                       /* 0..1: of the shade's change that shows */
} limner_chin_vertex;

typedef struct limner_chin_shade {
    float dark;                         /* share of the light that is lost right under the jaw */
    float open;                         /* cm down per cm back from which nothing is */
    uint32_t n;
    limner_chin_vertex *vertex;         /* [n] of the neck */
} limner_chin_shade;

/* Uses the rig's `rest` and photo; normal [3][stride] of `rest`. E_NOMEM. */
limner_status limner_chin_shade_open(limner_chin_shade *c, const limner_rig *rig,
                                     float *const normal[3], const float skin_rgb[3]);
/* Multiplies light [stride] of the neck, from the rig's `at`. */
void limner_chin_shade_apply(const limner_chin_shade *c, const limner_rig *rig, float *light);
void limner_chin_shade_close(limner_chin_shade *c);

#endif
