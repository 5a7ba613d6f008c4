/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving samples (shade.h). Core and sheet sample the same picture, so their feathered border
 * blends where they sample rather than colours, unless one lies in front of the other. */
#include "render/shade.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

#define SAME_PX 3.0f            /* samples of one pixel further apart in the photo are an edge */

#define FAR_PX 1000.0f          /* a tongue out of the mouth is far from the lips' shadow */

enum { N_SAMPLES = LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE };

/* One pixel's samples. */
typedef struct pixel {
    int32_t x, y;                       /* canvas */
    int32_t sheet[N_SAMPLES], core[N_SAMPLES], inside[N_SAMPLES];
} pixel;

/* Where in the photo and how lit. */
typedef struct place {
    float u, v, light;
} place;

limner_status limner_band_work_open(limner_band_work *w, int32_t width_px)
{
    const size_t n = (size_t)width_px * LIMNER_BAND_ROWS * N_SAMPLES;
    limner_raster_band *bands[3] = {&w->sheet, &w->core, &w->inside};
    bool is_ok = true;

    memset(w, 0, sizeof(*w));
    for (int i = 0; i < 3; i++) {
        bands[i]->n_columns = width_px * LIMNER_SUPERSAMPLE;
        bands[i]->z = limner_alloc(n, sizeof(float));
        bands[i]->id = limner_alloc(n, sizeof(int32_t));
        is_ok = is_ok && bands[i]->z && bands[i]->id;
    }
    w->rgba = limner_alloc((size_t)width_px * LIMNER_BAND_ROWS, 4);
    w->column = limner_alloc((size_t)width_px, sizeof(*w->column));
    w->u = limner_alloc((size_t)width_px, sizeof(float));
    w->v = limner_alloc((size_t)width_px, sizeof(float));
    w->light = limner_alloc((size_t)width_px, sizeof(float));
    w->sampled = limner_alloc((size_t)width_px, 4);
    if (is_ok && w->rgba && w->column && w->u && w->v && w->light && w->sampled)
        return LIMNER_OK;
    limner_band_work_close(w);
    return LIMNER_E_NOMEM;
}

void limner_band_work_close(limner_band_work *w)
{
    limner_mem_free(w->sheet.z);
    limner_mem_free(w->sheet.id);
    limner_mem_free(w->core.z);
    limner_mem_free(w->core.id);
    limner_mem_free(w->inside.z);
    limner_mem_free(w->inside.id);
    limner_mem_free(w->rgba);
    limner_mem_free(w->column);
    limner_mem_free(w->u);
    limner_mem_free(w->v);
    limner_mem_free(w->light);
    limner_mem_free(w->sampled);
    memset(w, 0, sizeof(*w));
}

static bool is_skin(uint8_t kind)
{
    return kind == LIMNER_CORE_SKIN || kind == LIMNER_CORE_EDGE;
}

/* Canvas point of sample n of a pixel. */
static float sample_x(const pixel *p, int n)
{
    return (float)p->x + 0.25f + 0.5f * (float)(n & 1);
}

static float sample_y(const pixel *p, int n)
{
    return (float)p->y + 0.25f + 0.5f * (float)(n >> 1);
}

static place place_at(const limner_drawlist *l, int32_t id, float x, float y)
{
    const limner_plane *p = l->plane + (size_t)id * l->n_planes;
    const place out = {limner_plane_at(p, 0, x, y), limner_plane_at(p, 1, x, y),
                       limner_plane_at(p, 2, x, y)};

    return out;
}

static bool is_apart(const place *a, const place *b)
{
    return fabsf(a->u - b->u) >= SAME_PX || fabsf(a->v - b->v) >= SAME_PX;
}

/* Place of a pixel whose samples all hit the list; false: two surfaces meet in it. Planes are taken
 * at the pixel's centre, which lies within half a pixel of each triangle that was hit. */
static bool place_of(const limner_drawlist *l, const int32_t id[N_SAMPLES], const pixel *p,
                     place *out)
{
    const float x = (float)p->x + 0.5f, y = (float)p->y + 0.5f;
    place other;

    *out = place_at(l, id[0], x, y);
    if (id[3] != id[0]) {
        other = place_at(l, id[3], x, y);
        if (is_apart(out, &other))
            return false;
        out->u = (out->u + other.u) / 2;
        out->v = (out->v + other.v) / 2;
        out->light = (out->light + other.light) / 2;
    }
    for (int n = 1; n < 3; n++) {
        if (id[n] != id[0] && id[n] != id[3]) {
            other = place_at(l, id[n], x, y);
            if (is_apart(out, &other))
                return false;
        }
    }
    return true;
}

static void person_at(const limner_scene *s, const place *a, float rgba[4])
{
    limner_texture_sample(s->person, a->u, a->v, rgba);
    for (int k = 0; k < 3; k++)
        rgba[k] = fminf(255, fmaxf(0, rgba[k] * a->light));
    if (s->lids->is_any)
        limner_lids_mix(s->lids, a->u, a->v, a->light, rgba);
    rgba[3] = fminf(255, fmaxf(0, rgba[3]));
}

/* Where skin of the core at `a` samples, fading into the sheet at `under` (NULL: none). Returns 1
 * when *a alone tells, else the core's share: both are to be mixed. */
static float join(const limner_scene *s, uint8_t kind, place *a, const place *under)
{
    float f;

    if (kind != LIMNER_CORE_EDGE)
        return 1;
    f = limner_map_sample(s->feather, s->view.w, s->view.h, a->u, a->v) * (1.0f / 255);
    if (f >= 1)
        return 1;
    if (!under || is_apart(a, under))
        return f;
    a->u = under->u + f * (a->u - under->u);
    a->v = under->v + f * (a->v - under->v);
    a->light = under->light + f * (a->light - under->light);
    return 1;
}

static void skin_at(const limner_scene *s, uint8_t kind, place a, const place *under, float rgba[4])
{
    const float f = join(s, kind, &a, under);
    float other[4];

    person_at(s, &a, rgba);
    if (f >= 1)
        return;
    if (!under) {
        rgba[3] *= f;
        return;
    }
    person_at(s, under, other);
    for (int k = 0; k < 4; k++)
        rgba[k] = other[k] + f * (rgba[k] - other[k]);
}

/* Whatever sample n shows at canvas point (x, y), rgba straight. */
static void sample_at(const limner_scene *s, const pixel *p, int n, float x, float y, float rgba[4])
{
    const int32_t c = p->core[n], i = p->inside[n];
    place a, under;
    bool is_under = p->sheet[n] >= 0;

    if (is_under)
        under = place_at(s->sheet, p->sheet[n], x, y);
    rgba[0] = rgba[1] = rgba[2] = rgba[3] = 0;
    if (c < 0) {
        if (is_under)
            person_at(s, &under, rgba);
        return;
    }
    a = place_at(s->core, c, x, y);
    rgba[3] = 255;
    if (i >= 0 && is_skin(s->core->kind[c])) {
        limner_mouth_shade(s->mouth, &s->inside->plane[i], NULL, x, y,
                           (const float[3]){0.5f, FAR_PX, 0}, rgba);
        return;
    }
    switch (s->core->kind[c]) {
    case LIMNER_CORE_EYE_LEFT:
    case LIMNER_CORE_EYE_RIGHT:
        limner_eyes_shade(s->eyes, s->core->kind[c] - LIMNER_CORE_EYE_LEFT, x, y,
                          (const float[3]){a.u, a.v, a.light},
                          &s->openings->home[(uint32_t)c - s->openings->first], rgba);
        break;
    case LIMNER_CORE_MOUTH:
        limner_mouth_shade(s->mouth, i < 0 ? NULL : &s->inside->plane[i],
                           &s->openings->home[(uint32_t)c - s->openings->first], x, y,
                           (const float[3]){a.u, a.v, a.light}, rgba);
        break;
    default:
        skin_at(s, s->core->kind[c], a, is_under ? &under : NULL, rgba);
        break;
    }
}

/* Mean of the samples, weighted by their alpha. */
static void mix_samples(const limner_scene *s, const pixel *p, float rgba[4])
{
    float sum[4] = {0};

    for (int n = 0; n < N_SAMPLES; n++) {
        float one[4];

        sample_at(s, p, n, sample_x(p, n), sample_y(p, n), one);
        for (int k = 0; k < 3; k++)
            sum[k] += fminf(255, fmaxf(0, one[k])) * one[3];
        sum[3] += one[3];
    }
    for (int k = 0; k < 3; k++)
        rgba[k] = sum[3] > 0 ? sum[k] / sum[3] : 0;
    rgba[3] = sum[3] / N_SAMPLES;
}

/* What all samples agree on. */
enum { ALL_SHEET = -1, ALL_NOTHING = -2, NO_ONE = -3 };         /* or else a kind of the core */

static int agreement(const limner_scene *s, const pixel *p)
{
    int n_core = 0, n_sheet = 0, kind;

    for (int n = 0; n < N_SAMPLES; n++) {
        if (p->inside[n] >= 0)
            return NO_ONE;
        n_core += p->core[n] >= 0;
        n_sheet += p->sheet[n] >= 0;
    }
    if (!n_core)
        return n_sheet == N_SAMPLES ? ALL_SHEET : n_sheet ? NO_ONE : ALL_NOTHING;
    if (n_core < N_SAMPLES)
        return NO_ONE;
    kind = s->core->kind[p->core[0]];
    for (int n = 1; n < N_SAMPLES; n++) {
        const int k = s->core->kind[p->core[n]];

        if (k != kind && !(is_skin((uint8_t)k) && is_skin((uint8_t)kind)))
            return NO_ONE;
        kind = k == LIMNER_CORE_EDGE ? k : kind;
    }
    if (kind == LIMNER_CORE_EDGE && n_sheet && n_sheet < N_SAMPLES)
        return NO_ONE;
    return kind;
}

/* The one place of the person that the whole pixel shows; false: there is no such. */
static bool single_place(const limner_scene *s, const pixel *p, int kind, place *out)
{
    place under;
    bool is_under;

    if (kind == ALL_SHEET)
        return place_of(s->sheet, p->sheet, p, out);
    if (kind < 0 || !is_skin((uint8_t)kind) || !place_of(s->core, p->core, p, out))
        return false;
    is_under = p->sheet[0] >= 0 && kind == LIMNER_CORE_EDGE;
    if (is_under && !place_of(s->sheet, p->sheet, p, &under))
        return false;
    return join(s, (uint8_t)kind, out, is_under ? &under : NULL) >= 1;
}

/* All samples lie between the lips, where the photo's own mouth shows. */
static bool is_photo_mouth(const limner_scene *s, const pixel *p)
{
    const float x = (float)p->x + 0.5f, y = (float)p->y + 0.5f;
    place a;

    for (int n = 0; n < N_SAMPLES; n++) {
        if (p->core[n] < 0 || s->core->kind[p->core[n]] != LIMNER_CORE_MOUTH)
            return false;
    }
    a = place_at(s->core, p->core[0], x, y);
    return limner_mouth_is_photo(s->mouth,
                                 &s->openings->home[(uint32_t)p->core[0] - s->openings->first], x,
                                 y, (const float[3]){a.u, a.v, a.light});
}

/* Any other pixel. */
static void shade_pixel(const limner_scene *s, const pixel *p, int kind, uint8_t out[4])
{
    float rgba[4];

    if (kind == LIMNER_CORE_EYE_LEFT || kind == LIMNER_CORE_EYE_RIGHT || is_photo_mouth(s, p))
        sample_at(s, p, 0, (float)p->x + 0.5f, (float)p->y + 0.5f, rgba);
    else
        mix_samples(s, p, rgba);
    for (int k = 0; k < 4; k++)
        out[k] = (uint8_t)(rgba[k] < 0 ? 0 : rgba[k] > 255 ? 255 : rgba[k] + 0.5f);
}

/* Lays columns from .. up to of a row over the background; straight alpha stays without one. */
static void compose_row(const limner_scene *s, int32_t y, uint8_t *restrict rgba, int32_t from,
                        int32_t to)
{
    const uint8_t *restrict b = limner_texture_at(s->background, 0, y);

    if (s->has_alpha) {
        memset(rgba, 0, 4 * (size_t)from);
        memset(rgba + 4 * to, 0, 4 * (size_t)(s->view.w - to));
        return;
    }
    memcpy(rgba, b, 4 * (size_t)from);
    memcpy(rgba + 4 * to, b + 4 * to, 4 * (size_t)(s->view.w - to));
    for (int32_t x = 4 * from; x < 4 * to; x += 4) {
        const int32_t a = rgba[x + 3];

        if (a == 255)
            continue;
        for (int k = 0; k < 3; k++) {
            const int32_t v = b[x + k] * 255 + a * (rgba[x + k] - b[x + k]) + 127;

            rgba[x + k] = (uint8_t)((v + 1 + (v >> 8)) >> 8);       /* v / 255, exactly */
        }
        rgba[x + 3] = 255;
    }
}

/* Out of the mouth the tongue shows where it is nearer than the skin. */
static void draw_tongue(const limner_scene *s, limner_band_work *work)
{
    const int32_t from = work->left * LIMNER_SUPERSAMPLE, to = work->right * LIMNER_SUPERSAMPLE;

    for (int32_t y = 0; y < work->core.y1 - work->core.y0; y++) {
        const ptrdiff_t at = (ptrdiff_t)y * work->core.n_columns;

        for (ptrdiff_t i = at + from; i < at + to; i++) {
            const int32_t c = work->core.id[i];

            if (c >= 0 && is_skin(s->core->kind[c]))
                work->inside.z[i] = work->core.z[i];
        }
    }
    limner_drawlist_draw_kind(s->inside, &work->inside, LIMNER_MOUTH_TONGUE);
}

/* The interior is drawn only where the lips' opening is front-most: elsewhere depth is closed. */
static void draw_inside(const limner_scene *s, limner_band_work *work)
{
    const int32_t from = work->left * LIMNER_SUPERSAMPLE, to = work->right * LIMNER_SUPERSAMPLE;
    bool is_any = false;

    for (int32_t y = 0; y < work->core.y1 - work->core.y0; y++) {
        const ptrdiff_t at = (ptrdiff_t)y * work->core.n_columns;

        for (ptrdiff_t i = at + from; i < at + to; i++) {
            const int32_t c = work->core.id[i];
            const bool is_mouth = c >= 0 && s->core->kind[c] == LIMNER_CORE_MOUTH;

            work->inside.id[i] = -1;
            work->inside.z[i] = is_mouth ? LIMNER_RASTER_FAR : -LIMNER_RASTER_FAR;
            is_any = is_any || is_mouth;
        }
    }
    if (is_any)
        limner_drawlist_draw(s->inside, &work->inside);
    if (s->is_tongue_out)
        draw_tongue(s, work);
}

static void gather(const limner_band_work *w, bool has_inside, int32_t row, int32_t x, pixel *p)
{
    for (int n = 0; n < N_SAMPLES; n++) {
        const ptrdiff_t at = (ptrdiff_t)(2 * row + (n >> 1)) * w->core.n_columns + 2 * x + (n & 1);

        p->sheet[n] = w->sheet.id[at];
        p->core[n] = w->core.id[at];
        p->inside[n] = has_inside ? w->inside.id[at] : -1;
    }
}

static int32_t first_id(const limner_raster_band *b, int32_t row, int32_t x, bool *is_same)
{
    const int32_t *a = b->id + (ptrdiff_t)2 * row * b->n_columns + 2 * x, *c = a + b->n_columns;

    *is_same = a[0] == a[1] && a[0] == c[0] && a[0] == c[1];
    return a[0];
}

static void push(limner_band_work *w, int32_t x, const place *a)
{
    w->column[w->n] = x;
    w->u[w->n] = a->u;
    w->v[w->n] = a->v;
    w->light[w->n++] = a->light;
}

/* The common cases, by looking at ids alone: nothing, one triangle of the sheet, one of the core's
 * inner part. false: not one of them. */
static bool shade_plain(const limner_scene *s, limner_band_work *w, int32_t y, int32_t row,
                        int32_t x, uint8_t *rgba)
{
    const limner_drawlist *list = s->core;
    bool is_same;
    int32_t id = first_id(&w->core, row, x, &is_same);
    place a;

    if (!is_same || (id >= 0 && s->core->kind[id] != LIMNER_CORE_SKIN))
        return false;
    if (s->is_tongue_out && w->has_inside)
        return false;
    if (id < 0) {
        list = s->sheet;
        id = first_id(&w->sheet, row, x, &is_same);
        if (!is_same)
            return false;
    }
    if (id < 0) {
        memset(rgba, 0, 4);
        return true;
    }
    a = place_at(list, id, (float)x + 0.5f, (float)y + 0.5f);
    push(w, x, &a);
    return true;
}

/* Closing lids among the sampled pixels of a row. */
static void mix_lids(const limner_scene *s, const limner_band_work *w)
{
    for (int32_t i = 0; i < w->n; i++) {
        uint8_t *px = w->sampled + 4 * i;
        float rgb[3] = {px[0], px[1], px[2]};

        if (!limner_lids_holds(s->lids, w->u[i], w->v[i]))
            continue;
        limner_lids_mix(s->lids, w->u[i], w->v[i], w->light[i], rgb);
        for (int k = 0; k < 3; k++)
            px[k] = (uint8_t)(fminf(255, fmaxf(0, rgb[k])) + 0.5f);
    }
}

/* Pixels of one row: those of a single place are sampled together, the others one by one. */
static void shade_row(const limner_scene *s, limner_band_work *w, int32_t y, int32_t row)
{
    uint8_t *rgba = w->rgba + 4 * (size_t)row * (size_t)s->view.w;

    w->n = 0;
    for (int32_t x = w->left; x < w->right; x++) {
        pixel p = {.x = x, .y = y};
        place a;
        int kind;

        if (shade_plain(s, w, y, row, x, rgba + 4 * x))
            continue;
        gather(w, w->has_inside, row, x, &p);
        kind = agreement(s, &p);
        if (single_place(s, &p, kind, &a))
            push(w, x, &a);
        else
            shade_pixel(s, &p, kind, rgba + 4 * x);
    }
    s->dsp->sample(s->person, w->n, w->u, w->v, w->light, w->sampled);
    if (s->lids->is_any && (float)y > s->lids->top && (float)y < s->lids->low)
        mix_lids(s, w);
    for (int32_t i = 0; i < w->n; i++)
        memcpy(rgba + 4 * w->column[i], w->sampled + 4 * i, 4);
    compose_row(s, y, rgba, w->left, w->right);
}

/* Columns of a band that the sheet or the core touches. */
static void find_extent(const limner_scene *s, int32_t band, limner_band_work *w)
{
    const limner_drawlist *lists[2] = {s->sheet, s->core};

    w->left = s->view.w;
    w->right = 0;
    for (int i = 0; i < 2; i++) {
        const int32_t left = lists[i]->left[band] / LIMNER_SUPERSAMPLE;
        const int32_t right = lists[i]->right[band] / LIMNER_SUPERSAMPLE + 1;

        if (lists[i]->right[band] <= 0)
            continue;
        w->left = left < w->left ? left : w->left;
        w->right = right > w->right ? right : w->right;
    }
    w->right = w->right < s->view.w ? w->right : s->view.w;
    w->left = w->left < w->right ? w->left : w->right;
}

int32_t limner_shade_band(const limner_scene *s, int32_t band, limner_band_work *work)
{
    limner_raster_band *all[3] = {&work->sheet, &work->core, &work->inside};
    const int32_t y0 = band * LIMNER_BAND_ROWS;
    const int32_t n_rows = s->view.h - y0 < LIMNER_BAND_ROWS ? s->view.h - y0 : LIMNER_BAND_ROWS;

    find_extent(s, band, work);
    for (int i = 0; i < 3; i++) {
        all[i]->dsp = s->dsp;
        all[i]->y0 = y0 * LIMNER_SUPERSAMPLE;
        all[i]->y1 = (y0 + n_rows) * LIMNER_SUPERSAMPLE;
        if (i < 2)
            limner_raster_clear_part(all[i], work->left * LIMNER_SUPERSAMPLE,
                                     work->right * LIMNER_SUPERSAMPLE);
    }
    limner_drawlist_draw(s->sheet, &work->sheet);
    limner_drawlist_draw(s->core, &work->core);
    work->has_inside = s->is_mouth_open && s->inside->right[band] > 0;
    if (work->has_inside)
        draw_inside(s, work);
    for (int32_t j = 0; j < n_rows; j++)
        shade_row(s, work, y0 + j, j);
    return n_rows;
}
