/* SPDX-License-Identifier: Apache-2.0 */
/* One person's teeth: the model's row is as regular as no one's. What shapes them (how long the
 * laterals are, how pointed the canines, how crowded the lower row, how a tooth is turned) comes
 * from the face's own identity: a smooth function of it, so that photos of one person agree and a
 * fit that differs in its last bits does not show. The mean face has regular teeth. */
#ifndef LIMNER_RENDER_TEETH_PERSON_H
#define LIMNER_RENDER_TEETH_PERSON_H

#include "face/face_model.h"

/* Traits that belong to no single tooth. */
enum {
    LIMNER_TEETH_LATERALS, LIMNER_TEETH_CANINES, LIMNER_TEETH_CROWDED, LIMNER_TEETH_WHITE,
    LIMNER_TEETH_WARM, LIMNER_TEETH_AGED, LIMNER_TEETH_OWN     /* the first of those that do */
};

/* Trait k of a face, -1.5..1.5, about as often one as the other. identity [LIMNER_N_IDENTITY]
 * standard deviations. */
float limner_teeth_trait(const float *identity, uint32_t k);
/* Shapes one row (LIMNER_PART_TEETH_UPPER or _LOWER) of base [3][stride] cm, a neutral face.
 * E_NOMEM. */
limner_status limner_teeth_person(const limner_face *face, limner_face_part part,
                                  const float *identity, float *base);

#endif
