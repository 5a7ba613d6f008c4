/* SPDX-License-Identifier: Apache-2.0 */
/* Settles the eye layer between the lids as the rig has them: what the photo shows of the eye is
 * the photo's, the white beyond is the white seen there. */
#ifndef LIMNER_RENDER_EYE_LAYER_H
#define LIMNER_RENDER_EYE_LAYER_H

#include "render/rig.h"
#include "render/texture.h"

/* layer: colour, highlight as alpha; changed in place. Before sealing. */
void limner_eye_layer_settle(limner_texture *layer, const limner_rig *rig,
                             const limner_appearance *app, const limner_texture *photo);

#endif
