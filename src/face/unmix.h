/* SPDX-License-Identifier: Apache-2.0 */
/* Tells apart what the fit of a frame mixes up. A fit against a prior gives part of one shape to
 * another that moves nearly the same points, as of the lower lip's drop to the jaw's, and does so
 * alike for everybody: of what it misses of most shapes in rendered takes, a third to two thirds
 * are a linear map of what it found. That map, over a frame and the two before and after it, was
 * learned from takes of many portraits (train/face/unmix.py). A face whose mouth is at rest keeps
 * what was found. */
#ifndef LIMNER_FACE_UNMIX_H
#define LIMNER_FACE_UNMIX_H

#include "face/face_model.h"
#include "limner/limner.h"

enum {
    LIMNER_UNMIX_REACH = (LIMNER_FACE_N_UNMIX_FRAMES - 1) / 2
};

/* What a frame's fit tells; of a person's frames in limner_person_clues (person.h). */
typedef struct limner_unmix_clue {
    float v[LIMNER_FACE_N_UNMIX_CLUE];  /* the active expressions (fit_prior.h) less those at rest;
                                         * yaw and pitch since the person was met, and roll, tens of
                                         * degrees; opening of the left and right lids over that
                                         * when met */
} limner_unmix_clue;

/* Corrects the coefficients of a motion that was found from the clues of the middle frame and its
 * neighbours, clue[0..2 * LIMNER_UNMIX_REACH]. Lips stay as far apart as they were: the jaw makes
 * up for what other shapes part them. Shut lids stay shut. */
void limner_unmix(limner_motion *motion, const limner_face *face,
                  const limner_unmix_clue *const *clue);

#endif
