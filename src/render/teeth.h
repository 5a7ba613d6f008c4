/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the model's teeth read as teeth at portrait size: closes the gaps between them, which would
 * show as black lines, and brings both rows to where speakers show them. */
#ifndef LIMNER_RENDER_TEETH_H
#define LIMNER_RENDER_TEETH_H

#include "face/face_model.h"

/* Changes teeth and gums of base [3][stride] cm, a neutral face. E_NOMEM. */
limner_status limner_teeth_prepare(const limner_face *face, float *base);

#endif
