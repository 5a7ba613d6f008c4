/* SPDX-License-Identifier: Apache-2.0 */
/* Gaze relative to the camera: on its target with the small movements of a fixating eye, short
 * glances away, and saccades between. Since it is relative to the camera, it stays there when the
 * head turns: the renderer turns the eyes in the head the other way (measured r = -0.87). */
#ifndef LIMNER_MOTION_GAZE_H
#define LIMNER_MOTION_GAZE_H

#include "core/rng.h"
#include "motion/prosody.h"

typedef struct limner_gaze {
    float yaw, pitch;           /* degrees, after a step */
    float jump_deg;             /* size of the saccade that began in this step, else 0 */
    /* private */
    limner_rng rng;
    float aim_yaw, aim_pitch;           /* offset from the target */
    float from_yaw, from_pitch, to_yaw, to_pitch;
    float t_s, length_s;                /* of the running saccade; t >= length: fixation */
    float until_small_s, until_glance_s, glance_s;
    float target_yaw, target_pitch;     /* as last followed */
} limner_gaze;

void limner_gaze_init(limner_gaze *g, uint64_t seed);
/* 10 ms on, towards the target the user asks for (degrees, 0, 0 the camera). wander: how often the
 * eyes glance away, 1 as people do, 0 never. */
void limner_gaze_step(limner_gaze *g, float target_yaw, float target_pitch, float wander,
                      const limner_prosody *voice);

#endif
