/* SPDX-License-Identifier: Apache-2.0 */
/* Photo -> appearance: finds and chooses the face, cuts the crop, runs the nets, the fit and the
 * layers in their order. Any thread; the result does not depend on the number of threads. */
#ifndef LIMNER_PORTRAIT_ENCODER_H
#define LIMNER_PORTRAIT_ENCODER_H

#include "face/appearance.h"
#include "face/face_model.h"
#include "portrait/nets.h"

/* The caller's pixels, read only. */
limner_image limner_photo_view(const limner_photo *photo);
/* LIMNER_OK, E_ARG (too small, rows that overlap), E_LIMIT. */
limner_status limner_photo_check(const limner_photo *photo);

/* *out is cleared on failure. detail: LIMNER_DETAIL_SIZE bytes or NULL. Statuses as
 * limner_portrait_encode. */
limner_status limner_encode_photo(limner_appearance *out, const limner_face *face,
                                  const limner_nets *nets, const limner_photo *photo,
                                  const limner_portrait_options *opt, char *detail);

/* *n_faces faces, the largest first. LIMNER_OK (also with none), limner_photo_check's, E_NOMEM. */
limner_status limner_encode_faces(const limner_nets *nets, const limner_photo *photo,
                                  limner_face_box faces[LIMNER_MAX_FACES], size_t *n_faces);

#endif
