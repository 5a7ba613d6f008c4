/* SPDX-License-Identifier: Apache-2.0 */
/* Triangles are filled twice: what lies in them, then a margin around, for samples reach beyond. */
#include "render/far_paint.h"

#include <math.h>

#include "core/mem.h"

#define MARGIN_PX 3.0f                  /* painted beyond the triangles */

/* A vertex's values at a place -> its pixel. */
static void paint_pixel(const limner_texture *t, const float v[LIMNER_FAR_N_VALUES], uint8_t out[4])
{
    const float seen = fminf(1, fmaxf(0, v[LIMNER_FAR_SEEN]));
    const float other_seen = fminf(1, fmaxf(0, v[LIMNER_FAR_OTHER_SEEN]));
    float own[4], other[4];

    limner_texture_sample(t, v[LIMNER_FAR_OWN_X], v[LIMNER_FAR_OWN_Y], own);
    limner_texture_sample(t, v[LIMNER_FAR_OTHER_X], v[LIMNER_FAR_OTHER_Y], other);
    for (int c = 0; c < 3; c++) {
        const float gain = expf(v[LIMNER_FAR_GAIN + c]);
        const float lit = (other[c] + LIMNER_FAR_DARK) * gain - LIMNER_FAR_DARK;
        const float tone = v[LIMNER_FAR_TONE + c];
        const float hidden = tone + other_seen * (lit - tone);

        out[c] = (uint8_t)lrintf(fminf(255, fmaxf(0, hidden + seen * (own[c] - hidden))));
    }
    out[3] = 255;
}

/* The pixels of a triangle that are not yet painted, and those up to `margin` px beside it. */
static void paint_triangle(const limner_far_skin *s, const uint16_t *tri, float margin,
                           int32_t first_row, const limner_texture *t, uint8_t *map, uint8_t *done)
{
    const float *a = s->value[tri[0]], *b = s->value[tri[1]], *c = s->value[tri[2]];
    const float bx = b[0] - a[0], by = b[1] - a[1], cx = c[0] - a[0], cy = c[1] - a[1];
    const float area = bx * cy - by * cx;
    const float slack[3] = {margin * hypotf(cx - bx, cy - by) / fabsf(area),
                            margin * hypotf(cx, cy) / fabsf(area),
                            margin * hypotf(bx, by) / fabsf(area)};
    const int32_t x0 = (int32_t)fmaxf(0, fminf(a[0], fminf(b[0], c[0])) - margin);
    const int32_t y0 = (int32_t)fmaxf((float)first_row, fminf(a[1], fminf(b[1], c[1])) - margin);
    const float right = fmaxf(a[0], fmaxf(b[0], c[0])) + margin;
    const float low = fmaxf(a[1], fmaxf(b[1], c[1])) + margin;

    if (fabsf(area) < 1e-4f)
        return;
    for (int32_t y = y0; y < t->h && (float)y < low; y++) {
        for (int32_t x = x0; x < t->w && (float)x < right; x++) {
            const float dx = (float)x + 0.5f - a[0], dy = (float)y + 0.5f - a[1];
            const float wb = (dx * cy - dy * cx) / area, wc = (bx * dy - by * dx) / area;
            float v[LIMNER_FAR_N_VALUES];

            if (done[(y - first_row) * t->w + x] || 1 - wb - wc < -slack[0] || wb < -slack[1] ||
                wc < -slack[2])
                continue;
            for (int k = 0; k < LIMNER_FAR_N_VALUES; k++)
                v[k] = a[k] + wb * (b[k] - a[k]) + wc * (c[k] - a[k]);
            paint_pixel(t, v, limner_texture_at(t, x, y));
            map[y * t->w + x] = (uint8_t)lrintf(255 * fminf(1, fmaxf(0, v[LIMNER_FAR_ALPHA])));
            done[(y - first_row) * t->w + x] = 1;
        }
    }
}

limner_status limner_far_skin_paint(const limner_far_skin *s, const uint16_t *triangle, uint32_t n,
                                    int32_t first_row, const limner_texture *t, uint8_t *map)
{
    uint8_t *done = limner_calloc((size_t)(t->h - first_row), (size_t)t->w);

    if (!done)
        return LIMNER_E_NOMEM;
    for (uint32_t i = 0; i < 2 * n; i++)
        paint_triangle(s, triangle + 3 * (size_t)(i % n), i < n ? 0 : MARGIN_PX, first_row, t, map,
                       done);
    limner_mem_free(done);
    return LIMNER_OK;
}
