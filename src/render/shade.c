/* SPDX-License-Identifier: Apache-2.0 */
/* A band of rows (shade.h): sheet and core are drawn at pixel centres, a row beyond the band on
 * both sides; places are looked up; neighbours that show different things mark each other, and only
 * the marked blocks are drawn again with four samples a pixel. shade_row.c colours the rows. */
#include "render/shade.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "render/shade_pixel.h"

enum {
    N_ROWS = LIMNER_BAND_ROWS + 2, PAD = 16,    /* what the loops may over-read */
    BLOCK_PX = 8                        /* marked pixels are drawn again in columns of this */
};

enum { EDGE = LIMNER_MARK_EDGE, EYE = LIMNER_MARK_OTHER };

#define OPENING_U 1e5f                  /* beyond every place: openings differ from the skin */

static bool open_raster(limner_raster_band *b, int32_t n_columns, int32_t n_rows, int32_t per_px)
{
    const size_t n = (size_t)n_columns * (size_t)n_rows + PAD;

    b->n_columns = n_columns;
    b->per_px = per_px;
    b->z = limner_alloc(n, sizeof(float));
    b->id = limner_alloc(n, sizeof(int32_t));
    return b->z && b->id;
}

limner_status limner_band_work_open(limner_band_work *w, int32_t width_px)
{
    const int32_t q = LIMNER_SUPERSAMPLE;
    limner_raster_band *const fine[3] = {&w->fine_sheet, &w->fine_core, &w->inside};
    const size_t width = ((size_t)width_px + 2 * PAD - 1) / PAD * PAD;
    bool is_ok;

    memset(w, 0, sizeof(*w));
    is_ok = open_raster(&w->sheet, width_px, N_ROWS, 1) &&
            open_raster(&w->core, width_px, N_ROWS, 1);
    is_ok = is_ok && open_raster(&w->rims, width_px, LIMNER_BAND_ROWS, 1);
    for (int i = 0; i < 3; i++)
        is_ok = is_ok && open_raster(fine[i], width_px * q, LIMNER_BAND_ROWS * q, q);
    w->block = limner_calloc(3 * (N_ROWS + 1) * width, sizeof(float));
    w->marks = limner_calloc(N_ROWS, width);
    w->number = limner_calloc(width, sizeof(*w->number));
    w->jump = limner_calloc(width, 1);
    w->hidden = limner_calloc(width, sizeof(*w->hidden));
    w->rgba = limner_alloc((size_t)width_px * LIMNER_BAND_ROWS + PAD, 4);
    w->cover = limner_alloc((size_t)width_px * LIMNER_BAND_ROWS, 1);
    if (!is_ok || !w->cover || !w->block || !w->marks || !w->number || !w->hidden || !w->jump ||
        !w->rgba) {
        limner_band_work_close(w);
        return LIMNER_E_NOMEM;
    }
    for (size_t i = 0; i < N_ROWS; i++) {
        w->row[i].u = w->block + 3 * i * width;
        w->row[i].v = w->row[i].u + width;
        w->row[i].light = w->row[i].v + width;
        w->mark[i] = w->marks + i * width;
    }
    w->under = (limner_places){w->block + 3 * N_ROWS * width,
                               w->block + (3 * N_ROWS + 1) * width,
                               w->block + (3 * N_ROWS + 2) * width};
    return LIMNER_OK;
}

void limner_band_work_close(limner_band_work *w)
{
    limner_raster_band *const all[6] = {&w->sheet, &w->core, &w->fine_sheet, &w->fine_core,
                                        &w->inside, &w->rims};

    for (int i = 0; i < 6; i++) {
        limner_mem_free(all[i]->z);
        limner_mem_free(all[i]->id);
    }
    limner_mem_free(w->block);
    limner_mem_free(w->marks);
    limner_mem_free(w->number);
    limner_mem_free(w->hidden);
    limner_mem_free(w->jump);
    limner_mem_free(w->rgba);
    limner_mem_free(w->cover);
    memset(w, 0, sizeof(*w));
}

/* ---- what each pixel shows ------------------------------------------------------------------- */

/* Columns of a band that the sheet or the core touches. */
static void find_extent(const limner_scene *s, int32_t band, limner_band_work *w)
{
    const limner_drawlist *lists[2] = {s->sheet, s->core};

    w->left = s->view.w;
    w->right = 0;
    for (int i = 0; i < 2; i++) {
        if (lists[i]->right[band] <= 0)
            continue;
        w->left = lists[i]->left[band] < w->left ? lists[i]->left[band] : w->left;
        w->right = lists[i]->right[band] > w->right ? lists[i]->right[band] : w->right;
    }
    w->right = w->right < s->view.w ? w->right : s->view.w;
    w->left = w->left < w->right ? w->left : w->right;
    w->from = s->is_part ? w->left / PAD * PAD : 0;
    w->to = s->is_part ? (w->right + PAD - 1) / PAD * PAD : s->view.w;
    w->to = w->to < s->view.w ? w->to : s->view.w;
}

/* Columns in which the core hides the sheet in every row from `first` of the buffer on: where the
 * run of them ends. */
static void find_hidden(limner_band_work *w, int32_t first)
{
    uint8_t *seen = w->mark[0];         /* not yet in use */
    int32_t end = w->right;

    memset(seen, 0, (size_t)w->right);
    for (int32_t y = first; y < w->core.y1 - w->core.y0; y++)
        w->core.dsp->add_seen(seen + w->left,
                              w->core.id + (ptrdiff_t)y * w->core.n_columns + w->left,
                              LIMNER_CORE_EDGE, w->right - w->left);
    for (int32_t x = w->right - 1; x >= w->left; x--) {
        end = seen[x] ? x : end;
        w->hidden[x] = (int16_t)(end - 1);
    }
}

/* The band's buffers from row `first` on. */
static limner_raster_band rows_from(const limner_raster_band *b, int32_t first)
{
    limner_raster_band part = *b;

    part.z += (ptrdiff_t)first * b->n_columns;
    part.id += (ptrdiff_t)first * b->n_columns;
    part.y0 += first;
    return part;
}

/* What is seen at the centres, but in the first n_known rows, which are there already. */
static void draw_centres(const limner_scene *s, limner_band_work *w, int32_t n_known)
{
    limner_raster_band *const both[2] = {&w->sheet, &w->core};
    limner_raster_band sheet, core;

    for (int i = 0; i < 2; i++) {
        both[i]->dsp = s->dsp;
        both[i]->from = w->left;
        both[i]->to = w->right;
        both[i]->y0 = w->y0 > 0 ? w->y0 - 1 : 0;
        both[i]->y1 = w->y0 + w->n_rows < s->view.h ? w->y0 + w->n_rows + 1 : s->view.h;
    }
    sheet = rows_from(&w->sheet, n_known);
    core = rows_from(&w->core, n_known);
    limner_raster_clear(&sheet);
    limner_raster_clear(&core);
    limner_drawlist_draw(s->core, &core);
    find_hidden(w, n_known);
    sheet.hidden = w->hidden;
    limner_drawlist_draw(s->sheet, &sheet);
}

/* Of row `from` of a buffer the columns left .. up to right become row `to`'s; the other columns of
 * the band are empty. */
static void keep_row(const limner_band_work *w, const limner_raster_band *b, int32_t from,
                     int32_t to, int32_t left, int32_t right)
{
    const ptrdiff_t a = (ptrdiff_t)from * b->n_columns, c = (ptrdiff_t)to * b->n_columns;
    const int32_t x0 = left > w->left ? left : w->left, x1 = right < w->right ? right : w->right;

    for (int32_t x = w->left; x < w->right; x++) {
        const bool is_kept = x >= x0 && x < x1;

        b->id[c + x] = is_kept ? b->id[a + x] : -1;
        b->z[c + x] = is_kept ? b->z[a + x] : LIMNER_RASTER_FAR;
    }
}

static void forget(limner_band_work *w, int32_t i, int32_t from, int32_t to)
{
    for (int32_t x = from; x < to; x++) {
        w->row[i].u[x] = w->row[i].v[x] = w->row[i].light[x] = NAN;
        w->mark[i][x] = LIMNER_MARK_NOTHING;
    }
}

/* The last two rows of the band before, of which left .. up to right were drawn, are this one's
 * first. Returns how many that are. */
static int32_t keep_rows(limner_band_work *w, int32_t left, int32_t right)
{
    const int32_t last = w->y0 > LIMNER_BAND_ROWS ? LIMNER_BAND_ROWS : LIMNER_BAND_ROWS - 1;

    for (int32_t i = 0; i < 2; i++) {
        const limner_places row = w->row[i];
        uint8_t *mark = w->mark[i];

        keep_row(w, &w->core, last + i, i, left, right);
        keep_row(w, &w->sheet, last + i, i, left, right);
        w->row[i] = w->row[LIMNER_BAND_ROWS + i];
        w->row[LIMNER_BAND_ROWS + i] = row;
        w->mark[i] = w->mark[LIMNER_BAND_ROWS + i];
        w->mark[LIMNER_BAND_ROWS + i] = mark;
        forget(w, i, w->left, left < w->right ? left : w->right);
        forget(w, i, right > w->left ? right : w->left, w->right);
    }
    return 2;
}

/* An opening at pixel x of a row: its place is beyond every one of the skin. */
static void settle_opening(const limner_places *row, uint8_t *mark, int32_t x, int32_t core)
{
    const int kind = limner_kind_of(core);

    if (kind == LIMNER_CORE_EDGE)
        return;
    row->u[x] = OPENING_U * (float)kind;
    row->v[x] = 0;
    mark[x] = kind == LIMNER_CORE_MOUTH ? EDGE : EYE;
}

static limner_places places_from(const limner_places *p, int32_t x)
{
    return (limner_places){p->u + x, p->v + x, p->light + x};
}

/* Pixels from .. up to of row y, of the core, that need more than their own place: its soft border,
 * openings. */
static void settle(const limner_scene *s, limner_band_work *w, int32_t y, int32_t from, int32_t to)
{
    const ptrdiff_t at = (ptrdiff_t)(y - w->core.y0) * w->core.n_columns;
    const limner_places *row = &w->row[y - w->y0 + 1];
    const limner_places part = places_from(row, from), under = places_from(&w->under, from);
    const limner_border border = {.kind = LIMNER_CORE_EDGE, .feather = s->feather,
                                  .w = s->view.w, .h = s->person->h, .far_from = s->view.h,
                                  .far_opacity = s->far_opacity, .apart_px = LIMNER_SAME_PX};
    uint8_t *mark = w->mark[y - w->y0 + 1];

    s->dsp->places(s->plane, w->sheet.id + at + from, to - from, (float)from + 0.5f,
                   (float)y + 0.5f, &under);
    s->dsp->join(&border, w->core.id + at + from, &under, to - from, &part, mark + from);
    for (int32_t x = from; x < to; x++)
        settle_opening(row, mark, x, w->core.id[at + x]);
}

/* Places and first marks of canvas row y. */
static void find_places(const limner_scene *s, limner_band_work *w, int32_t y)
{
    const ptrdiff_t at = (ptrdiff_t)(y - w->core.y0) * w->core.n_columns;
    const int32_t *core = w->core.id + at, *sheet = w->sheet.id + at;
    const limner_places part = places_from(&w->row[y - w->y0 + 1], w->left);
    uint8_t *mark = w->mark[y - w->y0 + 1];
    int32_t end;

    s->dsp->merge(core + w->left, sheet + w->left, w->right - w->left, w->number + w->left,
                  mark + w->left);
    s->dsp->places(s->plane, w->number + w->left, w->right - w->left, (float)w->left + 0.5f,
                   (float)y + 0.5f, &part);
    for (int32_t x = limner_next_mark(mark, w->left, w->right); x < w->right;
         x = limner_next_mark(mark, end, w->right)) {
        for (end = x; end < w->right && mark[end] & LIMNER_MARK_OTHER; end++)
            continue;
        if (end > x)
            settle(s, w, y, x, end);
        else
            end = x + 1;
    }
}

/* Marks the pixels of row i, and of the next, that show something else than a neighbour in it or
 * than each other. Rows 0 and n_rows + 1 are the neighbours of the band, which mark nothing. */
static void mark_jumps(const limner_scene *s, limner_band_work *w, int32_t i)
{
    const limner_places at = places_from(&w->row[i], w->left);
    const limner_places next = places_from(&w->row[i + 1], w->left);
    const int32_t n = w->right - w->left, y = w->y0 + i - 1;
    uint8_t *mark = w->mark[i] + w->left;

    if (n < 1)
        return;
    if (i >= 1) {
        memset(w->jump, 0, (size_t)n);
        s->dsp->jumps(at.u, at.v, at.u + 1, at.v + 1, n - 1, LIMNER_SAME_PX, w->jump);
        s->dsp->add_marks(mark, w->jump, n - 1);
        s->dsp->add_marks(mark + 1, w->jump, n - 1);
    }
    if (y < 0 || y + 1 >= s->view.h)
        return;
    memset(w->jump, 0, (size_t)n);
    s->dsp->jumps(at.u, at.v, next.u, next.v, n, LIMNER_SAME_PX, w->jump);
    if (i >= 1)
        s->dsp->add_marks(mark, w->jump, n);
    if (i < w->n_rows)
        s->dsp->add_marks(w->mark[i + 1] + w->left, w->jump, n);
}

/* A tongue put out may lie before the skin anywhere the mouth's inside reaches. */
static void mark_tongue(const limner_scene *s, limner_band_work *w, int32_t band)
{
    int32_t from = s->inside->left[band], to = s->inside->right[band];

    from = from > w->left ? from : w->left;
    to = to < w->right ? to : w->right;
    for (int32_t i = 1; i <= w->n_rows; i++) {
        for (int32_t x = from; x < to; x++)
            w->mark[i][x] |= EDGE;
    }
}

/* ---- marked blocks --------------------------------------------------------------------------- */

/* Four samples a pixel of some columns and rows of the band. */
typedef struct fine_part {
    limner_raster_band sheet, core, inside;
} fine_part;

/* Out of the mouth the tongue shows where it is nearer than the skin. */
static void draw_tongue(const limner_scene *s, const fine_part *f)
{
    for (int32_t y = 0; y < f->inside.y1 - f->inside.y0; y++) {
        const ptrdiff_t at = (ptrdiff_t)y * f->inside.n_columns;

        for (ptrdiff_t i = at + f->inside.from; i < at + f->inside.to; i++) {
            const int kind = limner_kind_of(f->core.id[i]);

            if (kind == LIMNER_CORE_SKIN || kind == LIMNER_CORE_EDGE)
                f->inside.z[i] = f->core.z[i];
        }
    }
    limner_drawlist_draw_kind(s->inside, &f->inside, LIMNER_MOUTH_TONGUE);
}

/* The interior is drawn only where the lips' opening is front-most: elsewhere depth is closed. */
static void draw_inside(const limner_scene *s, const fine_part *f)
{
    bool is_any = false;

    for (int32_t y = 0; y < f->inside.y1 - f->inside.y0; y++) {
        const ptrdiff_t at = (ptrdiff_t)y * f->inside.n_columns;

        for (ptrdiff_t i = at + f->inside.from; i < at + f->inside.to; i++) {
            const bool is_mouth = limner_kind_of(f->core.id[i]) == LIMNER_CORE_MOUTH;

            f->inside.id[i] = -1;
            f->inside.z[i] = is_mouth ? LIMNER_RASTER_FAR : -LIMNER_RASTER_FAR;
            is_any = is_any || is_mouth;
        }
    }
    if (is_any)
        limner_drawlist_draw(s->inside, &f->inside);
    if (s->is_tongue_out)
        draw_tongue(s, f);
}

/* Columns and rows of the band, from .. up to. */
typedef struct pixel_part {
    int32_t left, right, top, low;
} pixel_part;

static limner_raster_band part_of(const limner_scene *s, const limner_band_work *w,
                                  const limner_raster_band *all, const pixel_part *p)
{
    const int32_t q = LIMNER_SUPERSAMPLE;
    const ptrdiff_t before = (ptrdiff_t)q * p->top * all->n_columns;
    limner_raster_band part = *all;

    part.dsp = s->dsp;
    part.z += before;
    part.id += before;
    part.from = q * p->left;
    part.to = q * p->right;
    part.y0 = q * (w->y0 + p->top);
    part.y1 = q * (w->y0 + p->low);
    return part;
}

static void draw_fine(const limner_scene *s, const limner_band_work *w, const pixel_part *p)
{
    const fine_part f = {part_of(s, w, &w->fine_sheet, p), part_of(s, w, &w->fine_core, p),
                         part_of(s, w, &w->inside, p)};

    limner_raster_clear(&f.sheet);
    limner_raster_clear(&f.core);
    limner_drawlist_draw(s->sheet, &f.sheet);
    limner_drawlist_draw(s->core, &f.core);
    if (w->has_inside)
        draw_inside(s, &f);
}

static bool has_edge(const uint8_t *mark, int32_t from, int32_t to)
{
    for (int32_t x = limner_next_mark(mark, from, to); x < to;
         x = limner_next_mark(mark, x + 1, to)) {
        if (mark[x] & EDGE)
            return true;
    }
    return false;
}

/* Columns left .. up to right hold marks: draws the rows that do. */
static void draw_run(const limner_scene *s, const limner_band_work *w, int32_t left, int32_t right)
{
    pixel_part p = {left, right, 0, w->n_rows};

    while (p.top < p.low && !has_edge(w->mark[p.top + 1], left, right))
        p.top++;
    while (p.low > p.top && !has_edge(w->mark[p.low], left, right))
        p.low--;
    draw_fine(s, w, &p);
}

/* Draws runs of marked blocks. */
static void draw_marked(const limner_scene *s, limner_band_work *w)
{
    uint8_t *any = w->mark[0];          /* of each column; the row above is not needed any more */
    int32_t from = w->left;             /* of the run */

    memcpy(any, w->mark[1], (size_t)w->right);
    for (int32_t i = 2; i <= w->n_rows; i++)
        s->dsp->add_marks(any + w->left, w->mark[i] + w->left, w->right - w->left);
    for (int32_t x = w->left; x < w->right; x += BLOCK_PX) {
        const int32_t end = x + BLOCK_PX < w->right ? x + BLOCK_PX : w->right;
        bool is_run = false;

        for (int32_t k = x; k < end; k++)
            is_run = is_run || (any[k] & EDGE);
        if (!is_run && from < x)
            draw_run(s, w, from, x);
        if (!is_run)
            from = end;
        else if (end == w->right)
            draw_run(s, w, from, end);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The layer of rims, one sample a pixel. */
static void draw_rims(const limner_scene *s, limner_band_work *w, int32_t band)
{
    w->has_rims = s->rims && s->rims->list.right[band] > w->left;
    if (!w->has_rims)
        return;
    w->rims.dsp = s->dsp;
    w->rims.from = s->rims->list.left[band] > w->left ? s->rims->list.left[band] : w->left;
    w->rims.to = s->rims->list.right[band] < w->right ? s->rims->list.right[band] : w->right;
    w->rims.y0 = w->y0;
    w->rims.y1 = w->y0 + w->n_rows;
    w->has_rims = w->rims.from < w->rims.to;
    limner_raster_clear(&w->rims);
    limner_drawlist_draw(&s->rims->list, &w->rims);
}

void limner_shade_begin(limner_band_work *work)
{
    work->last = LIMNER_NO_BAND;
}

int32_t limner_shade_band(const limner_scene *s, int32_t band, limner_band_work *work)
{
    const int32_t y0 = band * LIMNER_BAND_ROWS, h = s->view.h;
    const int32_t left = work->left, right = work->right;
    int32_t n_known = 0;

    work->y0 = y0;
    work->n_rows = h - y0 < LIMNER_BAND_ROWS ? h - y0 : LIMNER_BAND_ROWS;
    work->has_inside = s->is_mouth_open && s->inside->right[band] > 0;
    find_extent(s, band, work);
    if (work->last == band - 1)
        n_known = keep_rows(work, left, right);
    work->last = band;
    draw_centres(s, work, n_known);
    for (int32_t y = work->core.y0 + n_known; y < work->core.y1; y++)
        find_places(s, work, y);
    for (int32_t i = 0; i <= work->n_rows; i++)
        mark_jumps(s, work, i);
    if (work->has_inside && s->is_tongue_out)
        mark_tongue(s, work, band);
    draw_marked(s, work);
    draw_rims(s, work, band);
    for (int32_t y = y0; y < y0 + work->n_rows; y++)
        limner_shade_row(s, work, y);
    return work->n_rows;
}
