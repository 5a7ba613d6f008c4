/* SPDX-License-Identifier: Apache-2.0 */
/* Where a user wants a portrait to look, as angles beside the photo's own gaze, which is what the
 * generator takes: its motion belongs to no portrait. */
#ifndef LIMNER_MOTION_LOOK_H
#define LIMNER_MOTION_LOOK_H

#include "face/appearance.h"
#include "limner/limner.h"

/* *out: `c`, which has passed the check, with gaze_yaw and gaze_pitch of this portrait for its
 * gaze_mode, -45..45. They hold for the head where the photo has it. a NULL: a face that looks into
 * the camera from the middle of a picture of half a metre. */
void limner_look_resolve(limner_controls *out, const limner_controls *c,
                         const limner_appearance *a, limner_framing framing);

#endif
