/* SPDX-License-Identifier: Apache-2.0 */
/* What light the teeth give back, and in which colour: the front ones most, towards the cheeks
 * less; each less towards its neighbours and its root; necks and canines warmer, edges cooler, as
 * enamel lets light through. Lit from where the portrait's light comes. */
#ifndef LIMNER_RENDER_TEETH_LIGHT_H
#define LIMNER_RENDER_TEETH_LIGHT_H

#include "face/appearance.h"
#include "face/face_model.h"

/* What it is laid on; arrays of [stride], others' vertices are left alone. */
typedef struct limner_teeth_light {
    const float *facing;                /* [stride][3] unit normals in the photo, y up */
    float colour;                       /* 0: a picture without colour, ... 1 */
    float *light;                       /* out: share given back */
    float *gloss;                       /* multiplied */
    float *tint[3];                     /* multiplied */
} limner_teeth_light;

/* E_NOMEM. */
limner_status limner_teeth_light_up(const limner_teeth_light *l, const limner_face *face,
                                    const limner_appearance *app);

#endif
