/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up and sorting of a frame's triangles. They are sorted by the row they begin in and a band
 * looks back as many rows as the tallest triangle spans: a counting sort without lists that grow.
 * Within a row the order of adding is kept, so that ties in depth fall the same way everywhere. */
#include "render/drawlist.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "render/raster_setup.h"

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
    l->dsp = limner_pix_dsp_get(limner_cpu_flags());
    l->tri = limner_alloc(max, sizeof(*l->tri));
    l->kind = limner_alloc(max, 1);
    l->is_pair = limner_alloc(max, 1);
    l->row = limner_alloc(max, sizeof(*l->row));
    l->vertex = limner_alloc(max_vertices, sizeof(*l->vertex));
    l->start = limner_calloc((size_t)n_rows + 2, sizeof(*l->start));
    l->entry = limner_alloc(max, sizeof(*l->entry));
    l->order = limner_alloc(max, sizeof(*l->order));
    l->left = limner_calloc(n_bands, sizeof(*l->left));
    l->right = limner_calloc(n_bands, sizeof(*l->right));
    if (!l->tri || !l->kind || !l->is_pair || !l->row || !l->vertex || !l->start || !l->entry ||
        !l->order || !l->left || !l->right) {
        limner_drawlist_close(l);
        return LIMNER_E_NOMEM;
    }
    return LIMNER_OK;
}

void limner_drawlist_close(limner_drawlist *l)
{
    limner_mem_free(l->tri);
    limner_mem_free(l->kind);
    limner_mem_free(l->is_pair);
    limner_mem_free(l->row);
    limner_mem_free(l->vertex);
    limner_mem_free(l->start);
    limner_mem_free(l->entry);
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
    l->is_pair[l->n] = false;
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
    if (fabsf(area) <= LIMNER_SLIVER_PX * longest) {
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

/* Triangle i of the mesh as the list's next one: 0: not seen; else 1, or 2 for its back. */
static int add_triangle(limner_drawlist *l, const limner_mesh *mesh, uint32_t i)
{
    const uint16_t *t = mesh->index + 3 * (size_t)i;
    const limner_vertex *a = &l->vertex[t[0]], *b = &l->vertex[t[1]], *c = &l->vertex[t[2]];
    limner_tri *out = &l->tri[l->n];
    limner_plane *p = &l->plane[l->n];

    if (a->at[0] == INT32_MIN || b->at[0] == INT32_MIN || c->at[0] == INT32_MIN)
        return 0;
    l->kind[l->n] = mesh->kind ? mesh->kind[i] : 0;
    l->is_pair[l->n] = false;
    if (l->dsp->set_up(out, p, a, b, c))
        return 1;
    if (!mesh->is_two_sided || !mesh->is_two_sided[i] || !l->dsp->set_up(out, p, a, c, b))
        return 0;
    out->z -= mesh->behind;
    return 2;
}

void limner_drawlist_add_mesh(limner_drawlist *l, const limner_mesh *mesh)
{
    int before = 0;                     /* how the triangle before was added */

    snap_vertices(l, mesh);
    for (uint32_t i = 0; i < mesh->n_triangles && l->n < l->max; i++) {
        const int now = add_triangle(l, mesh, i);

        if (before == 1 && now == 1 && mesh->is_pair && mesh->is_pair[i - 1])
            l->is_pair[l->n - 1] = true;
        l->n += now > 0;
        before = now;
    }
}

/* Triangle i, or the pair that begins with it. */
static limner_draw_entry entry_of(const limner_drawlist *l, uint32_t i)
{
    const limner_tri *t = &l->tri[i], *u = t + l->is_pair[i];
    const limner_draw_entry e = {.left = t->left < u->left ? t->left : u->left,
                                 .right = t->right > u->right ? t->right : u->right,
                                 .top = t->top < u->top ? t->top : u->top,
                                 .low = t->low > u->low ? t->low : u->low,
                                 .index = i | (l->is_pair[i] ? LIMNER_DRAW_PAIR : 0)};

    return e;
}

/* Rows in which an entry is looked for: samples beside its pixels' centres count too. */
static int32_t first_row(const limner_drawlist *l, const limner_draw_entry *e)
{
    const int32_t row = e->top > 0 ? e->top - 1 : 0;

    return row < l->n_rows ? row : l->n_rows - 1;
}

static int32_t last_row(const limner_drawlist *l, const limner_draw_entry *e, int32_t first)
{
    const int32_t row = e->low + 1;

    return row < first ? first : row < l->n_rows ? row : l->n_rows - 1;
}

/* Widens the extents of the bands that an entry touches. */
static void widen(limner_drawlist *l, const limner_draw_entry *e, uint32_t first, uint32_t last)
{
    const int32_t x0 = e->left > 0 ? e->left - 1 : 0, x1 = e->right < -1 ? 0 : e->right + 2;

    for (uint32_t b = first / LIMNER_BAND_ROWS; b <= last / LIMNER_BAND_ROWS; b++) {
        if (x0 < l->left[b])            /* seldom: not stored for the next one to wait for */
            l->left[b] = x0;
        if (x1 > l->right[b])
            l->right[b] = x1;
    }
}

void limner_drawlist_bin(limner_drawlist *l)
{
    uint32_t *count = l->start + 1;     /* becomes the running end of each row's entries */
    uint32_t n = 0;

    memset(l->start, 0, ((size_t)l->n_rows + 2) * sizeof(*l->start));
    l->span = 0;
    for (int32_t b = 0; b <= (l->n_rows - 1) / LIMNER_BAND_ROWS; b++) {
        l->left[b] = INT32_MAX;
        l->right[b] = 0;
    }
    for (uint32_t i = 0; i < l->n; i += 1 + l->is_pair[i]) {
        const limner_draw_entry e = entry_of(l, i);
        const int32_t first = first_row(l, &e), last = last_row(l, &e, first);

        l->span = last - first > l->span ? last - first : l->span;
        l->row[n] = (uint16_t)first;
        l->entry[n++] = e;
        count[first + 1]++;
        widen(l, &e, (uint32_t)first, (uint32_t)last);
    }
    for (int32_t y = 0; y < l->n_rows; y++)
        count[y + 1] += count[y];
    for (uint32_t i = 0; i < n; i++)
        l->order[count[l->row[i]]++] = l->entry[i];
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

static int32_t number_of(const limner_drawlist *l, uint32_t i)
{
    return (l->first_number + (int32_t)i) | (int32_t)l->kind[i] << LIMNER_KIND_SHIFT;
}

static void draw(const limner_drawlist *l, const limner_raster_band *b, uint32_t i)
{
    limner_raster_draw(b, &l->tri[i], number_of(l, i));
}

void limner_drawlist_draw(const limner_drawlist *l, const limner_raster_band *b)
{
    const pixel_box box = box_of(b);
    uint32_t from, to;

    find_range(l, b, &from, &to);
    for (uint32_t k = from; k < to; k++) {
        const uint32_t i = l->order[k].index & ~LIMNER_DRAW_PAIR;

        if (!is_within(&box, &l->order[k]) || is_hidden(b, &l->order[k]))
            continue;
        if (l->order[k].index & LIMNER_DRAW_PAIR)
            b->dsp->pair(b, &l->tri[i], (const int32_t[2]){number_of(l, i), number_of(l, i + 1)});
        else
            draw(l, b, i);
    }
}

void limner_drawlist_draw_kind(const limner_drawlist *l, const limner_raster_band *b, uint8_t kind)
{
    const pixel_box box = box_of(b);
    uint32_t from, to;

    find_range(l, b, &from, &to);
    for (uint32_t k = from; k < to; k++) {
        const uint32_t i = l->order[k].index & ~LIMNER_DRAW_PAIR;

        if (!is_within(&box, &l->order[k]))
            continue;
        if (l->kind[i] == kind)
            draw(l, b, i);
        if (l->is_pair[i] && l->kind[i + 1] == kind)
            draw(l, b, i + 1);
    }
}
