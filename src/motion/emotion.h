/* SPDX-License-Identifier: Apache-2.0 */
/* Emotions as offsets of expression coefficients, after the action units of FACS (Ekman, Friesen
 * 1978; the prototypes of Ekman, Friesen, Hager 2002): happy 6+12, sad 1+4+15, surprised 1+2+5+26,
 * angry 4+5+7+23, afraid 1+2+4+5+20, disgusted 9+15, contempt 12+14 on one side. */
#ifndef LIMNER_MOTION_EMOTION_H
#define LIMNER_MOTION_EMOTION_H

#include "limner/limner.h"

/* Adds the offsets of `emotion` (0..1 each) to the motion. liveliness scales them a little (1: as
 * given); talk 0..1, whether the voice speaks, takes away what drops the jaw; closure 0..1 holds
 * back what would open closing lips. */
void limner_emotion_apply(const float emotion[LIMNER_N_EMOTION], float liveliness, float talk,
                          float closure, limner_motion *m);

/* Turns the head as it is held in these emotions, by up to 7 degrees for one of 1. gain: strength
 * of head motion, 0 for a still head; what is above 1 counts as 1. */
void limner_emotion_hold(const float emotion[LIMNER_N_EMOTION], float gain, limner_motion *m);

#endif
