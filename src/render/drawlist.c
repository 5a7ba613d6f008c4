/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up and sorting of a frame's triangles. They are sorted by the row they begin in and a band
 * looks back as many rows as the tallest triangle spans: a counting sort without lists that grow.
 * Within a row the order of adding is kept, so that ties in depth fall the same way everywhere. */
#include "render/drawlist.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "render/raster_setup.h"

#define SLIVER_PX 0.02f         /* flatter than this, attributes are constant: gradients explode */

limner_status limner_drawlist_open(limner_drawlist *l, uint32_t max, uint32_t max_vertices,
                                   limner_plane *planes, int32_t first_number, int32_t n_rows)
{
    const size_t n_bands = (size_t)n_rows / LIMNER_BAND_ROWS + 1;

    memset(l, 0, sizeof(*l));
    l->max = max;
    l->max_vertices = max_vertices;
    l->plane = planes;
    l->first_number = first_number;
    l->n_rows = n_rows;
    l->tri = limner_alloc(max, sizeof(*l->tri));
    l->kind = limner_alloc(max, 1);
    l->row = limner_alloc(max, sizeof(*l->row));
    l->vertex = limner_alloc(max_vertices, sizeof(*l->vertex));
    l->start = limner_calloc((size_t)n_rows + 2, sizeof(*l->start));
    l->order = limner_alloc(max, sizeof(*l->order));
    l->left = limner_calloc(n_bands, sizeof(*l->left));
    l->right = limner_calloc(n_bands, sizeof(*l->right));
    if (!l->tri || !l->kind || !l->row || !l->vertex || !l->start || !l->order || !l->left ||
        !l->right) {
        limner_drawlist_close(l);
        return LIMNER_E_NOMEM;
    }
    return LIMNER_OK;
}

void limner_drawlist_close(limner_drawlist *l)
{
    limner_mem_free(l->tri);
    limner_mem_free(l->kind);
    limner_mem_free(l->row);
    limner_mem_free(l->vertex);
    limner_mem_free(l->start);
    limner_mem_free(l->order);
    limner_mem_free(l->left);
    limner_mem_free(l->right);
    memset(l, 0, sizeof(*l));
}

void limner_drawlist_begin(limner_drawlist *l)
{
    l->n = 0;
    l->clip[0] = l->clip[1] = -INFINITY;
    l->clip[2] = l->clip[3] = INFINITY;
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

static bool is_beyond(const limner_drawlist *l, const limner_corners *c)
{
    const float *x = c->x, *y = c->y, *clip = l->clip;

    return (x[0] < clip[0] && x[1] < clip[0] && x[2] < clip[0]) ||
           (y[0] < clip[1] && y[1] < clip[1] && y[2] < clip[1]) ||
           (x[0] > clip[2] && x[1] > clip[2] && x[2] > clip[2]) ||
           (y[0] > clip[3] && y[1] > clip[3] && y[2] > clip[3]);
}

limner_plane *limner_drawlist_add(limner_drawlist *l, const limner_corners *c, uint8_t kind)
{
    if (l->n >= l->max || is_beyond(l, c) || !limner_tri_setup(&l->tri[l->n], c->x, c->y, c->z))
        return NULL;
    l->kind[l->n] = kind;
    return &l->plane[l->n++];
}

void limner_plane_set(limner_plane *p, const limner_corners *c, int k, float v0, float v1, float v2)
{
    const float ax = c->x[1] - c->x[0], ay = c->y[1] - c->y[0];
    const float bx = c->x[2] - c->x[0], by = c->y[2] - c->y[0];
    const float area = ax * by - ay * bx;
    const float longest = larger(larger(fabsf(ax), fabsf(ay)), larger(fabsf(bx), fabsf(by)));

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

static void snap_vertices(limner_drawlist *l, const limner_mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->n_vertices && i < l->max_vertices; i++) {
        limner_vertex *v = &l->vertex[i];

        v->x = mesh->x[i];
        v->y = mesh->y[i];
        for (int k = 0; k < 3; k++)
            v->value[k] = mesh->value[k][i];
        v->value[3] = mesh->z[i];
        if (!limner_raster_snap(v->x, v->y, v->value[3], v->at))
            v->at[0] = INT32_MIN;
    }
}

/* Depth and attributes of triangle n from its corners. */
static void set_planes(limner_drawlist *l, const limner_vertex *a, const limner_vertex *b,
                       const limner_vertex *c)
{
    limner_tri *t = &l->tri[l->n];
    limner_plane *p = &l->plane[l->n];
    const float ax = b->x - a->x, ay = b->y - a->y, bx = c->x - a->x, by = c->y - a->y;
    const float area = ax * by - ay * bx;
    const float longest = larger(larger(fabsf(ax), fabsf(ay)), larger(fabsf(bx), fabsf(by)));
    const bool is_sliver = !(fabsf(area) > SLIVER_PX * longest);
    const float inv = is_sliver ? 0 : 1 / area;
    float at[4], right[4], down[4];

    for (int k = 0; k < 4; k++) {
        const float v = b->value[k] - a->value[k], w = c->value[k] - a->value[k];

        right[k] = (v * by - w * ay) * inv;
        down[k] = (w * ax - v * bx) * inv;
        at[k] = is_sliver ? a->value[k] + (v + w) / 3 : a->value[k];
    }
    p->x = a->x;
    p->y = a->y;
    for (int k = 0; k < 3; k++) {
        p->a[k] = at[k];
        p->ax[k] = right[k];
        p->ay[k] = down[k];
    }
    t->zx = right[3];
    t->zy = down[3];
    t->z = at[3] - right[3] * a->x - down[3] * a->y;
}

void limner_drawlist_add_mesh(limner_drawlist *l, const limner_mesh *mesh)
{
    snap_vertices(l, mesh);
    for (uint32_t i = 0; i < mesh->n_triangles && l->n < l->max; i++) {
        const uint16_t *t = mesh->index + 3 * (size_t)i;
        const limner_vertex *a = &l->vertex[t[0]], *b = &l->vertex[t[1]], *c = &l->vertex[t[2]];
        limner_tri *out = &l->tri[l->n];

        if (a->at[0] == INT32_MIN || b->at[0] == INT32_MIN || c->at[0] == INT32_MIN)
            continue;
        l->kind[l->n] = mesh->kind ? mesh->kind[i] : 0;
        if (limner_tri_place(out, a->at, b->at, c->at)) {
            set_planes(l, a, b, c);
            l->n++;
        } else if (mesh->is_two_sided && mesh->is_two_sided[i] &&
                   limner_tri_place(out, a->at, c->at, b->at)) {
            set_planes(l, a, c, b);
            out->z -= mesh->behind;
            l->n++;
        }
    }
}

/* Rows in which a triangle is looked for: samples beside its pixels' centres count too. */
static int32_t first_row(const limner_drawlist *l, const limner_tri *t)
{
    const int32_t row = t->top > 0 ? t->top - 1 : 0;

    return row < l->n_rows ? row : l->n_rows - 1;
}

static int32_t last_row(const limner_drawlist *l, const limner_tri *t, int32_t first)
{
    const int32_t row = t->low + 1;

    return row < first ? first : row < l->n_rows ? row : l->n_rows - 1;
}

/* Widens the extents of the bands that a triangle touches. */
static void widen(limner_drawlist *l, const limner_tri *t, uint32_t first, uint32_t last)
{
    const int32_t x0 = t->left > 0 ? t->left - 1 : 0, x1 = t->right < -1 ? 0 : t->right + 2;

    for (uint32_t b = first / LIMNER_BAND_ROWS; b <= last / LIMNER_BAND_ROWS; b++) {
        l->left[b] = x0 < l->left[b] ? x0 : l->left[b];
        l->right[b] = x1 > l->right[b] ? x1 : l->right[b];
    }
}

void limner_drawlist_bin(limner_drawlist *l)
{
    uint32_t *count = l->start + 1;     /* becomes the running end of each row's entries */

    memset(l->start, 0, ((size_t)l->n_rows + 2) * sizeof(*l->start));
    l->span = 0;
    for (int32_t b = 0; b <= (l->n_rows - 1) / LIMNER_BAND_ROWS; b++) {
        l->left[b] = INT32_MAX;
        l->right[b] = 0;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        const int32_t first = first_row(l, &l->tri[i]), last = last_row(l, &l->tri[i], first);

        l->span = last - first > l->span ? last - first : l->span;
        l->row[i] = (uint16_t)first;
        count[first + 1]++;
        widen(l, &l->tri[i], (uint32_t)first, (uint32_t)last);
    }
    for (int32_t y = 0; y < l->n_rows; y++)
        count[y + 1] += count[y];
    for (uint32_t i = 0; i < l->n; i++) {
        const limner_tri *t = &l->tri[i];

        l->order[count[l->row[i]]++] = (limner_draw_entry){t->left, t->right, t->top, t->low, i};
    }
}

/* Entries of `order` that may touch the band. */
static void find_range(const limner_drawlist *l, const limner_raster_band *b, uint32_t *from,
                       uint32_t *to)
{
    const int32_t first = b->y0 / b->per_px - l->span, last = (b->y1 - 1) / b->per_px;

    *from = l->start[first > 0 ? first : 0];
    *to = l->start[last < l->n_rows ? last + 1 : l->n_rows];
}

/* A band in pixels, widened by what fine samples need. */
typedef struct pixel_box {
    int32_t left, right, top, low;
} pixel_box;

static pixel_box box_of(const limner_raster_band *b)
{
    const int32_t q = b->per_px, more = q - 1;
    const pixel_box box = {.left = b->from / q - more, .right = (b->to - 1) / q + more,
                           .top = b->y0 / q - more, .low = (b->y1 - 1) / q + more};

    return box;
}

static bool is_hidden(const limner_raster_band *b, const limner_draw_entry *e)
{
    const int32_t left = e->left > b->from ? e->left : b->from;

    return b->hidden && left < b->to && b->hidden[left] >= (e->right < b->to ? e->right
                                                                            : b->to - 1);
}

static bool is_within(const pixel_box *b, const limner_draw_entry *e)
{
    return e->low >= b->top && e->top <= b->low && e->right >= b->left && e->left <= b->right;
}

static void draw(const limner_drawlist *l, const limner_raster_band *b, uint32_t i)
{
    limner_raster_draw(b, &l->tri[i],
                       (l->first_number + (int32_t)i) | (int32_t)l->kind[i] << LIMNER_KIND_SHIFT);
}

void limner_drawlist_draw(const limner_drawlist *l, const limner_raster_band *b)
{
    const pixel_box box = box_of(b);
    uint32_t from, to;

    find_range(l, b, &from, &to);
    for (uint32_t i = from; i < to; i++) {
        if (is_within(&box, &l->order[i]) && !is_hidden(b, &l->order[i]))
            draw(l, b, l->order[i].index);
    }
}

void limner_drawlist_draw_kind(const limner_drawlist *l, const limner_raster_band *b, uint8_t kind)
{
    const pixel_box box = box_of(b);
    uint32_t from, to;

    find_range(l, b, &from, &to);
    for (uint32_t i = from; i < to; i++) {
        if (l->kind[l->order[i].index] == kind && is_within(&box, &l->order[i]))
            draw(l, b, l->order[i].index);
    }
}
