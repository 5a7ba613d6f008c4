/* SPDX-License-Identifier: Apache-2.0 */
/* The white of one eye by itself: the eye layer without its iris. The white is lit by what stands
 * still around it, so it stays where it is while the iris glides over it. */
#ifndef LIMNER_RENDER_EYE_LAYER_H
#define LIMNER_RENDER_EYE_LAYER_H

#include "render/rig.h"
#include "render/texture.h"

typedef struct limner_eye_white {
    limner_texture texture;             /* sealed */
    float x, y;                         /* its corner on the canvas */
} limner_eye_white;

/* iris: centre and radius on the canvas; centre, half: of the opening. E_NOMEM. */
limner_status limner_eye_white_open(limner_eye_white *white, const limner_texture *layer,
                                    const float iris[3], const float centre[2], float half);
void limner_eye_white_close(limner_eye_white *white);

#endif
