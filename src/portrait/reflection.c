/* SPDX-License-Identifier: Apache-2.0 */
/* Mirrors along the gradient of the smoothed distance from the outline (see reflection.h): for a
 * pixel d behind it the point d before it. Where that is no picture, beyond the photo or across a
 * bay of the outline, the share goes to 0 over some pixels. */
#include "portrait/reflection.h"

#include <math.h>

#include "core/filter.h"
#include "core/smoothstep.h"

#define SMOOTH_PX 4.0f          /* of the outline's steps */
#define SHOWN_FROM 0.6f         /* share of pixels around whose mirror images may be shown */

static float clamped(const float *plane, int w, int h, int x, int y)
{
    x = x < 0 ? 0 : x >= w ? w - 1 : x;
    y = y < 0 ? 0 : y >= h ? h - 1 : y;
    return plane[y * w + x];
}

/* share: 1 where the mirror image of a pixel of the hole may be shown. */
static void mirror(const limner_reflection *r, const float *distance)
{
    const int w = r->w, h = r->h;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int i = y * w + x;
            const float gx = clamped(distance, w, h, x + 1, y) - clamped(distance, w, h, x - 1, y);
            const float gy = clamped(distance, w, h, x, y + 1) - clamped(distance, w, h, x, y - 1);
            const float go = 2.0f * distance[i] / fmaxf(sqrtf(gx * gx + gy * gy), 1e-3f);
            int sx, sy;

            r->x[i] = (float)x;
            r->y[i] = (float)y;
            r->share[i] = r->source[i] ? 1.0f : 0.0f;
            if (!r->hole[i] || distance[i] > r->far_px + SMOOTH_PX)
                continue;
            r->x[i] -= go * gx;
            r->y[i] -= go * gy;
            r->x[i] = fminf(fmaxf(r->x[i], 0.0f), (float)(w - 1));
            r->y[i] = fminf(fmaxf(r->y[i], 0.0f), (float)(h - 1));
            sx = (int)lrintf(r->x[i]);
            sy = (int)lrintf(r->y[i]);
            r->share[i] = r->source[sy * w + sx] && sx > 0 && sx < w - 1 && sy > 0 && sy < h - 1;
        }
}

limner_status limner_reflection_run(const limner_reflection *r)
{
    const int size = r->w * r->h;
    float *distance = r->scratch, *rows = r->scratch + size;
    limner_status st;

    for (int i = 0; i < size; i++)
        distance[i] = r->hole[i] ? 0.0f : 1.0f;
    st = limner_filter_distance(distance, distance, r->w, r->h);
    if (st < 0)
        return st;
    limner_filter_gauss(distance, distance, rows, r->w, r->h, SMOOTH_PX);
    mirror(r, distance);
    limner_filter_gauss(r->share, r->share, rows, r->w, r->h, SMOOTH_PX);
    for (int i = 0; i < size; i++)
        r->share[i] = r->hole[i] ? limner_smoothstep(r->share[i], SHOWN_FROM, 1.0f) *
                                   (1.0f - limner_smoothstep(distance[i], r->near_px, r->far_px))
                                 : 0.0f;
    return LIMNER_OK;
}
