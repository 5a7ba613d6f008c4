/* SPDX-License-Identifier: Apache-2.0 */
/* Masks of one byte a pixel, [h][w], 0 or 255: what the core's soft border is made from. */
#ifndef LIMNER_RENDER_CORE_MASK_H
#define LIMNER_RENDER_CORE_MASK_H

#include "limner/limner.h"

/* Keeps the one piece of the mask that holds pixel (x, y), if it holds any. */
void limner_mask_keep_piece(uint8_t *mask, int32_t w, int32_t h, int32_t x, int32_t y);
/* In place: from 0 (outside) or 255 to a smooth ramp of `width` px inside the border. Gaps narrower
 * than 2 `close` and holes are filled first. E_NOMEM. */
limner_status limner_mask_soften(uint8_t *mask, int32_t w, int32_t h, float close, float width);

#endif
