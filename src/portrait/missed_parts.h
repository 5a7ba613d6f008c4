/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the person that the segmentation net leaves out: a plait, a lock, an earring. They would
 * stay behind in the background as the head moves. Such a part hangs on the person's outline, ends
 * near it, and neither it nor its colour goes on in the background around. */
#ifndef LIMNER_PORTRAIT_MISSED_PARTS_H
#define LIMNER_PORTRAIT_MISSED_PARTS_H

#include <stdint.h>

#include "limner/limner.h"

enum { LIMNER_MISSED_PX = 256 };

/* found [256][256]: 1 on the border of such a part, 2 inside of it, 0 elsewhere. rgb: planes
 * [256][256] of the crop, 0..1; mask [256][256]: the net's, above a half where the person is.
 * LIMNER_OK, E_NOMEM. */
limner_status limner_missed_parts_find(uint8_t *found, const float *const rgb[3],
                                       const float *mask);

#endif
