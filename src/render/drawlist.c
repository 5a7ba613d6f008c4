/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up and sorting of a frame's triangles. They are sorted by the band they begin in and a band
 * looks back as many bands as the tallest triangle spans: a counting sort without lists that grow.
 * Within a band the order of adding is kept, so that ties in depth fall the same way everywhere. */
#include "render/drawlist.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

#define SLIVER_PX 0.02f         /* flatter than this, attributes are constant: gradients explode */

limner_status limner_drawlist_open(limner_drawlist *l, uint32_t max, uint32_t n_planes,
                                   uint32_t n_bands)
{
    memset(l, 0, sizeof(*l));
    l->max = max;
    l->n_planes = n_planes;
    l->n_bands = n_bands;
    l->tri = limner_alloc(max, sizeof(*l->tri));
    l->plane = limner_alloc((size_t)max * n_planes, sizeof(*l->plane));
    l->kind = limner_alloc(max, 1);
    l->start = limner_calloc((size_t)n_bands + 2, sizeof(*l->start));
    l->order = limner_alloc(max, sizeof(*l->order));
    l->left = limner_calloc(n_bands, sizeof(*l->left));
    l->right = limner_calloc(n_bands, sizeof(*l->right));
    if (!l->tri || !l->plane || !l->kind || !l->start || !l->order || !l->left || !l->right) {
        limner_drawlist_close(l);
        return LIMNER_E_NOMEM;
    }
    return LIMNER_OK;
}

void limner_drawlist_close(limner_drawlist *l)
{
    limner_mem_free(l->tri);
    limner_mem_free(l->plane);
    limner_mem_free(l->kind);
    limner_mem_free(l->start);
    limner_mem_free(l->order);
    limner_mem_free(l->left);
    limner_mem_free(l->right);
    memset(l, 0, sizeof(*l));
}

void limner_drawlist_begin(limner_drawlist *l)
{
    l->n = 0;
}

limner_plane *limner_drawlist_add(limner_drawlist *l, const limner_corners *c, uint8_t kind)
{
    const float q = LIMNER_SUPERSAMPLE;
    const float x[3] = {c->x[0] * q, c->x[1] * q, c->x[2] * q};
    const float y[3] = {c->y[0] * q, c->y[1] * q, c->y[2] * q};
    limner_plane *p;

    if (l->n >= l->max || !limner_tri_setup(&l->tri[l->n], x, y, c->z))
        return NULL;
    p = l->plane + (size_t)l->n * l->n_planes;
    l->kind[l->n++] = kind;
    return p;
}

void limner_plane_set(limner_plane *p, const limner_corners *c, int k, float v0, float v1, float v2)
{
    const float ax = c->x[1] - c->x[0], ay = c->y[1] - c->y[0];
    const float bx = c->x[2] - c->x[0], by = c->y[2] - c->y[0];
    const float area = ax * by - ay * bx;
    const float longest = fmaxf(fmaxf(fabsf(ax), fabsf(ay)), fmaxf(fabsf(bx), fabsf(by)));

    p->x = c->x[0];
    p->y = c->y[0];
    if (fabsf(area) <= SLIVER_PX * longest) {
        p->a[k] = (v0 + v1 + v2) / 3;
        p->ax[k] = p->ay[k] = 0;
        return;
    }
    p->a[k] = v0;
    p->ax[k] = ((v1 - v0) * by - (v2 - v0) * ay) / area;
    p->ay[k] = ((v2 - v0) * ax - (v1 - v0) * bx) / area;
}

static uint32_t band_of(const limner_drawlist *l, int32_t row)
{
    const int32_t band = row < 0 ? 0 : row / (LIMNER_BAND_ROWS * LIMNER_SUPERSAMPLE);

    return band < (int32_t)l->n_bands ? (uint32_t)band : l->n_bands - 1;
}

/* Widens the bands' extents by triangle i and counts it in its first band. */
static void count_triangle(limner_drawlist *l, uint32_t i, uint32_t *count)
{
    const limner_tri *t = &l->tri[i];
    int32_t first, last, x0 = t->x[0], x1 = t->x[0];
    uint32_t from, to;

    limner_tri_rows(t, &first, &last);
    from = band_of(l, first);
    to = last < first ? from : band_of(l, last);
    if (to - from > l->span)
        l->span = to - from;
    count[from + 1]++;
    for (int k = 1; k < 3; k++) {
        x0 = t->x[k] < x0 ? t->x[k] : x0;
        x1 = t->x[k] > x1 ? t->x[k] : x1;
    }
    x0 = x0 > 0 ? x0 / LIMNER_RASTER_SUB : 0;
    x1 = x1 > 0 ? x1 / LIMNER_RASTER_SUB + 1 : 0;
    for (uint32_t b = from; b <= to; b++) {
        l->left[b] = x0 < l->left[b] ? x0 : l->left[b];
        l->right[b] = x1 > l->right[b] ? x1 : l->right[b];
    }
}

void limner_drawlist_bin(limner_drawlist *l)
{
    uint32_t *count = l->start + 1;     /* becomes the running end of each band's entries */

    memset(l->start, 0, ((size_t)l->n_bands + 2) * sizeof(*l->start));
    l->span = 0;
    for (uint32_t b = 0; b < l->n_bands; b++) {
        l->left[b] = INT32_MAX;
        l->right[b] = 0;
    }
    for (uint32_t i = 0; i < l->n; i++)
        count_triangle(l, i, count);
    for (uint32_t b = 0; b < l->n_bands; b++)
        count[b + 1] += count[b];
    for (uint32_t i = 0; i < l->n; i++) {
        int32_t first, last;

        limner_tri_rows(&l->tri[i], &first, &last);
        l->order[count[band_of(l, first)]++] = i;
    }
}

void limner_drawlist_draw(const limner_drawlist *l, const limner_raster_band *b)
{
    const uint32_t band = band_of(l, b->y0), from = band > l->span ? band - l->span : 0;
    const uint32_t last = band_of(l, b->y1 - 1);

    for (uint32_t i = l->start[from]; i < l->start[last + 1]; i++)
        limner_raster_draw(b, &l->tri[l->order[i]], (int32_t)l->order[i]);
}

void limner_drawlist_draw_kind(const limner_drawlist *l, const limner_raster_band *b, uint8_t kind)
{
    const uint32_t band = band_of(l, b->y0), from = band > l->span ? band - l->span : 0;
    const uint32_t last = band_of(l, b->y1 - 1);

    for (uint32_t i = l->start[from]; i < l->start[last + 1]; i++) {
        if (l->kind[l->order[i]] == kind)
            limner_raster_draw(b, &l->tri[l->order[i]], (int32_t)l->order[i]);
    }
}
