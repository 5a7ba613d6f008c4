/* SPDX-License-Identifier: Apache-2.0 */
/* Heights of both rows of teeth behind one portrait's lips. Lips differ more between people (and
 * between painters) than the model tells, and a speaker's mouth shows the edges of both: how much
 * of each differs between people. */
#ifndef LIMNER_RENDER_TEETH_PLACE_H
#define LIMNER_RENDER_TEETH_PLACE_H

#include "render/rig.h"

/* Shapes the teeth as the person's (teeth_person.h) and places the rows and their gums: changes the
 * rig's base and teeth_sink; scratch: its model. A photo that shows its own teeth keeps the
 * model's upper row. The rig is in the photo's place, its contacts are open.
 * E_NOMEM. */
limner_status limner_teeth_place(limner_rig *rig, const limner_appearance *app);
/* The model's upper lip sinks as the jaw opens, people's do not: the upper teeth of rig->model,
 * just expressed with jawOpen jaw_open, go with it, so that they show as much of themselves. */
void limner_teeth_follow(const limner_rig *rig, float jaw_open);

#endif
