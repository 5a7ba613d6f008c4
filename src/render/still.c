/* SPDX-License-Identifier: Apache-2.0 */
/* Planes of the still picture (see still.h). It goes through the same colour conversion as every
 * frame, so that a face at rest changes nothing, to the bit. */
#include "render/still.h"

#include <string.h>

#include "core/mem.h"
#include "render/colour.h"

enum { STRIP_ROWS = 16 };               /* converted at a time */

static limner_status open_planes(limner_still *s, limner_pixel pixel)
{
    size_t at[3], len = 0;

    s->at.pixel = pixel;
    for (int p = 0; p < limner_still_planes(pixel); p++) {
        at[p] = len;
        s->at.stride[p] = (ptrdiff_t)limner_still_bytes(pixel, p, s->w);
        len += limner_still_bytes(pixel, p, s->w) * limner_still_rows(p, s->h);
    }
    s->bytes = limner_alloc(len, 1);
    if (!s->bytes)
        return LIMNER_E_NOMEM;
    for (int p = 0; p < limner_still_planes(pixel); p++)
        s->at.plane[p] = s->bytes + at[p];
    return LIMNER_OK;
}

/* Rows y .. of the picture, as many as there are in the strip. */
static void warp_strip(limner_image *strip, const limner_image *img, const float a[6], uint32_t y)
{
    const float down = (float)y;

    limner_image_warp(strip, img,
                      (const float[6]){a[0], a[1], a[2] + down * a[1], a[3], a[4],
                                       a[5] + down * a[4]});
}

static void convert_strip(const limner_still *s, const limner_image *strip, uint8_t *rgba,
                          uint32_t y)
{
    const uint32_t n_rows = s->h - y < STRIP_ROWS ? s->h - y : STRIP_ROWS;

    for (size_t i = 0; i < (size_t)s->w * n_rows; i++) {
        memcpy(rgba + 4 * i, strip->px + 3 * i, 3);
        rgba[4 * i + 3] = 255;
    }
    limner_colour_write(&s->at, 0, y, rgba, (ptrdiff_t)4 * s->w, s->w, n_rows);
}

limner_status limner_still_open(limner_still *s, const limner_image *img, const float a[6],
                                limner_pixel pixel, uint32_t w, uint32_t h, limner_texture *photo,
                                const limner_still_part *canvas)
{
    limner_image strip = {0};
    uint8_t *rgba = limner_alloc((size_t)w * STRIP_ROWS, 4);
    limner_status st = rgba ? limner_image_open(&strip, w, STRIP_ROWS, 3) : LIMNER_E_NOMEM;

    *s = (limner_still){.w = w, .h = h};
    if (st == LIMNER_OK)
        st = open_planes(s, pixel);
    for (uint32_t y = 0; st == LIMNER_OK && y < h; y += STRIP_ROWS) {
        warp_strip(&strip, img, a, y);
        convert_strip(s, &strip, rgba, y);
        limner_texture_put(photo, (int32_t)y - (int32_t)canvas->top, &strip, canvas->left);
    }
    limner_image_close(&strip);
    limner_mem_free(rgba);
    return st;
}

limner_status limner_still_of(limner_still *s, const limner_texture *t, limner_pixel pixel)
{
    limner_status st;

    *s = (limner_still){.w = (uint32_t)t->w, .h = (uint32_t)t->h};
    st = open_planes(s, pixel);
    if (st == LIMNER_OK)
        limner_colour_write(&s->at, 0, 0, limner_texture_at(t, 0, 0), t->stride, s->w, s->h);
    return st;
}

static void copy_row(const limner_render_target *from, const limner_render_target *to, int plane,
                     uint32_t y, uint32_t x0, uint32_t x1)
{
    memcpy(limner_still_at(to, plane, x0, y), limner_still_at(from, plane, x0, y),
           limner_still_bytes(to->pixel, plane, x1 - x0));
}

void limner_still_beside(const limner_still *s, const limner_render_target *target,
                         const limner_still_part *part)
{
    for (int p = 0; p < limner_still_planes(s->at.pixel); p++) {
        for (uint32_t y = part->top; y < part->top + part->height; y += p ? 2 : 1) {
            copy_row(&s->at, target, p, y, 0, part->left);
            copy_row(&s->at, target, p, y, part->left + part->width, s->w);
        }
    }
}

void limner_still_copy(const limner_still *s, const limner_render_target *from,
                       const limner_render_target *target, const limner_still_part *canvas,
                       uint32_t slice, uint32_t n_slices)
{
    const uint32_t right = canvas->left + canvas->width, low = canvas->top + canvas->height;

    from = from ? from : &s->at;
    for (uint32_t y = 2 * slice; y < s->h; y += 2 * n_slices) {
        for (uint32_t j = y; j < y + 2; j++) {
            const bool is_beside = j >= canvas->top && j < low;

            for (int p = 0; p < limner_still_planes(s->at.pixel); p++) {
                if (p && j != y)
                    break;
                copy_row(from, target, p, j, 0, is_beside ? canvas->left : s->w);
                if (is_beside)
                    copy_row(from, target, p, j, right, s->w);
            }
        }
    }
}

void limner_still_close(limner_still *s)
{
    limner_mem_free(s->bytes);
    memset(s, 0, sizeof(*s));
}
