/* SPDX-License-Identifier: Apache-2.0 */
/* The jaw's edge is a line through landmarks; beneath it a vertex of the neck lies so far down and
 * so far back (chin_shade.h). The share of the light from above that the edge takes falls smoothly
 * with the ratio of the two. Strength and reach: least squares over the luminance of the neck's
 * skin in the photo. */
#include "render/chin_shade.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/smoothstep.h"

#define BACK_CM 0.8f                    /* the neck counts as at least so far behind the jaw */
#define FACING 0.2f                     /* cosine to the camera of what the photo shows well */
#define PATCH_CM 0.15f                  /* half width of what a vertex sees of the photo */
#define SKIN_FROM 0.2f                  /* of the skin's luminance: darker is no skin, ... */
#define SKIN_TO 1.3f                    /* ... nor is brighter, */
#define SKIN_HUE 0.09f                  /* nor what is further off in its shares of red or blue */
#define DARK_MOST 0.45f
#define LIGHT_LEAST 0.7f                /* of a vertex' light in the photo that is left */
#define LIGHT_MOST 1.05f                /* what the photo hides in the dark is not known well */
#define SHARE 0.6f                      /* of what the fit says: real footage shows no more */
#define NECK_FROM 0.02f                 /* share of the head's turn from which on it is neck ... */
#define NECK_TO 0.3f                    /* ... and not collar or chest */
#define FIT_FROM 0.08f                  /* explained share of the luminance: not trusted ... */
#define FIT_TO 0.3f                     /* ... and wholly */
#define LEAST_LIT 12                    /* vertices in the shade, and out of it, to learn from */

enum { N_OPEN = 4, PATCH = 2 };

static const float opens[N_OPEN] = {0.5f, 0.8f, 1.2f, 1.7f};

/* The jaw's edge from the subject's right to the left. */
static const uint16_t jaw_landmark[LIMNER_N_JAW] = {172, 136, 150, 149, 176, 148, 152,
                                                    377, 400, 378, 379, 365, 397};

typedef struct jaw {
    float x[LIMNER_N_JAW], y[LIMNER_N_JAW], z[LIMNER_N_JAW];
    float cm;                           /* px */
} jaw;

/* What the photo shows of the vertices. */
typedef struct sight {
    float steep, luma;                  /* luma < 0: no skin */
} sight;

static void find_jaw(jaw *j, const limner_rig *rig, float *const at[3])
{
    const limner_face *face = rig->face;

    memset(j, 0, sizeof(*j));
    j->cm = rig->pose_frame.scale;
    for (int i = 0; i < LIMNER_N_JAW; i++) {
        for (int k = 0; k < 3; k++) {
            const uint32_t v = face->landmark_vertex[3 * jaw_landmark[i] + k];
            const float w = face->landmark_bary[3 * jaw_landmark[i] + k];

            j->x[i] += w * at[0][v];
            j->y[i] += w * at[1][v];
            j->z[i] += w * at[2][v];
        }
    }
}

/* The place of the jaw's edge over a point of the photo. */
static void find_place(const jaw *j, float x, float z, limner_chin_vertex *v)
{
    int i = 0;
    float t;

    while (i + 2 < LIMNER_N_JAW && x > j->x[i + 1])
        i++;
    t = (x - j->x[i]) / fmaxf(j->x[i + 1] - j->x[i], 1e-3f);
    v->jaw = (uint16_t)i;
    v->share = t < 0 ? 0 : t > 1 ? 1 : t;
    v->back = fmaxf(BACK_CM * j->cm, j->z[i] + v->share * (j->z[i + 1] - j->z[i]) - z);
}

/* cm down per cm back of a vertex at height y under its place of the jaw; 0: hidden by it. */
static float steepness(const jaw *j, const limner_chin_vertex *v, float y)
{
    const float edge = j->y[v->jaw] + v->share * (j->y[v->jaw + 1] - j->y[v->jaw]);

    return fmaxf(0, y - edge) / v->back;
}

static float shade_of(float steep, float open)
{
    return 1 - limner_smoothstep(steep, 0, open);
}

/* ---- the photo ------------------------------------------------------------------------------- */

/* Luminance around a vertex; < 0 where it is not skin. */
static float luma_of(const limner_rig *rig, uint32_t v, const float skin[3])
{
    const limner_texture *t = rig->texture;
    const float step = fmaxf(0.5f, PATCH_CM * rig->pose_frame.scale / PATCH);
    const float whole = fmaxf(1, skin[0] + skin[1] + skin[2]);
    float rgb[3] = {0}, luma, sum;

    for (int i = 0; i < (2 * PATCH + 1) * (2 * PATCH + 1); i++) {
        const int32_t x = (int32_t)(rig->rest[0][v] + step * (float)(i % (2 * PATCH + 1) - PATCH));
        const int32_t y = (int32_t)(rig->rest[1][v] + step * (float)(i / (2 * PATCH + 1) - PATCH));

        if (x < 0 || y < 0 || x >= t->w || y >= t->h)
            return -1;
        for (int k = 0; k < 3; k++)
            rgb[k] += (float)limner_texture_at(t, x, y)[k] /
                      ((2 * PATCH + 1) * (2 * PATCH + 1));
    }
    sum = fmaxf(1, rgb[0] + rgb[1] + rgb[2]);
    luma = sum / whole;
    if (luma < SKIN_FROM || luma > SKIN_TO ||
        fabsf(rgb[0] / sum - skin[0] / whole) > SKIN_HUE ||
        fabsf(rgb[2] / sum - skin[2] / whole) > SKIN_HUE)
        return -1;
    return luma;
}

/* Shade up to steepness `open` that explains the luminances; returns the explained share. */
static float fit_shade(const sight *s, uint32_t n, float open, float *dark)
{
    double m = 0, b = 0, l = 0, bb = 0, bl = 0, ll = 0, slope;
    int n_dark = 0, n_lit = 0;

    for (uint32_t i = 0; i < n; i++) {
        const double shade = (double)shade_of(s[i].steep, open), luma = (double)s[i].luma;

        if (s[i].luma < 0)
            continue;
        m++;
        b += shade;
        l += luma;
        bb += shade * shade;
        bl += shade * luma;
        ll += luma * luma;
        n_dark += shade > 0.6;
        n_lit += shade < 0.2;
    }
    if (n_dark < LEAST_LIT || n_lit < LEAST_LIT)
        return 0;
    bb -= b * b / m;
    bl -= b * l / m;
    ll -= l * l / m;
    slope = -bl / fmax(bb, 1e-9);
    *dark = (float)(slope / fmax(1e-6, l / m + slope * b / m));
    return slope > 0 ? (float)(bl * bl / fmax(1e-9, bb * ll)) : 0;
}

static void learn(limner_chin_shade *c, const sight *s)
{
    float best = 0;

    for (int i = 0; i < N_OPEN; i++) {
        float dark = 0;
        const float explained = fit_shade(s, c->n, opens[i], &dark);

        if (explained <= best)
            continue;
        best = explained;
        c->open = opens[i];
        c->dark = fminf(DARK_MOST, dark);
    }
    c->dark *= limner_smoothstep(best, FIT_FROM, FIT_TO);
}

limner_status limner_chin_shade_open(limner_chin_shade *c, const limner_rig *rig,
                                     float *const normal[3], const float skin_rgb[3])
{
    const limner_face *face = rig->face;
    sight *s = limner_alloc(rig->n_head, sizeof(*s));
    jaw j;

    memset(c, 0, sizeof(*c));
    c->vertex = limner_calloc(rig->n_head, sizeof(*c->vertex));
    if (!s || !c->vertex) {
        limner_mem_free(s);
        limner_chin_shade_close(c);
        return LIMNER_E_NOMEM;
    }
    find_jaw(&j, rig, rig->rest);
    for (uint32_t i = 0; i < rig->n_head; i++) {
        const uint8_t region = face->vertex_region[i];
        limner_chin_vertex *v = &c->vertex[c->n];

        v->weight = SHARE * limner_smoothstep(face->neck_weight[i], NECK_FROM, NECK_TO);
        if ((region != LIMNER_REGION_NECK && region != LIMNER_REGION_SHOULDERS) ||
            normal[2][i] <= 0 || rig->rest[1][i] < j.y[0] || v->weight <= 0)
            continue;
        v->vertex = (uint16_t)i;
        find_place(&j, rig->rest[0][i], rig->rest[2][i], v);
        s[c->n].steep = steepness(&j, v, rig->rest[1][i]);
        s[c->n++].luma = rig->is_seen[i] && normal[2][i] > FACING ? luma_of(rig, i, skin_rgb) : -1;
    }
    learn(c, s);
    for (uint32_t i = 0; i < c->n; i++)
        c->vertex[i].photo = 1 - c->dark * shade_of(s[i].steep, c->open);
    limner_mem_free(s);
    return LIMNER_OK;
}

/* ---- a frame --------------------------------------------------------------------------------- */

void limner_chin_shade_apply(const limner_chin_shade *c, const limner_rig *rig, float *light)
{
    jaw j;

    if (c->dark <= 0)
        return;
    find_jaw(&j, rig, rig->at);
    for (uint32_t i = 0; i < c->n; i++) {
        const limner_chin_vertex *v = &c->vertex[i];
        const float steep = steepness(&j, v, rig->at[1][v->vertex]);
        const float now = (1 - c->dark * shade_of(steep, c->open)) / v->photo;

        light[v->vertex] *= 1 + v->weight * (fminf(LIGHT_MOST, fmaxf(LIGHT_LEAST, now)) - 1);
    }
}

void limner_chin_shade_close(limner_chin_shade *c)
{
    limner_mem_free(c->vertex);
    memset(c, 0, sizeof(*c));
}
