/* SPDX-License-Identifier: Apache-2.0 */
/* With c the cover, still S, own background B, frame before U and own picture M the result is
 * M + (1 - c) (U - S + a (S - B)); a: 1 where the person's head was and something else is now,
 * which shows as a difference between U and S there or next to it. Sums are exact integers, so that
 * far from the head nothing but U - S is added. */
#include "render/overlap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"
#include "render/sheet_depth.h"

#define HEAD_FROM 0.15f                 /* of the head's motion: less is shoulders, ... */
#define HEAD_TO 0.60f                   /* ... more is head */
#define MOVED_FROM 0.01f                /* of the canvas: a body moved so far covers, too */
#define MOVED_TO 0.03f

enum { CHANGE_LEAST = 3, CHANGE_GAIN = 64 };    /* levels of difference: rounding; to a's 255 */

limner_status limner_overlap_open(limner_overlap *o, const limner_sheet *sheet,
                                  const limner_view *view)
{
    o->w = view->w;
    o->h = view->h;
    o->head = limner_alloc((size_t)view->w * (size_t)view->h, 1);
    if (!o->head)
        return LIMNER_E_NOMEM;
    for (int32_t i = 0; i < view->w * view->h; i++) {
        const float weight = limner_sheet_grid_at(sheet, sheet->weight,
                                                  (float)(i % view->w) + 0.5f,
                                                  (float)(i / view->w) + 0.5f);

        o->head[i] = (uint8_t)lrintf(255 * limner_smoothstep(weight, HEAD_FROM, HEAD_TO));
    }
    return LIMNER_OK;
}

void limner_overlap_close(limner_overlap *o)
{
    limner_mem_free(o->head);
    memset(o, 0, sizeof(*o));
}

void limner_overlap_cover(const limner_overlap *o, const limner_places *places, const uint8_t *rgba,
                          int32_t y, int32_t from, int32_t to, uint8_t *cover)
{
    const float w = (float)o->w;

    memset(cover, 0, (size_t)o->w);
    for (int32_t x = from; x < to; x++) {
        const float u = places->u[x], v = places->v[x];
        const bool is_in = u >= 0 && v >= 0 && u < (float)o->w && v < (float)o->h;
        const int head = is_in ? o->head[(int32_t)v * o->w + (int32_t)u] : 255;
        float moved;

        cover[x] = (uint8_t)(rgba[4 * x + 3] * head / 255);
        if (head == 255 || !rgba[4 * x + 3])
            continue;
        moved = limner_smoothstep(hypotf(u - (float)x - 0.5f, v - (float)y - 0.5f), MOVED_FROM * w,
                                  MOVED_TO * w);
        cover[x] = (uint8_t)lrintf((float)rgba[4 * x + 3] * fmaxf((float)head / 255, moved));
    }
}

/* How much of something else there is at pixel (x, y) of the frame, 0..255. */
static int other_at(const limner_overlap_part *p, uint32_t x, uint32_t y)
{
    const limner_still *s = p->still;
    const int n = p->target->pixel == LIMNER_PIXEL_RGBA ? 4 : 1;
    int most = 0;

    for (uint32_t j = y > 0 ? y - 1 : 0; j <= y + 1 && j < s->h; j++) {
        const uint32_t left = x > 0 ? x - 1 : 0, right = x + 2 < s->w ? x + 2 : s->w;
        const uint8_t *a = limner_still_at(p->under, 0, left, j);
        const uint8_t *b = limner_still_at(&s->at, 0, left, j);

        for (int i = 0; i < n * (int)(right - left); i++)
            most = abs(a[i] - b[i]) > most ? abs(a[i] - b[i]) : most;
    }
    most = most > CHANGE_LEAST ? (most - CHANGE_LEAST) * CHANGE_GAIN : 0;
    return most < 255 ? most : 255;
}

/* Mean of a map over the pixels of a plane's sample. */
static int mean_of(const uint8_t *map, size_t stride, uint32_t x, uint32_t y, uint32_t step)
{
    const uint8_t *m = map + (size_t)(y * step) * stride + x * step;

    return step == 1 ? m[0] : (m[0] + m[1] + m[stride] + m[stride + 1] + 2) / 4;
}

/* A sample of n bytes: what is added to M. */
static void lay_sample(uint8_t *out, const uint8_t *still, const uint8_t *under,
                       const uint8_t *back, uint32_t n, int cover, int other)
{
    for (uint32_t k = 0; k < n; k++) {
        const int more = 255 * (under[k] - still[k]) + other * (still[k] - back[k]);
        const int d = (255 - cover) * more, half = 255 * 255 / 2;
        const int v = out[k] + (d + (d < 0 ? -half : half)) / (255 * 255);

        out[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

static void lay_row(const limner_overlap_part *p, int plane, uint32_t y)
{
    const limner_render_target *t = p->target;
    const uint32_t step = plane ? 2 : 1, n_samples = p->part.width / step;
    const uint32_t fy = p->part.top + y * step;
    const uint32_t n = (uint32_t)limner_still_bytes(t->pixel, plane, step);
    uint8_t *out = limner_still_at(t, plane, p->part.left, fy);
    const uint8_t *still = limner_still_at(&p->still->at, plane, p->part.left, fy);
    const uint8_t *under = limner_still_at(p->under, plane, p->part.left, fy);
    const uint8_t *back = p->back.plane[plane] + (ptrdiff_t)y * p->back.stride[plane];
    const size_t w = p->part.width;

    if (!memcmp(still, under, n * (size_t)n_samples))
        return;
    for (uint32_t x = 0; x < n_samples; x++) {
        const int cover = mean_of(p->cover, w, x, y, step);
        const int own = mean_of(p->matte, w, x, y, step) * mean_of(p->head, w, x, y, step) / 255;
        int other = 0;

        if (cover < 255 && own > 0)
            other = own * other_at(p, p->part.left + x * step, fy) / 255;
        lay_sample(out + n * x, still + n * x, under + n * x, back + n * x, n, cover, other);
    }
}

void limner_overlap_lay(const limner_overlap_part *p)
{
    for (int plane = 0; plane < limner_still_planes(p->target->pixel); plane++) {
        const uint32_t n_rows = plane ? p->part.height / 2 : p->part.height;

        for (uint32_t y = 0; y < n_rows; y++)
            lay_row(p, plane, y);
    }
}
