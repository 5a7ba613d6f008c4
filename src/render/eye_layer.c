/* SPDX-License-Identifier: Apache-2.0 */
/* The iris's disc is filled smoothly from the white around it (push-pull). */
#include "render/eye_layer.h"

#include <math.h>
#include <string.h>

#include "core/filter.h"
#include "core/mem.h"

#define REACH_WIDTHS 0.8f               /* half the window's side, in eye widths */
#define CLEAR_FROM 1.22f                /* iris radii: its rim ends here ... */
#define CLEAR_TO 1.34f                  /* ... and from here on the white is what is there */

void limner_eye_white_close(limner_eye_white *white)
{
    limner_texture_close(&white->texture);
}

/* Planes [h][w] 0..255 of the layer and the weight of each pixel. */
static void load(const limner_eye_white *white, const limner_texture *layer, const float iris[3],
                 float *const plane[3], float *weight)
{
    const int32_t w = white->texture.w, h = white->texture.h;

    for (int32_t i = 0; i < w * h; i++) {
        const int32_t x = (int32_t)white->x + i % w, y = (int32_t)white->y + i / w;
        const uint8_t *px = limner_texture_at(layer, x, y);
        const float d = hypotf((float)x + 0.5f - iris[0], (float)y + 0.5f - iris[1]);
        const float t = (d / fmaxf(iris[2], 1) - CLEAR_FROM) / (CLEAR_TO - CLEAR_FROM);

        weight[i] = fminf(fmaxf(t, 0), 1);
        for (int k = 0; k < 3; k++)
            plane[k][i] = px[k];
    }
}

static limner_status fill(limner_eye_white *white, const limner_texture *layer,
                          const float iris[3])
{
    const int32_t w = white->texture.w, h = white->texture.h;
    const size_t size = (size_t)w * (size_t)h;
    float *block = limner_alloc(4 * size, sizeof(float));
    float *const plane[3] = {block, block + size, block + 2 * size};
    limner_status st;

    if (!block)
        return LIMNER_E_NOMEM;
    load(white, layer, iris, plane, block + 3 * size);
    st = limner_filter_fill(plane, 3, block + 3 * size, w, h);
    for (int32_t i = 0; st >= 0 && i < w * h; i++) {
        uint8_t *px = limner_texture_at(&white->texture, i % w, i / w);

        for (int k = 0; k < 3; k++)
            px[k] = (uint8_t)lrintf(fminf(255, fmaxf(0, plane[k][i])));
        px[3] = 255;
    }
    limner_mem_free(block);
    return st;
}

limner_status limner_eye_white_open(limner_eye_white *white, const limner_texture *layer,
                                    const float iris[3], const float centre[2], float half)
{
    const float reach = fmaxf(4, 2 * half * REACH_WIDTHS);
    const float right = (float)(layer->w - 1), low = (float)(layer->h - 1);
    const int32_t x0 = (int32_t)fminf(fmaxf(0, centre[0] - reach), right);
    const int32_t y0 = (int32_t)fminf(fmaxf(0, centre[1] - reach), low);
    const int32_t x1 = (int32_t)fmaxf(fminf(right, centre[0] + reach), (float)x0) + 1;
    const int32_t y1 = (int32_t)fmaxf(fminf(low, centre[1] + reach), (float)y0) + 1;
    limner_status st;

    white->x = (float)x0;
    white->y = (float)y0;
    st = limner_texture_open(&white->texture, x1 - x0, y1 - y0);
    if (st == LIMNER_OK)
        st = fill(white, layer, iris);
    if (st == LIMNER_OK)
        limner_texture_seal(&white->texture);
    else
        limner_texture_close(&white->texture);
    return st;
}
