/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving samples (shade.h). Core and sheet sample the same picture, so their feathered border
 * blends where they sample rather than colours, unless they disagree (one in front of the other). */
#include "render/shade.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

#define SAME_PX 3.0f            /* samples of one pixel further apart in the photo are an edge */

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
    if (is_ok && w->rgba)
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

/* Mean place of a pixel whose samples all hit the list; false: they are too far apart. */
static bool place_of(const limner_drawlist *l, const int32_t id[N_SAMPLES], const pixel *p,
                     place *out)
{
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    place sum = {0, 0, 0};

    if (id[0] == id[1] && id[0] == id[2] && id[0] == id[3]) {
        *out = place_at(l, id[0], (float)p->x + 0.5f, (float)p->y + 0.5f);
        return true;
    }
    for (int n = 0; n < N_SAMPLES; n++) {
        const place a = place_at(l, id[n], sample_x(p, n), sample_y(p, n));

        sum.u += a.u;
        sum.v += a.v;
        sum.light += a.light;
        lo[0] = fminf(lo[0], a.u);
        hi[0] = fmaxf(hi[0], a.u);
        lo[1] = fminf(lo[1], a.v);
        hi[1] = fmaxf(hi[1], a.v);
    }
    out->u = sum.u / N_SAMPLES;
    out->v = sum.v / N_SAMPLES;
    out->light = sum.light / N_SAMPLES;
    return hi[0] - lo[0] < SAME_PX && hi[1] - lo[1] < SAME_PX;
}

static void person_at(const limner_scene *s, const place *a, float rgba[4])
{
    limner_texture_sample(s->person, a->u, a->v, rgba);
    for (int k = 0; k < 3; k++)
        rgba[k] = fminf(255, fmaxf(0, rgba[k] * a->light));
    rgba[3] = fminf(255, fmaxf(0, rgba[3]));
}

/* Skin of the core, fading into the sheet; `under`: the sheet's place, NULL for none. */
static void skin_at(const limner_scene *s, uint8_t kind, place a, const place *under, float rgba[4])
{
    float f = 1, other[4];

    if (kind == LIMNER_CORE_EDGE && under)
        f = limner_map_sample(s->feather, s->view.w, s->view.h, a.u, a.v) / 255;
    if (f >= 1) {
        person_at(s, &a, rgba);
        return;
    }
    if (fabsf(under->u - a.u) < SAME_PX && fabsf(under->v - a.v) < SAME_PX) {
        const place mixed = {under->u + f * (a.u - under->u), under->v + f * (a.v - under->v),
                             under->light + f * (a.light - under->light)};

        person_at(s, &mixed, rgba);
        return;
    }
    person_at(s, &a, rgba);
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
    switch (s->core->kind[c]) {
    case LIMNER_CORE_EYE_LEFT:
    case LIMNER_CORE_EYE_RIGHT:
        limner_eyes_shade(s->eyes, s->core->kind[c] - LIMNER_CORE_EYE_LEFT, x, y,
                          (const float[3]){a.u, a.v, a.light},
                          &s->openings->home[(uint32_t)c - s->openings->first], rgba);
        break;
    case LIMNER_CORE_MOUTH:
        limner_mouth_shade(s->mouth,
                           i < 0 ? NULL : s->inside->plane + (size_t)i * s->inside->n_planes, x, y,
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

/* What all samples agree on: a kind of the core, or -1 the sheet alone, -2 nothing, -3 no one. */
static int agreement(const limner_scene *s, const pixel *p)
{
    enum { SHEET = -1, NOTHING = -2, NONE = -3 };
    int n_core = 0, n_sheet = 0, kind;

    for (int n = 0; n < N_SAMPLES; n++) {
        n_core += p->core[n] >= 0;
        n_sheet += p->sheet[n] >= 0;
    }
    if (!n_core)
        return n_sheet == N_SAMPLES ? SHEET : n_sheet ? NONE : NOTHING;
    if (n_core < N_SAMPLES)
        return NONE;
    kind = s->core->kind[p->core[0]];
    for (int n = 1; n < N_SAMPLES; n++) {
        const int k = s->core->kind[p->core[n]];

        if (k != kind && !(is_skin((uint8_t)k) && is_skin((uint8_t)kind)))
            return NONE;
        kind = k == LIMNER_CORE_EDGE ? k : kind;
    }
    if (kind == LIMNER_CORE_EDGE && n_sheet && n_sheet < N_SAMPLES)
        return NONE;
    return kind;
}

static void shade_pixel(const limner_scene *s, const pixel *p, float rgba[4])
{
    const int kind = agreement(s, p);
    place a, under;

    rgba[0] = rgba[1] = rgba[2] = rgba[3] = 0;
    if (kind == -2)
        return;
    if (kind == -1 && place_of(s->sheet, p->sheet, p, &under)) {
        person_at(s, &under, rgba);
        return;
    }
    if (kind >= 0 && is_skin((uint8_t)kind) && place_of(s->core, p->core, p, &a)) {
        const bool is_under = p->sheet[0] >= 0 && kind == LIMNER_CORE_EDGE;

        if (!is_under || place_of(s->sheet, p->sheet, p, &under)) {
            skin_at(s, (uint8_t)kind, a, is_under ? &under : NULL, rgba);
            return;
        }
    }
    if (kind == LIMNER_CORE_EYE_LEFT || kind == LIMNER_CORE_EYE_RIGHT) {
        sample_at(s, p, 0, (float)p->x + 0.5f, (float)p->y + 0.5f, rgba);
        return;
    }
    mix_samples(s, p, rgba);
}

static void finish_pixel(const limner_scene *s, const pixel *p, const float rgba[4], uint8_t out[4])
{
    const uint8_t *b = s->background + 3 * ((size_t)p->y * (size_t)s->view.w + (size_t)p->x);
    const float alpha = rgba[3] * (1.0f / 255);

    for (int k = 0; k < 3; k++) {
        const float v = s->has_alpha ? rgba[k] : (float)b[k] + alpha * (rgba[k] - (float)b[k]);

        out[k] = (uint8_t)(fminf(255, fmaxf(0, v)) + 0.5f);
    }
    out[3] = s->has_alpha ? (uint8_t)(rgba[3] + 0.5f) : 255;
}

/* The interior is drawn only where the lips' opening is front-most: elsewhere depth is closed. */
static void draw_inside(const limner_scene *s, limner_band_work *work)
{
    const int32_t n = work->core.n_columns * (work->core.y1 - work->core.y0);
    bool is_any = false;

    for (int32_t i = 0; i < n; i++) {
        const int32_t c = work->core.id[i];
        const bool is_mouth = c >= 0 && s->core->kind[c] == LIMNER_CORE_MOUTH;

        work->inside.id[i] = -1;
        work->inside.z[i] = is_mouth ? LIMNER_RASTER_FAR : -LIMNER_RASTER_FAR;
        is_any = is_any || is_mouth;
    }
    if (is_any)
        limner_drawlist_draw(s->inside, &work->inside);
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

int32_t limner_shade_band(const limner_scene *s, int32_t band, limner_band_work *work)
{
    limner_raster_band *all[3] = {&work->sheet, &work->core, &work->inside};
    const int32_t y0 = band * LIMNER_BAND_ROWS;
    const int32_t n_rows = s->view.h - y0 < LIMNER_BAND_ROWS ? s->view.h - y0 : LIMNER_BAND_ROWS;

    for (int i = 0; i < 3; i++) {
        all[i]->y0 = y0 * LIMNER_SUPERSAMPLE;
        all[i]->y1 = (y0 + n_rows) * LIMNER_SUPERSAMPLE;
    }
    limner_raster_clear(&work->sheet);
    limner_raster_clear(&work->core);
    limner_drawlist_draw(s->sheet, &work->sheet);
    limner_drawlist_draw(s->core, &work->core);
    if (s->is_mouth_open)
        draw_inside(s, work);
    for (int32_t j = 0; j < n_rows; j++) {
        for (int32_t x = 0; x < s->view.w; x++) {
            pixel p = {.x = x, .y = y0 + j};
            float rgba[4];

            gather(work, s->is_mouth_open, j, x, &p);
            shade_pixel(s, &p, rgba);
            finish_pixel(s, &p, rgba, work->rgba + 4 * ((size_t)j * (size_t)s->view.w + (size_t)x));
        }
    }
    return n_rows;
}
