/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for glasses in the photo: bridge and rims as lines around the eyes. For glasses.c. */
#ifndef LIMNER_RENDER_GLASSES_FIND_H
#define LIMNER_RENDER_GLASSES_FIND_H

#include <stdbool.h>

#include "render/glasses.h"

/* From lids, x, y, cm and up of g: its centre, bridge and bridge_seen, and where glasses are worn,
 * which is returned, its rim and nearest. */
bool limner_glasses_find(limner_glasses *g, const limner_texture *photo);
/* From the edges of a side's lids to (x, y), px. */
float limner_glasses_from_lids(const limner_glasses *g, int side, float x, float y);

#endif
