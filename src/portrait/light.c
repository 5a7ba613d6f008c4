/* SPDX-License-Identifier: Apache-2.0 */
/* The light on the face (app->light): second-order spherical harmonics of what a normal receives
 * (Ramamoorthi and Hanrahan 2001), by least squares over the skin of the fitted model, albedo taken
 * as even. Tukey weights drop hair, brows, beard and cast shadows; a pull towards plain frontal
 * light, and a step back to it while any visible normal would be nearly dark, keep it tame.
 * Luminance is that of the sRGB values as they are, since the ratios of light are applied to
 * these. Normals: x right in the image, y up, z to the camera. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "portrait/layers.h"

enum { N_SH = 9, N_ROUNDS = 6, PATCH_PX = 2, MIN_POINTS = 60 };

#define FACING_MIN 0.25f        /* cosine to the camera: less is seen too flat */
#define PULL 0.02f              /* of the frontal prior, per point */
#define TUKEY 3.0f              /* cut-off in robust deviations */
#define DARKEST 0.3f            /* light a normal facing the camera must at least receive */

typedef struct point {
    float sh[N_SH];
    float value, weight;        /* luminance over its median */
} point;

/* Frontal light: 0.6 + 0.4 z, in the basis of `basis`. */
static const float frontal[N_SH] = { 0.6f / 0.282095f, 0, 0.4f / 0.488603f };

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

static float dot(const float *a, const float *b)
{
    float sum = 0.0f;

    for (int k = 0; k < N_SH; k++)
        sum += a[k] * b[k];
    return sum;
}

/* ---- points ---- */

/* Mean luminance around (x, y), 0..1; < 0 outside of the crop. */
static float luma_around(const limner_image *img, float x, float y)
{
    const int cx = (int)floorf(x), cy = (int)floorf(y);
    float sum = 0.0f;

    if (cx < PATCH_PX || cy < PATCH_PX || cx >= (int)img->w - PATCH_PX ||
        cy >= (int)img->h - PATCH_PX)
        return -1.0f;
    for (int v = cy - PATCH_PX; v <= cy + PATCH_PX; v++)
        for (int u = cx - PATCH_PX; u <= cx + PATCH_PX; u++) {
            const uint8_t *p = limner_image_row(img, (uint32_t)v) + 3 * u;
            sum += 0.299f * (float)p[0] + 0.587f * (float)p[1] + 0.114f * (float)p[2];
        }
    return sum / (255.0f * (2 * PATCH_PX + 1) * (2 * PATCH_PX + 1));
}

static void rotate(const float r[9], const float *xyz, size_t stride, size_t i, float out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = r[3 * k] * xyz[i] + r[3 * k + 1] * xyz[stride + i] +
                 r[3 * k + 2] * xyz[2 * stride + i];
}

/* Skin vertices that face the camera; xyz, normal [3][stride] of the fitted shape. */
static int collect(point *out, const limner_appearance *app, const limner_face *face,
                   const float *xyz, const float *normal)
{
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    const limner_fit *fit = &app->fit;
    int n = 0;

    for (size_t i = head->first_vertex; i < head->first_vertex + head->n_vertices; i++) {
        float at[3], facing[3], x, y, value;
        if (face->vertex_region[i] != LIMNER_REGION_FACE)
            continue;
        rotate(fit->rotation, normal, face->stride, i, facing);
        if (facing[2] < FACING_MIN)
            continue;
        rotate(fit->rotation, xyz, face->stride, i, at);
        x = fit->scale * at[0] + fit->tx;
        y = -fit->scale * at[1] + fit->ty;
        if (app->residual) {
            x += app->residual[2 * i];
            y += app->residual[2 * i + 1];
        }
        value = luma_around(&app->photo, x, y);
        if (value < 0.0f)
            continue;
        basis(facing, out[n].sh);
        out[n].value = value;
        out[n++].weight = 1.0f;
    }
    return n;
}

/* The median by bisection: no order is needed. */
static float median(const point *p, int n, float (*of)(const point *, const float *),
                    const float *light)
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

static float value_of(const point *p, const float *light)
{
    (void)light;
    return p->value;
}

static float miss_of(const point *p, const float *light)
{
    return fabsf(p->value - dot(p->sh, light));
}

/* ---- least squares ---- */

/* One weighted solve; `light` stays when the system is singular. */
static void solve(float light[N_SH], const point *p, int n)
{
    double a[N_SH * N_SH] = { 0 }, b[N_SH] = { 0 };

    for (int i = 0; i < n; i++)
        for (int r = 0; r < N_SH; r++) {
            b[r] += (double)(p[i].weight * p[i].sh[r] * p[i].value);
            for (int c = 0; c <= r; c++)
                a[r * N_SH + c] += (double)(p[i].weight * p[i].sh[r] * p[i].sh[c]);
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

static void reweigh(point *p, int n, const float light[N_SH])
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
        const float n[3] = { sinf(tilt) * cosf(turn), sinf(tilt) * sinf(turn), cosf(tilt) };
        float sh[N_SH];
        basis(n, sh);
        least = fminf(least, dot(sh, light));
    }
    return least;
}

static void normalise(float light[N_SH], const point *p, int n)
{
    double sum = 0.0, weight = 1e-9;

    for (int i = 0; i < n; i++) {
        sum += (double)(p[i].weight * dot(p[i].sh, light));
        weight += (double)p[i].weight;
    }
    if (sum > 1e-6)
        for (int k = 0; k < N_SH; k++)
            light[k] *= (float)(weight / sum);
}

static void fit_light(float light[N_SH], point *p, int n)
{
    const float middle = fmaxf(median(p, n, value_of, NULL), 1e-3f);

    for (int i = 0; i < n; i++)
        p[i].value = fminf(p[i].value / middle, 3.0f);
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

limner_status limner_layers_light(limner_appearance *app, const limner_face *face)
{
    const size_t n_floats = limner_face_xyz_floats(face);
    float *xyz = limner_alloc(n_floats, 2 * sizeof(*xyz));
    point *points = limner_alloc(face->n_vertices, sizeof(*points));
    int n;

    memcpy(app->light, frontal, sizeof(frontal));
    if (!xyz || !points) {
        limner_mem_free(xyz);
        limner_mem_free(points);
        return LIMNER_E_NOMEM;
    }
    limner_face_shape(face, app->fit.identity, app->fit.shape, xyz);
    limner_face_normals(face, xyz, xyz + n_floats);
    n = collect(points, app, face, xyz, xyz + n_floats);
    if (n >= MIN_POINTS)
        fit_light(app->light, points, n);
    limner_mem_free(xyz);
    limner_mem_free(points);
    return LIMNER_OK;
}
