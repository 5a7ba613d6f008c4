/* SPDX-License-Identifier: Apache-2.0 */
/* What a lid shows when it is shut, painted once for each portrait from the skin around the eye. */
#ifndef LIMNER_RENDER_LID_SKIN_H
#define LIMNER_RENDER_LID_SKIN_H

#include "render/lids.h"

/* upper: the upper lid's skin with the line of lashes at its edge; lower: the lashes that lie over
 * the lower lid when the two meet. To be closed with limner_texture_close even on failure, except
 * where zero. E_NOMEM. */
limner_status limner_lid_skin_open(limner_lid_skin *upper, limner_lid_skin *lower,
                                   const limner_rig *rig, const limner_contact *lid,
                                   const limner_texture *person);

#endif
