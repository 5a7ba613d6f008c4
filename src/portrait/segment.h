/* SPDX-License-Identifier: Apache-2.0 */
/* Person mask of a square region (MediaPipe's selfie segmentation, 256 x 256). */
#ifndef LIMNER_PORTRAIT_SEGMENT_H
#define LIMNER_PORTRAIT_SEGMENT_H

#include "portrait/nets.h"

#define LIMNER_SEGMENT_SIZE 256

/* mask [256][256], 0..1, 1 = person: pixel (i, j) covers that 1/256 part of the region. Outside
 * the picture counts as black. */
void limner_segment_run(limner_nets_run *run, const limner_image *img,
                        const limner_region *region,
                        float mask[LIMNER_SEGMENT_SIZE][LIMNER_SEGMENT_SIZE]);

#endif
