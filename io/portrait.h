/* SPDX-License-Identifier: Apache-2.0 */
/* What all front ends do with a portrait: tell its file from a photo's, choose a frame's size. */
#ifndef LIMNER_IO_PORTRAIT_H
#define LIMNER_IO_PORTRAIT_H

#include <stdbool.h>

#include "limner/limner.h"

enum { LIMNER_IO_MAX_PORTRAIT_BYTES = 1 << 30 };

/* Whether the path ends in .portrait. */
bool limner_io_is_portrait(const char *path);
/* Square (asked_px, 0: 512), or with LIMNER_FRAMING_FULL the photo's proportions with even sides,
 * the longer one asked_px; 0: the photo's own size, up to LIMNER_MAX_FULL_PX. */
void limner_io_frame_size(const limner_portrait *p, limner_framing framing, uint32_t asked_px,
                          uint32_t *width_px, uint32_t *height_px);

#endif
