/* SPDX-License-Identifier: Apache-2.0 */
/* Glasses in the photo. They do not move with brows, lids and cheeks: clear rims become a layer of
 * their own (rim_layer.h); where they are not clear enough to be cut out, the skin under rims and
 * bridge is held as it is in the photo. */
#ifndef LIMNER_RENDER_GLASSES_H
#define LIMNER_RENDER_GLASSES_H

#include <stdbool.h>

#include "render/contact.h"
#include "render/rim_line.h"
#include "render/texture.h"

enum { LIMNER_GLASSES_RAYS = 48 };

/* A vertex under rims or bridge. */
typedef struct limner_glasses_point {
    uint16_t vertex;
    float share;                        /* of its motion that is taken back */
    float flat;                         /* of the way to the glasses' plane that it is brought */
    float lift;                         /* px, depth of the rim before the skin */
} limner_glasses_point;

typedef struct limner_glasses {
    bool is_worn;                       /* else the rest has no meaning */
    const limner_contact *lids;         /* [2] */
    const float *x, *y;                 /* vertices in the photo */
    float cm;                           /* px */
    float up[2];                        /* the head's, in the photo */
    float centre[2][2];                 /* of the eyes, px */
    float rim[2][LIMNER_GLASSES_RAYS];  /* from there, px, counter-clockwise from the right */
    float nearest[2][LIMNER_GLASSES_RAYS];      /* the same of the first line that may be a rim */
    float bridge[2][2];                 /* its ends, px */
    float bridge_seen;                  /* how clear it is, share of the skin's light */
    bool is_cut;                        /* rims are a layer; only what lies under arms is held */
    bool is_low;                        /* worn below the eyes: what lies over them is free */
    limner_rim_lines lines;
    float hinge[2][2];                  /* where arms begin, px */
    uint32_t n_held;
    limner_glasses_point *held;
} limner_glasses;

/* lids: of both eyes; x, y: vertices in the photo, of which the first n_head are skin; all three
 * are kept. px_per_cm: scale of the model. E_NOMEM. */
limner_status limner_glasses_open(limner_glasses *g, const limner_contact lids[2],
                                  const limner_texture *photo, const float *x, const float *y,
                                  uint32_t n_head, float px_per_cm);
void limner_glasses_close(limner_glasses *g);
/* How firmly (x, y) of the photo is held, 0..1. */
float limner_glasses_hold(const limner_glasses *g, float x, float y);
/* Glasses are flat where the face is round: brings what is held forward to their plane, which goes
 * through the bridge and faces where the head does, in rest [3]. forward [3]: unit, canvas. */
void limner_glasses_flatten(limner_glasses *g, float *const rest[3], const float forward[3]);
/* Takes what is held of `still` [3], not yet brought forward, back to `rest` [3], vertex arrays. */
void limner_glasses_keep(const limner_glasses *g, float *const rest[3], float *const still[3]);

#endif
