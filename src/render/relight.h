/* SPDX-License-Identifier: Apache-2.0 */
/* Ratio-image relighting (Liu, Shan and Zhang 2001, "Expressive Expression Mapping with Ratio
 * Images"): a skin vertex's colour is the photo's times the light on its normal now over the light
 * on its normal in the photo. 1 throughout at the photo's own motion. */
#ifndef LIMNER_RENDER_RELIGHT_H
#define LIMNER_RENDER_RELIGHT_H

#include "render/chin_shade.h"
#include "render/rig.h"
#include "render/shine.h"

typedef struct limner_relight {
    float light[9];                     /* spherical harmonics of irradiance */
    float *normal[3];                   /* [stride] of the frame, unit */
    float *photo;                       /* [stride] light on the vertex in the photo */
    float *strength;                    /* [stride] 0..1: less on lids and lips */
    float *ratio;                       /* [stride] of the frame */
    uint32_t n_triangles;
    uint16_t *triangle;                 /* [n_triangles][3] that make normals */
    limner_shine shine;                 /* highlights that move */
    limner_chin_shade chin;
} limner_relight;

/* Uses the rig's `rest`, its photo and what of it is seen there. */
limner_status limner_relight_open(limner_relight *l, const limner_rig *rig,
                                  const limner_appearance *app);
/* From now on `ratio` holds for the vertices [n_head] that are used only. */
void limner_relight_limit(limner_relight *l, const uint8_t *is_used);
/* ratio from the rig's `at`. */
void limner_relight_update(limner_relight *l, const limner_rig *rig);
void limner_relight_close(limner_relight *l);

#endif
