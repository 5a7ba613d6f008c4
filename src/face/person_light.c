/* SPDX-License-Identifier: Apache-2.0 */
/* See person_light.h. Light may change as a whole, and with the way a surface is turned (gain,
 * offset and three directions of light, found anew each time). What a point was off by in the
 * frames before tells what it is worth: beside teeth, nostrils, folding lids and hair it is
 * little. */
#include "face/person_light.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/person_internal.h"

enum { N_ACTIVE = LIMNER_FIT_N_ACTIVE, N_BINS = 256, N_LIGHT = 5 };

/* Of the median distance over the standard deviation: its bin, and what it is in Gaussian noise. */
#define BIN 0.05f
#define USUAL_MEDIAN 0.67f
/* Variance of brightness (0..255): the least. */
#define LEAST_NOISE 0.25f
/* Scale of the Cauchy weights, standard deviations. */
#define SCALE_SD 4.5f
/* Against light that has changed without need, over the points' own brightness. */
#define CALM_LIGHT 1e-4
#define MOST_GAIN 3.0

/* ---- the light when met -------------------------------------------------------------------- */

/* A point's normal in camera axes, not of length 1 where the surface bends. */
static void turn(float out[3], const double rotation[9], const float normal[3])
{
    const double n[3] = {(double)normal[0], (double)normal[1], (double)normal[2]};
    double turned[3];

    limner_mat3_apply(turned, rotation, n);
    for (size_t i = 0; i < 3; i++)
        out[i] = (float)turned[i];
}

static float light_on(const float light[LIMNER_LIGHT_N], const float n[3])
{
    return fmaxf(limner_light_on(light, n[0], n[1], n[2]), 0.0f) + LIMNER_LIGHT_AMBIENT;
}

limner_status limner_person_light_learn(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;
    limner_lit_point *lit = limner_alloc((size_t)x->n + 1, sizeof(*lit));
    int n = 0;

    if (!lit)
        return LIMNER_E_NOMEM;
    for (int k = 0; k < x->n; k++) {
        turn(lit[n].normal, x->rotation, x->point[k].normal);
        lit[n].value = x->point[k].tone / 255.0f;
        n += !x->point[k].is_lip;
    }
    limner_skin_light_fit(x->light, lit, n);
    limner_mem_free(lit);
    for (int k = 0; k < x->n; k++) {
        float normal[3];

        turn(normal, x->rotation, x->point[k].normal);
        x->point[k].light = light_on(x->light, normal);
    }
    return LIMNER_OK;
}

/* ---- shade --------------------------------------------------------------------------------- */

static float gloss_of(const limner_person_point *q)
{
    return q->is_lip ? LIMNER_LIGHT_LIP_SHARE : LIMNER_LIGHT_SKIN_SHARE;
}

/* The normal of point k now; since: the expression's change since it was met. */
static void bend(float out[3], const limner_person *p, int k, const float since[N_ACTIVE])
{
    const limner_person_point *q = &p->pixels.point[k];
    float normal[3], length;

    for (size_t i = 0; i < 3; i++)
        normal[i] = q->normal[i] + limner_dot(q->bend[i], since, N_ACTIVE);
    turn(out, p->frame.pose.rotation, normal);
    length = sqrtf(out[0] * out[0] + out[1] * out[1] + out[2] * out[2]);
    for (size_t i = 0; i < 3; i++)
        out[i] /= fmaxf(length, 1e-6f);
}

/* What the points look like as they lie now in the light in which they were met: as the renderer's
 * relight.c has it. */
static void shade(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;
    limner_person_reading *r = &x->reading;
    float since[N_ACTIVE];

    for (int c = 0; c < N_ACTIVE; c++)
        since[c] = (float)p->frame.value[c] - x->value[c];
    for (int k = 0; k < x->n; k++) {
        const limner_person_point *q = &x->point[k];
        const float share = gloss_of(q) * q->tone;
        float *n = r->normal[k], *slope = r->shade_slope[k], along = 0.0f;

        if (!r->is_seen[k])
            continue;
        bend(n, p, k, since);
        const float ratio = light_on(x->light, n) / q->light;
        const float held = fminf(fmaxf(ratio, LIMNER_LIGHT_LEAST_RATIO),
                                 LIMNER_LIGHT_MOST_RATIO);

        r->shade[k] = q->tone + share * (held - 1.0f);
        limner_light_slope(slope, x->light, n);
        for (size_t i = 0; i < 3; i++)
            along += slope[i] * n[i];
        for (size_t i = 0; i < 3; i++)
            slope[i] = held < ratio || held > ratio ? 0.0f
                                                    : share / q->light * (slope[i] - along * n[i]);
    }
}

/* ---- comparing ----------------------------------------------------------------------------- */

static float noise_of(const limner_person_point *q)
{
    return fmaxf(q->noise, LEAST_NOISE);
}

/* How much farther off than usual half of the points seen are, at least 1. */
static float strain(const limner_person_pixels *x, int n_seen)
{
    int count[N_BINS] = {0}, sum = 0, bin = 0;

    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k]) {
            const float sd = sqrtf(noise_of(&x->point[k]));

            count[(int)fminf(fabsf(x->reading.off[k]) / (BIN * sd), (float)(N_BINS - 1))]++;
        }
    while (bin + 1 < N_BINS && (sum += count[bin]) < n_seen / 2)
        bin++;
    return fmaxf(((float)bin + 0.5f) * BIN / USUAL_MEDIAN, 1.0f);
}

float limner_person_light_weight(const limner_person_point *q, float off, float strained)
{
    const float noise = noise_of(q) * strained * strained;

    return 1.0f / (noise + off * off / (SCALE_SD * SCALE_SD));
}

/* What light from the camera's axes does to the points, turned since they were met. */
static void find_lit(limner_person *p)
{
    limner_person_pixels *x = &p->pixels;

    for (int k = 0; k < x->n; k++) {
        double normal[3], was[3], is[3];

        for (size_t i = 0; i < 3; i++)
            normal[i] = (double)x->point[k].normal[i];
        limner_mat3_apply(was, x->rotation, normal);
        limner_mat3_apply(is, p->frame.pose.rotation, normal);
        for (size_t i = 0; i < 3; i++)
            x->reading.lit[k][i] = x->point[k].tone * (float)(is[i] - was[i]);
    }
}

/* What a point's brightness changes by with gain, offset and light. */
static void light_row(double row[N_LIGHT], const limner_person_pixels *x, int k)
{
    const double bright = 16.0;

    row[0] = (double)x->reading.shade[k];
    row[1] = bright;
    for (size_t i = 0; i < 3; i++)
        row[2 + i] = (double)x->reading.lit[k][i];
}

/* Finds how the light has changed since the points were met; false: there is no telling. */
static bool find_light(double light[N_LIGHT], const limner_person_pixels *x, float strained)
{
    const limner_person_reading *r = &x->reading;
    double a[N_LIGHT * N_LIGHT] = {0}, row[N_LIGHT];

    memset(light, 0, N_LIGHT * sizeof(*light));
    for (int k = 0; k < x->n; k++) {
        if (!r->is_seen[k])
            continue;
        const double w = (double)limner_person_light_weight(&x->point[k], r->off[k],
                                                            strained);

        light_row(row, x, k);
        for (int i = 0; i < N_LIGHT; i++) {
            for (int j = 0; j <= i; j++)
                a[i * N_LIGHT + j] += w * row[i] * row[j];
            light[i] += w * row[i] * ((double)r->tone[k] - row[0]);
        }
    }
    for (int i = N_LIGHT - 1; i >= 0; i--)
        a[i * N_LIGHT + i] += CALM_LIGHT * a[0];
    if (!limner_cholesky_factor(a, N_LIGHT))
        return false;
    limner_cholesky_solve(a, N_LIGHT, light);
    return true;
}

/* Brightness of all over what it was. */
static float gain_of(const limner_person_pixels *x, float strained)
{
    double was = 0.0, is = 0.0;

    for (int k = 0; k < x->n; k++)
        if (x->reading.is_seen[k]) {
            const double w = (double)limner_person_light_weight(
                &x->point[k], x->reading.off[k], strained);

            was += w * (double)x->reading.shade[k];
            is += w * (double)x->reading.tone[k];
        }
    return (float)fmin(fmax(is / fmax(was, 1.0), 1.0 / MOST_GAIN), MOST_GAIN);
}

float limner_person_light_compare(limner_person *p, int n_seen)
{
    limner_person_pixels *x = &p->pixels;
    limner_person_reading *r = &x->reading;
    double light[N_LIGHT], row[N_LIGHT];
    float strained = 1.0f;

    memset(r->off, 0, sizeof(r->off));
    shade(p);
    find_lit(p);
    for (int round = 0; round < 3 && find_light(light, x, strained); round++) {
        for (int k = 0; k < x->n; k++) {
            double expected = (double)r->shade[k];

            light_row(row, x, k);
            for (int i = 0; i < N_LIGHT; i++)
                expected += light[i] * row[i];
            r->off[k] = (float)expected - r->tone[k];
        }
        strained = strain(x, n_seen);
    }
    r->light = gain_of(x, strained);
    return strained;
}
