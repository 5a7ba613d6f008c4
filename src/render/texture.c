/* SPDX-License-Identifier: Apache-2.0 */
/* Layers at canvas resolution, and single samples of them (rows of samples: pix_dsp.h). */
#include "render/pix_dsp.h"

#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"

limner_status limner_texture_open(limner_texture *t, int32_t w, int32_t h)
{
    const int32_t pad = LIMNER_TEXTURE_PAD;

    memset(t, 0, sizeof(*t));
    t->stride = (ptrdiff_t)4 * (w + 2 * pad);
    t->bytes = limner_calloc((size_t)h + 2 * pad, (size_t)t->stride);
    if (!t->bytes)
        return LIMNER_E_NOMEM;
    t->origin = t->bytes + pad * t->stride + (ptrdiff_t)4 * pad;
    t->w = w;
    t->h = h;
    for (int c = 0; c < 3; c++)
        t->tint[c] = LIMNER_TINT_ONE;
    return LIMNER_OK;
}

void limner_texture_close(limner_texture *t)
{
    limner_mem_free(t->bytes);
    memset(t, 0, sizeof(*t));
}

void limner_texture_seal(limner_texture *t)
{
    const int32_t pad = LIMNER_TEXTURE_PAD;

    for (int32_t y = 0; y < t->h; y++) {
        for (int32_t i = 1; i <= pad; i++) {
            memcpy(limner_texture_at(t, -i, y), limner_texture_at(t, 0, y), 4);
            memcpy(limner_texture_at(t, t->w - 1 + i, y), limner_texture_at(t, t->w - 1, y), 4);
        }
    }
    for (int32_t i = 1; i <= pad; i++) {
        memcpy(limner_texture_at(t, -pad, -i), limner_texture_at(t, -pad, 0), (size_t)t->stride);
        memcpy(limner_texture_at(t, -pad, t->h - 1 + i), limner_texture_at(t, -pad, t->h - 1),
               (size_t)t->stride);
    }
}

limner_status limner_texture_layer(limner_image *out, const limner_image *img,
                                   const limner_view *view)
{
    const float k = 1 / view->k;
    const limner_status st = limner_image_open(out, (uint32_t)view->w, (uint32_t)view->h,
                                               img->n_channels);

    if (st < 0)
        return st;
    limner_image_warp(out, img, (const float[6]){k, 0, -view->x * k, 0, k, -view->y * k});
    return LIMNER_OK;
}

void limner_texture_put(limner_texture *t, int32_t y, const limner_image *img, uint32_t x)
{
    for (uint32_t j = 0; j < img->h; j++, y++) {
        const uint8_t *from = limner_image_row(img, j) + 3 * (size_t)x;

        for (int32_t i = 0; y >= 0 && y < t->h && i < t->w; i++) {
            uint8_t *out = limner_texture_at(t, i, y);

            memcpy(out, from + 3 * i, 3);
            out[3] = 255;
        }
    }
}

limner_status limner_texture_layers(limner_texture *t, const limner_image *rgb,
                                    const limner_image *alpha, const limner_view *view)
{
    limner_image a = {0}, b = {0};
    limner_status st = limner_texture_open(t, view->w, view->h);

    if (st == LIMNER_OK)
        st = limner_texture_layer(&a, rgb, view);
    if (st == LIMNER_OK)
        limner_texture_put(t, 0, &a, 0);
    if (st == LIMNER_OK && alpha)
        st = limner_texture_layer(&b, alpha, view);
    for (int32_t y = 0; st == LIMNER_OK && alpha && y < t->h; y++) {
        for (int32_t x = 0; x < t->w; x++)
            limner_texture_at(t, x, y)[3] = limner_image_row(&b, (uint32_t)y)[x];
    }
    limner_image_close(&a);
    limner_image_close(&b);
    return st;
}

static float limit(float v, float lo, float hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

void limner_texture_sample(const limner_texture *t, float x, float y, float rgba[4])
{
    limner_pix_dsp_get(limner_cpu_flags())->sample_exact(t, x, y, rgba);
}

float limner_map_sample(const uint8_t *map, int32_t w, int32_t h, float x, float y)
{
    const float px = limit(x - 0.5f, 0, (float)(w - 1)), py = limit(y - 0.5f, 0, (float)(h - 1));
    const int32_t ix = (int32_t)px, iy = (int32_t)py;
    const int32_t jx = ix + 1 < w ? ix + 1 : ix, jy = iy + 1 < h ? iy + 1 : iy;
    const float fx = px - (float)ix, fy = py - (float)iy;
    const float a = map[iy * w + ix], b = map[iy * w + jx];
    const float c = map[jy * w + ix], d = map[jy * w + jx];

    return (a + fx * (b - a)) * (1 - fy) + (c + fx * (d - c)) * fy;
}
