/* SPDX-License-Identifier: Apache-2.0 */
/* Raising is done on pixels, not on nodes: where a silhouette runs between nodes, as the jaw's does
 * before the neck, depth taken node by node would make its edge a saw as soon as the head turns.
 * Two sweeps of a chamfer with steps of 1 and sqrt 2 (Borgefors 1986, as for distances). */
#include "render/sheet_depth.h"

#include <math.h>

#include "core/mem.h"

float limner_sheet_grid_at(const limner_sheet *s, const float *v, float x, float y)
{
    const float from_x = (float)s->edge[LIMNER_EDGE_LEFT].n;
    const float from_y = (float)s->edge[LIMNER_EDGE_TOP].n;
    const float gx = fminf((float)s->nx - 1.001f, fmaxf(0, x / s->cell[0] + from_x));
    const float gy = fminf((float)s->ny - 1.001f, fmaxf(0, y / s->cell[1] + from_y));
    const int32_t i = (int32_t)gx, j = (int32_t)gy;
    const float fx = gx - (float)i, fy = gy - (float)j;
    const float *p = v + j * s->nx + i;
    const float top = p[0] * (1 - fx) + p[1] * fx;
    const float low = p[s->nx] * (1 - fx) + p[s->nx + 1] * fx;

    return top * (1 - fy) + low * fy;
}

/* Depth of every pixel, of the mesh where it shows and of the sheet elsewhere. */
static void fill(float *depth, const limner_sheet *s, const limner_rig *rig, const int32_t *id)
{
    const int32_t w = rig->view.w, h = rig->view.h, q = LIMNER_SUPERSAMPLE;

    for (int32_t i = 0; i < w * h; i++) {
        const float x = (float)(i % w) + 0.5f, y = (float)(i / w) + 0.5f;
        const int32_t t = id[(size_t)(i / w * q) * (size_t)(w * q) + (size_t)(i % w * q)];
        const uint16_t *v = rig->face->triangle + 3 * (size_t)(t < 0 ? 0 : t);
        float b[3];

        if (t < 0) {
            depth[i] = limner_sheet_grid_at(s, s->z, x, y);
            continue;
        }
        limner_rig_weigh(rig, v, x, y, b);
        depth[i] = b[0] * rig->rest[2][v[0]] + b[1] * rig->rest[2][v[1]] +
                   b[2] * rig->rest[2][v[2]];
    }
}

static void raise(float *depth, int32_t w, int32_t h)
{
    const float straight = LIMNER_SHEET_SLOPE, across = LIMNER_SHEET_SLOPE * sqrtf(2);

    for (int32_t n = 0; n < 2 * w * h; n++) {
        const bool is_back = n >= w * h;
        const int32_t i = is_back ? 2 * w * h - 1 - n : n, x = i % w, y = i / w;
        const int32_t d = is_back ? 1 : -1;
        float z = depth[i];

        if (x + d >= 0 && x + d < w)
            z = fmaxf(z, depth[i + d] - straight);
        if (y + d >= 0 && y + d < h) {
            const float *row = depth + i + d * w;

            z = fmaxf(z, row[0] - straight);
            if (x > 0)
                z = fmaxf(z, row[-1] - across);
            if (x + 1 < w)
                z = fmaxf(z, row[1] - across);
        }
        depth[i] = z;
    }
}

/* Mean over the half cells around a node. */
static float mean_at(const float *depth, const limner_view *view, float x, float y, float reach)
{
    const int32_t x0 = (int32_t)fmaxf(0, x - reach), y0 = (int32_t)fmaxf(0, y - reach);
    const int32_t x1 = (int32_t)fminf((float)view->w, x + reach);
    const int32_t y1 = (int32_t)fminf((float)view->h, y + reach);
    float sum = 0;

    for (int32_t j = y0; j < y1; j++)
        for (int32_t i = x0; i < x1; i++)
            sum += depth[j * view->w + i];
    return sum / (float)((x1 - x0) * (y1 - y0));
}

limner_status limner_sheet_raise(limner_sheet *s, const limner_rig *rig, const int32_t *id)
{
    const float half = s->cell[0] / 2;
    float *depth = limner_alloc((size_t)rig->view.w * (size_t)rig->view.h, sizeof(*depth));

    if (!depth)
        return LIMNER_E_NOMEM;
    fill(depth, s, rig, id);
    raise(depth, rig->view.w, rig->view.h);
    for (uint32_t i = 0; i < s->n; i++)
        s->z[i] = mean_at(depth, &rig->view, fminf((float)rig->view.w, fmaxf(0, s->x[i])),
                          fminf((float)rig->view.h, fmaxf(0, s->y[i])), half);
    limner_mem_free(depth);
    return LIMNER_OK;
}
