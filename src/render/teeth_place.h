/* SPDX-License-Identifier: Apache-2.0 */
/* Height of the upper teeth behind one portrait's lips. Lips differ more between people (and
 * between painters) than the model tells, and a speaker's open mouth shows the edge of the upper
 * teeth: the row and its gum come down until it does. */
#ifndef LIMNER_RENDER_TEETH_PLACE_H
#define LIMNER_RENDER_TEETH_PLACE_H

#include "render/rig.h"

/* Shapes the teeth as the person's (teeth_person.h) and places the upper row: changes the rig's
 * base; scratch: its model. A photo that shows its own teeth keeps the model's. The rig is in the
 * photo's place, its contacts are open. E_NOMEM. */
limner_status limner_teeth_place(limner_rig *rig, const limner_appearance *app);

#endif
