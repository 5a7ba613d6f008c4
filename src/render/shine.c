/* SPDX-License-Identifier: Apache-2.0 */
/* Fit of the lobes (shine.h). A vertex's excess is its luminance over the diffuse light's there, in
 * shares of the skin's; the lobe's direction and roughness are those that explain most of it. How
 * far it is trusted depends on how much that is, and on whether colour fades where it shines, as
 * light thrown back by the surface makes it (Shafer 1985, "Using Color to Separate Reflection
 * Components"). */
#include "render/shine.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/smoothstep.h"
#include "render/geo_dsp.h"

#define PATCH_CM 0.12f                  /* half width of what a vertex sees of the photo, */
#define LIP_PATCH_CM 0.05f              /* one of the lips */
#define FACING 0.35f                    /* cosine to the camera: less is seen too flat to tell */
#define LEAST_DARK 0.15f                /* excess is cut below minus this (hair, shadows) ... */
#define MOST_BRIGHT 0.8f                /* ... and above this */
#define TILT_STEP 0.14f                 /* rad between rings of directions that are tried */
#define KNOWN 0.12f                     /* excess that outweighs what is expected of a vertex */
#define EXPECTED 0.7f                   /* gloss of skin that the photo does not light up */
#define GLOSS_MAX 1.4f
#define FADE_MOST 0.2f                  /* share of its light that a vertex may lose */
#define WHITE 248.0f                    /* grey level that nothing is lit beyond */
#define FIT_FROM 0.03f                  /* explained share of the excess: trusted not at all ... */
#define FIT_TO 0.18f                    /* ... and wholly */
#define WHITE_FROM 0.05f                /* strength from which changes of light whiten, ... */
#define WHITE_TO 0.5f                   /* ... and where they do by ... */
#define WHITE_MOST 0.3f                 /* ... this share */
#define TINT_MOST 1.8f                  /* of a channel that skin has little of */
#define FAINT 0.02f                     /* strength below which there is no lobe */

enum { N_RINGS = 6, N_AROUND = 16, N_ALPHA = 3, MAX_POINTS = 700, MIN_POINTS = 40, PATCH = 2,
       SMOOTH_ROUNDS = 4 };

static const float skin_alpha[N_ALPHA] = {0.4f, 0.5f, 0.65f};
static const float lip_alpha[N_ALPHA] = {0.25f, 0.35f, 0.5f};

/* What is known of a vertex. */
typedef struct sight {
    float luma;                         /* grey levels */
    float brightest;                    /* its brightest channel */
    float colour;                       /* red over blue, share of the sum */
    float diffuse;                      /* light */
    float excess;                       /* what is left to explain, shares of the skin's luma */
    bool is_used, is_lip;
} sight;

typedef struct work {
    const limner_rig *rig;
    float *const *normal;
    sight *at;                          /* [n_head] */
    float *sum, *count;                 /* [n_head] scratch of smoothing */
    uint32_t *point;                    /* [MAX_POINTS] of the fit */
    uint32_t n_points;
    float level;                        /* grey levels under diffuse light 1 */
} work;

/* A lobe tried on the points: how it goes with excess and colour. */
typedef struct trial {
    float slope, explained, colour_slope, colour;
} trial;

/* ---- what the photo shows -------------------------------------------------------------------- */

static bool is_lip(uint8_t region)
{
    return region == LIMNER_REGION_LIP_UPPER || region == LIMNER_REGION_LIP_LOWER;
}

static void look(const limner_rig *rig, uint32_t v, sight *s)
{
    const limner_texture *t = rig->texture;
    const float reach_cm = s->is_lip ? LIP_PATCH_CM : PATCH_CM;
    const float step = fmaxf(0.5f, reach_cm * rig->pose_frame.scale / PATCH);
    float rgb[3] = {0};

    for (int i = 0; i < (2 * PATCH + 1) * (2 * PATCH + 1); i++) {
        const float x = rig->rest[0][v] + step * (float)(i % (2 * PATCH + 1) - PATCH);
        const float y = rig->rest[1][v] + step * (float)(i / (2 * PATCH + 1) - PATCH);
        const uint8_t *px = limner_texture_at(t, (int32_t)fminf((float)(t->w - 1), fmaxf(0, x)),
                                              (int32_t)fminf((float)(t->h - 1), fmaxf(0, y)));

        for (int k = 0; k < 3; k++)
            rgb[k] += (float)px[k];
    }
    for (int k = 0; k < 3; k++)
        rgb[k] /= (2 * PATCH + 1) * (2 * PATCH + 1);
    s->luma = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
    s->brightest = fmaxf(rgb[0], fmaxf(rgb[1], rgb[2]));
    s->colour = (rgb[0] - rgb[2]) / (rgb[0] + rgb[1] + rgb[2] + 3);
}

/* Vertices of skin, or of lips, that the photo shows well. */
static void gather(work *w, bool of_lips)
{
    const limner_rig *rig = w->rig;
    uint32_t n = 0, step;

    for (uint32_t i = 0; i < rig->n_head; i++)
        n += w->at[i].is_used && w->at[i].is_lip == of_lips;
    step = n / MAX_POINTS + 1;
    w->n_points = n = 0;
    for (uint32_t i = 0; i < rig->n_head; i++) {
        if (w->at[i].is_used && w->at[i].is_lip == of_lips && n++ % step == 0)
            w->point[w->n_points++] = i;
    }
}

/* Median over the points of luma by diffuse light. */
static float median_level(const work *w)
{
    float lo = 0, hi = 512;

    for (int k = 0; k < 20; k++) {
        const float middle = (lo + hi) / 2;
        uint32_t below = 0;

        for (uint32_t i = 0; i < w->n_points; i++) {
            const sight *s = &w->at[w->point[i]];

            below += s->luma < middle * s->diffuse;
        }
        if (2 * below < w->n_points)
            lo = middle;
        else
            hi = middle;
    }
    return fmaxf(lo, 1);
}

static void look_at_all(work *w, const float *diffuse)
{
    const limner_face *face = w->rig->face;

    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        const uint8_t region = face->vertex_region[i];
        sight *s = &w->at[i];

        s->is_lip = is_lip(region);
        if (region != LIMNER_REGION_FACE && !s->is_lip)
            continue;
        look(w->rig, i, s);
        s->diffuse = fmaxf(0.1f, diffuse[i]);
        s->is_used = w->rig->is_seen[i] && w->normal[2][i] > FACING;
    }
}

/* Excess over the level of the kind that was gathered last. */
static void find_excess(work *w, bool of_lips)
{
    w->level = median_level(w);
    for (uint32_t i = 0; i < w->rig->n_head; i++) {
        sight *s = &w->at[i];

        if (s->is_lip == of_lips)
            s->excess = fminf(MOST_BRIGHT, fmaxf(-LEAST_DARK, s->luma / w->level - s->diffuse));
    }
}

/* ---- fit ------------------------------------------------------------------------------------- */

static trial try_lobe(const work *w, const float half[3], float alpha)
{
    double n = w->n_points, s = 0, e = 0, c = 0, ss = 0, se = 0, sc = 0, ee = 0;
    trial t = {0};

    for (uint32_t i = 0; i < w->n_points; i++) {
        const uint32_t v = w->point[i];
        const double at = (double)limner_lobe_at(half, alpha * alpha, w->normal[0][v],
                                                 w->normal[1][v], w->normal[2][v]);
        const double excess = (double)w->at[v].excess, colour = (double)w->at[v].colour;

        s += at;
        e += excess;
        c += colour;
        ss += at * at;
        se += at * excess;
        sc += at * colour;
        ee += excess * excess;
    }
    ss -= s * s / n;
    if (ss < 1e-3 * n)
        return t;
    se -= s * e / n;
    ee -= e * e / n;
    t.slope = (float)(se / ss);
    t.explained = se > 0 ? (float)(se * se / (ss * fmax(ee, 1e-9))) : 0;
    t.colour_slope = (float)((sc - s * c / n) / ss);
    t.colour = (float)(c / n) - t.colour_slope * (float)(s / n);
    return t;
}

/* How much of the lobe's strength is believed. */
static float trust(const trial *t)
{
    const float fits = limner_smoothstep(t->explained, FIT_FROM, FIT_TO);
    float fades = 0.5f;                 /* a grey photo does not tell */

    if (t->colour > 0.04f)
        fades = fminf(1, fmaxf(0, -t->colour_slope / (t->colour * t->slope)));
    return fits * (0.3f + 0.7f * fades);
}

/* The lobe that explains the points' excess best, and how: slope 0 when there is none. */
static trial fit_lobe(const work *w, const float alphas[N_ALPHA], limner_shine_lobe *lobe)
{
    trial best = {0};

    for (int k = 0; w->n_points >= MIN_POINTS && k < N_ALPHA * N_RINGS * N_AROUND; k++) {
        const float tilt = TILT_STEP * (float)(k / N_ALPHA % N_RINGS);
        const float around = 6.2831853f * (float)(k / N_ALPHA / N_RINGS) / N_AROUND;
        const float half[3] = {sinf(tilt) * cosf(around), sinf(tilt) * sinf(around), cosf(tilt)};
        const trial t = try_lobe(w, half, alphas[k % N_ALPHA]);

        if (t.explained <= best.explained)
            continue;
        best = t;
        memcpy(lobe->half, half, sizeof(half));
        lobe->alpha = alphas[k % N_ALPHA];
    }
    return best;
}

/* ---- what each vertex gains ------------------------------------------------------------------ */

/* Evens out v over the vertices of a kind. */
static void smooth(const work *w, float *v, bool of_lips)
{
    const limner_face *face = w->rig->face;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];

    for (int round = 0; round < SMOOTH_ROUNDS; round++) {
        memset(w->sum, 0, w->rig->n_head * sizeof(float));
        memset(w->count, 0, w->rig->n_head * sizeof(float));
        for (uint32_t i = 3 * head->first_triangle; i < 3 * (head->first_triangle +
                                                             head->n_triangles); i++) {
            const uint32_t a = face->triangle[i], b = face->triangle[i % 3 == 2 ? i - 2 : i + 1];

            if (w->at[a].is_lip != of_lips || w->at[b].is_lip != of_lips)
                continue;
            w->sum[a] += v[b];
            w->count[a]++;
        }
        for (uint32_t i = 0; i < w->rig->n_head; i++) {
            if (w->count[i] > 0)
                v[i] = (v[i] + w->sum[i] / w->count[i]) / 2;
        }
    }
}

/* Gloss of a vertex, 1: as the fit says; from its own excess where it should shine in the photo.
 * What is much darker than skin is hair. */
static float gloss(const sight *s, float strength, float own)
{
    const float shine = strength * own, known = KNOWN * KNOWN;
    const float skin = limner_smoothstep(s->luma / (s->diffuse + 0.1f), 0.5f, 0.8f);
    const float seen = (shine * fmaxf(0, s->excess) + known * EXPECTED) / (shine * shine + known);

    return skin * fminf(GLOSS_MAX, seen);
}

static void spread(work *w, limner_shine_lobe *lobe, float strength, bool of_lips)
{
    const uint32_t n = w->rig->n_head;

    for (uint32_t i = 0; i < n; i++) {
        sight s = w->at[i];
        float level, most;

        lobe->own[i] = limner_lobe_at(lobe->half, lobe->alpha * lobe->alpha, w->normal[0][i],
                                      w->normal[1][i], w->normal[2][i]);
        if (s.is_lip != of_lips || s.diffuse <= 0)
            continue;
        level = fmaxf(0.3f, s.luma / w->level);
        most = fmaxf(0, fminf(WHITE / fmaxf(s.brightest, 1) - 1, FADE_MOST / lobe->own[i]));
        s.luma /= w->level;
        lobe->gain[i] = fminf(most, strength * gloss(&s, strength, lobe->own[i]) / level);
    }
    smooth(w, lobe->gain, of_lips);
    while (lobe->from < n && lobe->gain[lobe->from] <= 0)
        lobe->from++;
    for (uint32_t i = lobe->from; i < n; i++)
        lobe->to = lobe->gain[i] > 0 ? i + 1 : lobe->to;
    lobe->to = lobe->to > lobe->from ? lobe->to : lobe->from;
}

/* Light that skin throws back at once is white, as many grey levels in each channel: the more the
 * skin shines, the less a change of light is the skin's own colour. */
static void whiten(limner_shine *s, float strength, const float skin_rgb[3])
{
    const float luma = 0.299f * skin_rgb[0] + 0.587f * skin_rgb[1] + 0.114f * skin_rgb[2];
    const float share = WHITE_MOST * limner_smoothstep(strength, WHITE_FROM, WHITE_TO);

    for (int k = 0; k < 3; k++)
        s->tint[k] = fminf(TINT_MOST, 1 + share * (luma / fmaxf(skin_rgb[k], 1) - 1));
}

static void fit_all(limner_shine *s, work *w, const float *diffuse, const float skin_rgb[3])
{
    look_at_all(w, diffuse);
    for (int k = 0; k < 3; k++)
        s->tint[k] = 1;
    for (int k = 0; k < LIMNER_N_SHINE; k++) {
        limner_shine_lobe *lobe = &s->lobe[k];
        const bool of_lips = k == LIMNER_SHINE_LIPS;
        trial t;
        float strength;

        gather(w, of_lips);
        find_excess(w, of_lips);
        t = fit_lobe(w, of_lips ? lip_alpha : skin_alpha, lobe);
        strength = t.slope * trust(&t);
        if (strength < FAINT)
            continue;
        spread(w, lobe, strength, of_lips);
        if (!of_lips)
            whiten(s, strength, skin_rgb);
    }
}

limner_status limner_shine_open(limner_shine *s, const limner_rig *rig, float *const normal[3],
                                const float *diffuse, const float skin_rgb[3])
{
    work w = {.rig = rig, .normal = normal, .at = limner_calloc(rig->n_head, sizeof(*w.at)),
              .sum = limner_alloc(rig->n_head, sizeof(float)),
              .count = limner_alloc(rig->n_head, sizeof(float)),
              .point = limner_alloc(MAX_POINTS, sizeof(*w.point))};
    bool is_ok = w.at && w.sum && w.count && w.point;

    memset(s, 0, sizeof(*s));
    for (int k = 0; k < LIMNER_N_SHINE; k++) {
        s->lobe[k].gain = limner_calloc(rig->face->stride, sizeof(float));
        s->lobe[k].own = limner_calloc(rig->face->stride, sizeof(float));
        is_ok = is_ok && s->lobe[k].gain && s->lobe[k].own;
    }
    if (is_ok)
        fit_all(s, &w, diffuse, skin_rgb);
    else
        limner_shine_close(s);
    limner_mem_free(w.at);
    limner_mem_free(w.sum);
    limner_mem_free(w.count);
    limner_mem_free(w.point);
    return is_ok ? LIMNER_OK : LIMNER_E_NOMEM;
}

/* ---- a frame --------------------------------------------------------------------------------- */

static void add_lobe(const limner_geo_dsp *geo, const limner_shine_lobe *lobe,
                     float *const normal[3], float *light)
{
    const uint32_t from = lobe->from;
    const limner_const_axes in = {normal[0] + from, normal[1] + from, normal[2] + from};

    geo->shine(lobe->to - from, lobe->half, lobe->alpha * lobe->alpha, in, lobe->gain + from,
               lobe->own + from, light + from);
}

void limner_shine_add(const limner_shine *s, float *const normal[3], float *light)
{
    const limner_geo_dsp *geo = limner_geo_dsp_get(limner_cpu_flags());

    for (int k = 0; k < LIMNER_N_SHINE; k++)
        add_lobe(geo, &s->lobe[k], normal, light);
}

void limner_shine_close(limner_shine *s)
{
    for (int k = 0; k < LIMNER_N_SHINE; k++) {
        limner_mem_free(s->lobe[k].gain);
        limner_mem_free(s->lobe[k].own);
    }
    memset(s, 0, sizeof(*s));
}
