/* SPDX-License-Identifier: Apache-2.0 */
/* Fit of the light (skin_light.h). Tukey weights drop hair, brows, beard and cast shadows; a pull
 * towards plain frontal light, and a step back to it while any visible normal would be nearly dark,
 * keep it tame. Luminance is that of the sRGB values as they are, since the ratios of light are
 * applied to these. */
#include "face/skin_light.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"

enum { N_SH = LIMNER_LIGHT_N, N_ROUNDS = 6 };

#define PULL 0.02f              /* of the frontal prior, per point */
#define TUKEY 3.0f              /* cut-off in robust deviations */
#define DARKEST 0.3f            /* light a normal facing the camera must at least receive */

/* Frontal light: 0.6 + 0.4 z, in the basis of `basis`. */
static const float frontal[N_SH] = {0.6f / 0.282095f, 0, 0.4f / 0.488603f};

static void basis(const float n[3], float out[N_SH])
{
    out[0] = 0.282095f;
    out[1] = 0.488603f * n[1];
    out[2] = 0.488603f * n[2];
    out[3] = 0.488603f * n[0];
    out[4] = 1.092548f * n[0] * n[1];
    out[5] = 1.092548f * n[1] * n[2];
    out[6] = 0.315392f * (3.0f * n[2] * n[2] - 1.0f);
    out[7] = 1.092548f * n[0] * n[2];
    out[8] = 0.546274f * (n[0] * n[0] - n[1] * n[1]);
}

static float lit(const float *light, const float n[3])
{
    return limner_light_on(light, n[0], n[1], n[2]);
}

/* The median by bisection: no order is needed. */
static float median(const limner_lit_point *p, int n,
                    float (*of)(const limner_lit_point *, const float *), const float *light)
{
    float lo = 0.0f, hi = 4.0f;

    for (int k = 0; k < 24; k++) {
        const float middle = 0.5f * (lo + hi);
        int below = 0;
        for (int i = 0; i < n; i++)
            below += of(&p[i], light) < middle;
        if (2 * below < n)
            lo = middle;
        else
            hi = middle;
    }
    return 0.5f * (lo + hi);
}

static float value_of(const limner_lit_point *p, const float *light)
{
    (void)light;
    return p->value;
}

static float miss_of(const limner_lit_point *p, const float *light)
{
    return fabsf(p->value - lit(light, p->normal));
}

/* ---- least squares ---- */

/* One weighted solve; `light` stays when the system is singular. */
static void solve(float light[N_SH], const limner_lit_point *p, int n)
{
    double a[N_SH * N_SH] = {0}, b[N_SH] = {0};
    float sh[N_SH];

    for (int i = 0; i < n; i++) {
        basis(p[i].normal, sh);
        for (int r = 0; r < N_SH; r++) {
            b[r] += (double)(p[i].weight * sh[r] * p[i].value);
            for (int c = 0; c <= r; c++)
                a[r * N_SH + c] += (double)(p[i].weight * sh[r] * sh[c]);
        }
    }
    for (int r = 0; r < N_SH; r++) {
        /* Higher bands are held harder: a face shows them little. */
        const double pull = (double)PULL * n * (r == 0 ? 0.1 : r < 4 ? 1.0 : 4.0);
        a[r * N_SH + r] += pull;
        b[r] += pull * frontal[r];
    }
    if (!limner_cholesky_factor(a, N_SH))
        return;
    limner_cholesky_solve(a, N_SH, b);
    for (int r = 0; r < N_SH; r++)
        light[r] = (float)b[r];
}

static void reweigh(limner_lit_point *p, int n, const float light[N_SH])
{
    const float cut = TUKEY * 1.4826f * fmaxf(median(p, n, miss_of, light), 0.01f);

    for (int i = 0; i < n; i++) {
        const float t = miss_of(&p[i], light) / cut;
        p[i].weight = t < 1.0f ? (1.0f - t * t) * (1.0f - t * t) : 0.0f;
    }
}

/* Least light on normals up to 70 degrees off the camera's axis. */
static float darkest(const float light[N_SH])
{
    float least = 1e9f;

    for (int k = 0; k < 48; k++) {
        const float turn = 6.2831853f * (float)(k % 16) / 16.0f;
        const float tilt = 1.22f * (float)(1 + k / 16) / 3.0f;
        const float n[3] = {sinf(tilt) * cosf(turn), sinf(tilt) * sinf(turn), cosf(tilt)};

        least = fminf(least, lit(light, n));
    }
    return least;
}

static void normalise(float light[N_SH], const limner_lit_point *p, int n)
{
    double sum = 0.0, weight = 1e-9;

    for (int i = 0; i < n; i++) {
        sum += (double)(p[i].weight * lit(light, p[i].normal));
        weight += (double)p[i].weight;
    }
    if (sum > 1e-6)
        for (int k = 0; k < N_SH; k++)
            light[k] *= (float)(weight / sum);
}

void limner_skin_light_fit(float light[LIMNER_LIGHT_N], limner_lit_point *p, int n)
{
    float middle;

    memcpy(light, frontal, sizeof(frontal));
    if (n < LIMNER_LIGHT_LEAST_POINTS)
        return;
    middle = fmaxf(median(p, n, value_of, NULL), 1e-3f);
    for (int i = 0; i < n; i++) {
        p[i].value = fminf(p[i].value / middle, 3.0f);
        p[i].weight = 1.0f;
    }
    for (int k = 0; k < N_ROUNDS; k++) {
        solve(light, p, n);
        reweigh(p, n, light);
    }
    normalise(light, p, n);
    for (int k = 0; k < 20 && darkest(light) < DARKEST; k++)
        for (int c = 0; c < N_SH; c++)
            light[c] += 0.15f * (frontal[c] - light[c]);
    normalise(light, p, n);
}
