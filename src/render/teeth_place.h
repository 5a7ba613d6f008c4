/* SPDX-License-Identifier: Apache-2.0 */
/* Heights of both rows of teeth behind one portrait's lips. Lips differ more between people (and
 * between painters) than the model tells, and a speaker's mouth shows the edges of both: how much
 * of each differs between people. */
#ifndef LIMNER_RENDER_TEETH_PLACE_H
#define LIMNER_RENDER_TEETH_PLACE_H

#include "render/rig.h"

/* Shapes the teeth as the person's (teeth_person.h) and places the rows and their gums: changes the
 * rig's base, teeth_sink and teeth_rise; scratch: its model. A photo that shows its own teeth keeps
 * the model's upper row. The rig is in the photo's place, its contacts are open.
 * E_NOMEM. */
limner_status limner_teeth_place(limner_rig *rig, const limner_appearance *app);
/* Moves both rows of rig->model, just expressed with jawOpen jaw_open: people's upper lip does not
 * sink as the jaw opens, as the model's does, their lower one sinks more, so that an open mouth
 * shows as much of the lower row as of the upper; and no lip goes down to the lower row's roots. */
void limner_teeth_follow(const limner_rig *rig, float jaw_open);

#endif
