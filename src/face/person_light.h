/* SPDX-License-Identifier: Apache-2.0 */
/* How bright the points of a person's skin should be in a frame. They are shaded as the surface
 * bends and turns in the light of the frame in which the person was met, found from the points'
 * own brightness (skin_light.h): beside lips that press or a cheek that rises, brightness changes
 * more by that than by motion. One thread at a time. */
#ifndef LIMNER_FACE_PERSON_LIGHT_H
#define LIMNER_FACE_PERSON_LIGHT_H

#include "face/person_pixels.h"

/* Finds the light in which the points were met. E_NOMEM. */
limner_status limner_person_light_learn(limner_person *p);

/* Compares what was read of n_seen points with what is expected; returns how strained they are:
 * how much farther off than usual half of them are, at least 1. */
float limner_person_light_compare(limner_person *p, int n_seen);

/* Of a point that is so far off, over the variance of its brightness. */
float limner_person_light_weight(const limner_person_point *q, float off, float strained);

#endif
