/* SPDX-License-Identifier: Apache-2.0 */
/* Masks of the canvas: distance, holes, pieces, soft borders (core_mask.h). Flood fills sweep to
 * and fro over the picture until nothing changes: a face needs a handful of rounds. */
#include "render/core_mask.h"

#include <math.h>
#include <stdbool.h>

#include "core/mem.h"

/* d: 5 times the distance in px to the nearest pixel of value `to` (Borgefors 1986, chamfer weights
 * 5 and 7). */
static void find_distance(int32_t *d, const uint8_t *mask, uint8_t to, int32_t w, int32_t h)
{
    for (int32_t i = 0; i < w * h; i++)
        d[i] = mask[i] == to ? 0 : 1 << 20;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t n = 0; n < w * h; n++) {
            const int32_t i = pass ? w * h - 1 - n : n, x = i % w, y = i / w;
            const int32_t side = pass ? 1 : -1, ys = y + side;
            int32_t best = d[i];

            if (x + side >= 0 && x + side < w)
                best = best < d[i + side] + 5 ? best : d[i + side] + 5;
            for (int32_t k = -1; ys >= 0 && ys < h && k <= 1; k++) {
                if (x + k >= 0 && x + k < w) {
                    const int32_t v = d[ys * w + x + k] + (k ? 7 : 5);

                    best = best < v ? best : v;
                }
            }
            d[i] = best;
        }
    }
}

/* Pixels of value 0 that cannot be reached from the picture's border become 255. */
static void fill_holes(uint8_t *mask, int32_t w, int32_t h)
{
    enum { REACHED = 1 };
    bool has_changed = true;

    for (int32_t i = 0; i < w * h; i++) {
        const int32_t x = i % w, y = i / w;

        if (!mask[i] && (!x || !y || x == w - 1 || y == h - 1))
            mask[i] = REACHED;
    }
    while (has_changed) {
        has_changed = false;
        for (int32_t n = 0; n < 2 * w * h; n++) {
            const int32_t i = n < w * h ? n : 2 * w * h - 1 - n;

            if (mask[i])
                continue;
            if (mask[i - 1] == REACHED || mask[i + 1] == REACHED || mask[i - w] == REACHED ||
                mask[i + w] == REACHED) {
                mask[i] = REACHED;
                has_changed = true;
            }
        }
    }
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = mask[i] == REACHED ? 0 : 255;
}

void limner_mask_keep_piece(uint8_t *mask, int32_t w, int32_t h, int32_t x, int32_t y)
{
    enum { KEPT = 1 };
    bool has_changed = true;

    if (x < 0 || x >= w || y < 0 || y >= h || !mask[y * w + x])
        return;
    mask[y * w + x] = KEPT;
    while (has_changed) {
        has_changed = false;
        for (int32_t n = 0; n < 2 * w * h; n++) {
            const int32_t i = n < w * h ? n : 2 * w * h - 1 - n, px = i % w, py = i / w;

            if (mask[i] != 255)
                continue;
            if ((px > 0 && mask[i - 1] == KEPT) || (px + 1 < w && mask[i + 1] == KEPT) ||
                (py > 0 && mask[i - w] == KEPT) || (py + 1 < h && mask[i + w] == KEPT)) {
                mask[i] = KEPT;
                has_changed = true;
            }
        }
    }
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = mask[i] == KEPT ? 255 : 0;
}

limner_status limner_mask_soften(uint8_t *mask, int32_t w, int32_t h, float close, float width)
{
    int32_t *d = limner_alloc((size_t)w * h, sizeof(*d));

    if (!d)
        return LIMNER_E_NOMEM;
    find_distance(d, mask, 255, w, h);
    for (int32_t i = 0; i < w * h; i++)
        mask[i] = (float)d[i] <= 5 * close ? 255 : 0;
    fill_holes(mask, w, h);
    find_distance(d, mask, 0, w, h);
    for (int32_t i = 0; i < w * h; i++) {
        const float t = fminf(1, fmaxf(0, ((float)d[i] / 5 - close - 1) / width));

        mask[i] = (uint8_t)lrintf(255 * t * t * (3 - 2 * t));
    }
    limner_mem_free(d);
    return LIMNER_OK;
}
