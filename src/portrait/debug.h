/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of every intermediate step of the portrait encoder, handed to the debug callback.
 * Nothing is done when there is none; a picture for which memory is wanting is left out. */
#ifndef LIMNER_PORTRAIT_DEBUG_H
#define LIMNER_PORTRAIT_DEBUG_H

#include "face/appearance.h"
#include "face/face_model.h"
#include "portrait/detect.h"
#include "portrait/segment.h"

/* "faces": the photo with a box round every face. */
void limner_debug_faces(const limner_portrait_options *opt, const limner_image *photo,
                        const limner_found_face *found, size_t n);
/* crop, landmarks, mask [256][256], fit, matte, foreground, background, eyes, highlight, light. */
void limner_debug_appearance(const limner_portrait_options *opt, const limner_face *face,
                             const limner_appearance *app, const float *mask);

#endif
