/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that a face gets as it moves and that the mesh is too coarse for: from nose to mouth in a
 * smile, across the forehead under raised brows, between brows that frown. Painted into the
 * person's picture, on skin only, by what the expression has more than the photo's. */
#ifndef LIMNER_RENDER_FOLDS_H
#define LIMNER_RENDER_FOLDS_H

#include "render/rig.h"
#include "render/texture.h"

enum { LIMNER_FOLD_SMILE_LEFT, LIMNER_FOLD_SMILE_RIGHT, LIMNER_FOLD_FOREHEAD, LIMNER_FOLD_FROWN,
       LIMNER_N_FOLDS };

typedef struct limner_fold_pixel {
    uint8_t *at;                        /* in the person's picture */
    uint8_t own[3];
    float dark[LIMNER_N_FOLDS];         /* share of the light that a whole fold takes */
} limner_fold_pixel;

typedef struct limner_folds {
    uint32_t n;
    limner_fold_pixel *pixel;           /* [n] */
    float tone[3];                      /* what the dark takes of red, green, blue, about 1 */
    float weight[LIMNER_N_FOLDS];       /* 0..1, of the last frame */
} limner_folds;

/* feather [h][w]: the face, 255 inside; person: its pixels change with the frames from now on.
 * E_NOMEM. */
limner_status limner_folds_open(limner_folds *f, const limner_rig *rig,
                                const limner_appearance *app, const uint8_t *feather,
                                limner_texture *person);
/* Paints the person's picture for a clean motion; before anything samples it. */
void limner_folds_update(limner_folds *f, const limner_rig *rig, const limner_motion *m);
void limner_folds_close(limner_folds *f);

#endif
