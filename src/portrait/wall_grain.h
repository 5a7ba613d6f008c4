/* SPDX-License-Identifier: Apache-2.0 */
/* Grain for a completed background. What is carried on or mixed from patches has lost the grain of
 * film, canvas or sensor that the rest of the picture has, and a smooth patch of wall beside a
 * moved head is seen as such. Pixels, levels 0..255. */
#ifndef LIMNER_PORTRAIT_WALL_GRAIN_H
#define LIMNER_PORTRAIT_WALL_GRAIN_H

#include "core/image.h"

/* Adds to the completed part of `background` (RGB, square) what its grain lacks. hole, source:
 * [w][w], of the same square, 1 where completed and where known, never both. Nothing is added where
 * the known part is clean, or has textures instead of grain. LIMNER_OK, E_NOMEM. */
limner_status limner_wall_grain_run(limner_image *background, const uint8_t *hole,
                                    const uint8_t *source, int w);

#endif
