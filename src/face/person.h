/* SPDX-License-Identifier: Apache-2.0 */
/* One person seen in many frames: identity and neutral face are learned once from a few frames
 * (limner_person_meet), pose, expression and gaze of every frame are then found on their own
 * (limner_person_fit). What a frame's landmarks mean is taken from how the landmark net answers the
 * model's shapes (limner_face_answer) instead of where the model's points lie, and refined by the
 * picture itself (person_pixels.h, person_eyes.h). One thread at a time. Lengths are centimetres
 * of the model. */
#ifndef LIMNER_FACE_PERSON_H
#define LIMNER_FACE_PERSON_H

#include "face/appearance.h"
#include "face/face_model.h"
#include "face/face_view.h"
#include "face/unmix.h"

typedef struct limner_person limner_person;

/* *out is NULL on failure: E_NOMEM. The face must outlive the person. */
limner_status limner_person_open(limner_person **out, const limner_face *face);
void limner_person_close(limner_person **person);       /* NULL-safe; sets NULL */

/* Learns the person from n frames' landmarks, [478][3] each, pixels (z likewise, smaller = nearer),
 * and views; NULL, or one without pixels: landmarks alone. E_POOR_FACE: none of them is a face
 * (whoever was known stays known), E_NOMEM. */
limner_status limner_person_meet(limner_person *p, const float (*const *landmarks)[3],
                                 const limner_face_view *const *views, int n);

/* A frame of the person; view NULL, or without pixels: by landmarks alone. out->rms_px: distance
 * of the landmarks from where the fit expects them. E_POOR_FACE (no sensible fit; *out is zero
 * then). */
limner_status limner_person_fit(limner_fit *out, limner_person *p,
                                const float landmarks[LIMNER_N_LANDMARK][3],
                                const limner_face_view *view);

/* Opening of the lids of the frame fitted last over the eye's width, left and right: as the
 * landmarks have it, and less where the picture shows that it is (person_eyes.h). */
void limner_person_lids(const limner_person *p, float aperture[2]);

/* What the frame fitted last tells limner_unmix; false: it was fitted by landmarks alone, which
 * mixes up other shapes. */
bool limner_person_clues(limner_unmix_clue *out, const limner_person *p);

/* The same distance, in centimetres, that a fit of the frame fitted last by landmarks alone has. */
double limner_person_distance(const limner_person *p);

/* Mean distance of the 40 lip landmarks of the frame fitted last from where the fitted face has
 * them, over the distance of the eyes' middles. */
double limner_person_lip_error(const limner_person *p);

#endif
