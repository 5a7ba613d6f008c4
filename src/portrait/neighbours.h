/* SPDX-License-Identifier: Apache-2.0 */
/* The other people of a photo: their heads are no part of this person, though the segmentation net
 * takes all people for one. */
#ifndef LIMNER_PORTRAIT_NEIGHBOURS_H
#define LIMNER_PORTRAIT_NEIGHBOURS_H

#include "portrait/detect.h"
#include "portrait/segment.h"

/* Takes the heads of found[i], i != which, out of the mask of the crop: square pixel (x, y) of the
 * crop, LIMNER_SEGMENT_SIZE a side, is photo pixel (left, top) + step * (x, y). */
void limner_neighbours_hide(float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE], float left,
                            float top, float step, const limner_found_face *found, size_t n,
                            size_t which);

#endif
