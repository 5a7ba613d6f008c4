/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving the samples of one pixel (shade_pixel.h). Core and sheet sample the same picture, so
 * their feathered border blends where they sample rather than colours, unless one lies in front of
 * the other. */
#include "render/shade_pixel.h"

#include <math.h>

#define FAR_PX 1000.0f          /* a tongue out of the mouth is far from the lips' shadow */

enum { N_SAMPLES = LIMNER_SUPERSAMPLE * LIMNER_SUPERSAMPLE };

/* One pixel's samples: numbers of sheet and core, indices of the mouth's inside. */
typedef struct pixel {
    int32_t x, y;                       /* canvas */
    int32_t sheet[N_SAMPLES], core[N_SAMPLES], inside[N_SAMPLES];
} pixel;

static bool is_skin(int kind)
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

static bool is_apart(const limner_place *a, const limner_place *b)
{
    return fabsf(a->u - b->u) >= LIMNER_SAME_PX || fabsf(a->v - b->v) >= LIMNER_SAME_PX;
}

/* Place of a pixel whose samples are all something; false: two surfaces meet in it. Planes are
 * taken at the pixel's centre, which lies within half a pixel of each triangle that was hit. */
static bool place_of(const limner_scene *s, const int32_t id[N_SAMPLES], const pixel *p,
                     limner_place *out)
{
    const float x = (float)p->x + 0.5f, y = (float)p->y + 0.5f;
    limner_place other;

    *out = limner_place_at(s->plane, id[0], x, y);
    if (id[3] != id[0]) {
        other = limner_place_at(s->plane, id[3], x, y);
        if (is_apart(out, &other))
            return false;
        out->u = (out->u + other.u) / 2;
        out->v = (out->v + other.v) / 2;
        out->light = (out->light + other.light) / 2;
    }
    for (int n = 1; n < 3; n++) {
        if (id[n] != id[0] && id[n] != id[3]) {
            other = limner_place_at(s->plane, id[n], x, y);
            if (is_apart(out, &other))
                return false;
        }
    }
    return true;
}

static void person_at(const limner_scene *s, const limner_place *a, float rgba[4])
{
    limner_texture_sample(s->person, a->u, a->v, rgba);
    for (int k = 0; k < 3; k++) {
        const float tint = (float)s->person->tint[k] * (1.0f / LIMNER_TINT_ONE);

        rgba[k] = fminf(255, fmaxf(0, rgba[k] * (1 + tint * (a->light - 1))));
    }
    if (s->lids->is_any)
        limner_lids_mix(s->lids, a->u, a->v, a->light, rgba);
    rgba[3] = fminf(255, fmaxf(0, rgba[3]));
}

float limner_shade_join(const limner_scene *s, limner_place *a, const limner_place *under)
{
    const float own = a->v > (float)s->view.h ? s->far_opacity : 1;
    const float f = own * limner_map_sample(s->feather, s->view.w, s->person->h, a->u, a->v) *
                    (1.0f / 255);

    if (f >= 1)
        return 1;
    if (!under || is_apart(a, under))
        return f;
    a->u = under->u + f * (a->u - under->u);
    a->v = under->v + f * (a->v - under->v);
    a->light = under->light + f * (a->light - under->light);
    return 1;
}

static void skin_at(const limner_scene *s, int kind, limner_place a, const limner_place *under,
                    float rgba[4])
{
    const float f = kind == LIMNER_CORE_EDGE ? limner_shade_join(s, &a, under) : 1;
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

/* Where the opening's triangle `number` lies in the photo. */
static const limner_plane *home_of(const limner_scene *s, int32_t number)
{
    return &s->openings->home[limner_drawlist_index(s->core, number) - s->openings->first];
}

/* The opening's triangle `number` at canvas point (x, y); inside: what of the mouth lies there or
 * NULL. */
static void opening_at(const limner_scene *s, int32_t number, const limner_plane *inside, float x,
                       float y, float rgb[3])
{
    const int kind = limner_kind_of(number);
    const limner_place a = limner_place_at(s->plane, number, x, y);
    const float lip[3] = {a.u, a.v, a.light};
    const limner_plane *home = home_of(s, number);

    if (kind == LIMNER_CORE_MOUTH)
        limner_mouth_shade(s->mouth, inside, home, x, y, lip, rgb);
    else
        limner_eyes_shade(s->eyes, kind - LIMNER_CORE_EYE_LEFT, x, y, lip, home, rgb);
}

/* Whatever sample n shows at canvas point (x, y), rgba straight. */
static void sample_at(const limner_scene *s, const pixel *p, int n, float x, float y, float rgba[4])
{
    const limner_plane *inside = p->inside[n] < 0 ? NULL : &s->inside->plane[p->inside[n]];
    const int kind = limner_kind_of(p->core[n]);
    limner_place a, under;
    const bool is_under = p->sheet[n] >= 0;

    if (is_under)
        under = limner_place_at(s->plane, p->sheet[n], x, y);
    rgba[0] = rgba[1] = rgba[2] = rgba[3] = 0;
    if (kind < 0) {
        if (is_under)
            person_at(s, &under, rgba);
        return;
    }
    rgba[3] = 255;
    if (inside && is_skin(kind)) {
        limner_mouth_shade(s->mouth, inside, NULL, x, y, (const float[3]){0.5f, FAR_PX, 0}, rgba);
    } else if (!is_skin(kind)) {
        opening_at(s, p->core[n], inside, x, y, rgba);
    } else {
        a = limner_place_at(s->plane, p->core[n], x, y);
        skin_at(s, kind, a, is_under ? &under : NULL, rgba);
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

static int agreement(const pixel *p)
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
    kind = limner_kind_of(p->core[0]);
    for (int n = 1; n < N_SAMPLES; n++) {
        const int k = limner_kind_of(p->core[n]);

        if (k != kind && !(is_skin(k) && is_skin(kind)))
            return NO_ONE;
        kind = k == LIMNER_CORE_EDGE ? k : kind;
    }
    if (kind == LIMNER_CORE_EDGE && n_sheet && n_sheet < N_SAMPLES)
        return NO_ONE;
    return kind;
}

/* The one place of the person that the whole pixel shows; false: there is no such. */
static bool single_place(const limner_scene *s, const pixel *p, int kind, limner_place *out)
{
    limner_place under;
    bool is_under;

    if (kind == ALL_SHEET)
        return place_of(s, p->sheet, p, out);
    if (kind < 0 || !is_skin(kind) || !place_of(s, p->core, p, out))
        return false;
    if (kind != LIMNER_CORE_EDGE)
        return true;
    is_under = p->sheet[0] >= 0;
    if (is_under && !place_of(s, p->sheet, p, &under))
        return false;
    return limner_shade_join(s, out, is_under ? &under : NULL) >= 1;
}

/* All samples lie between the lips, where the photo's own mouth shows. */
static bool is_photo_mouth(const limner_scene *s, const pixel *p)
{
    const float x = (float)p->x + 0.5f, y = (float)p->y + 0.5f;
    limner_place a;

    for (int n = 0; n < N_SAMPLES; n++) {
        if (limner_kind_of(p->core[n]) != LIMNER_CORE_MOUTH)
            return false;
    }
    a = limner_place_at(s->plane, p->core[0], x, y);
    return limner_mouth_is_photo(s->mouth, home_of(s, p->core[0]), x, y,
                                 (const float[3]){a.u, a.v, a.light});
}

static void write_pixel(const float rgba[4], uint8_t out[4])
{
    for (int k = 0; k < 4; k++)
        out[k] = (uint8_t)(rgba[k] < 0 ? 0 : rgba[k] > 255 ? 255 : rgba[k] + 0.5f);
}

void limner_shade_eye(const limner_scene *s, int32_t number, int32_t x, int32_t y, uint8_t out[4])
{
    float rgba[4] = {0, 0, 0, 255};

    opening_at(s, number, NULL, (float)x + 0.5f, (float)y + 0.5f, rgba);
    write_pixel(rgba, out);
}

void limner_shade_fading(const limner_scene *s, int32_t core, int32_t sheet, int32_t x, int32_t y,
                         uint8_t out[4])
{
    const float px = (float)x + 0.5f, py = (float)y + 0.5f;
    const limner_place a = limner_place_at(s->plane, core, px, py);
    limner_place under;
    float rgba[4] = {0, 0, 0, 255};

    if (sheet >= 0)
        under = limner_place_at(s->plane, sheet, px, py);
    skin_at(s, LIMNER_CORE_EDGE, a, sheet >= 0 ? &under : NULL, rgba);
    write_pixel(rgba, out);
}

static void gather(const limner_band_work *w, pixel *p)
{
    for (int n = 0; n < N_SAMPLES; n++) {
        const ptrdiff_t at = (ptrdiff_t)(2 * (p->y - w->y0) + (n >> 1)) * w->fine_core.n_columns +
                             2 * p->x + (n & 1);

        p->sheet[n] = w->fine_sheet.id[at];
        p->core[n] = w->fine_core.id[at];
        p->inside[n] = w->has_inside && w->inside.id[at] >= 0
                           ? w->inside.id[at] & LIMNER_INDEX_MASK : -1;
    }
}

void limner_shade_pixel(const limner_scene *s, const limner_band_work *w, int32_t x, int32_t y,
                        uint8_t out[4])
{
    pixel p = {.x = x, .y = y};
    limner_place a;
    float rgba[4];
    int kind;

    gather(w, &p);
    kind = agreement(&p);
    if (single_place(s, &p, kind, &a))
        person_at(s, &a, rgba);
    else if (kind == LIMNER_CORE_EYE_LEFT || kind == LIMNER_CORE_EYE_RIGHT || is_photo_mouth(s, &p))
        sample_at(s, &p, 0, (float)x + 0.5f, (float)y + 0.5f, rgba);
    else
        mix_samples(s, &p, rgba);
    write_pixel(rgba, out);
}
