/* SPDX-License-Identifier: Apache-2.0 */
/* Height of the upper teeth behind one portrait's lips. Lips differ more between people (and
 * between painters) than the model tells, and a speaker's open mouth shows the edge of the upper
 * teeth: the row and its gum come down until it does. */
#ifndef LIMNER_RENDER_TEETH_PLACE_H
#define LIMNER_RENDER_TEETH_PLACE_H

#include "render/rig.h"

/* Changes the rig's base; scratch: its model. teeth_seen: share of teeth in the photo's opening,
 * 0..1: a photo that shows its own keeps the row where the model has it. The rig is in the photo's
 * place, its contacts are open. */
void limner_teeth_place(limner_rig *rig, float teeth_seen);

#endif
