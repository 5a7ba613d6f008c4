/* SPDX-License-Identifier: Apache-2.0 */
/* The bare face model as a clay bust: a z-buffer, smooth normals, one light from the upper left and
 * the sky. Drawn twice as large as shown, then averaged. Not fast, and need not be: it is for
 * tuning. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "preview.h"
#include "talk.h"

enum { SUB = 2 }; /* samples along a pixel's side */

static const float WIDTH_CM = 34;         /* of the picture */
static const float MIDDLE_CM[2] = {0, 0}; /* of it, in the model */
static const float LIGHT[3] = {-0.42f, 0.52f, 0.74f};
static const float BEHIND_CM = 0.4f;      /* the inside of the mouth: the bare model's teeth would
                                           * come through the corners of its lips */
static const uint8_t BACKGROUND = 60;

static const float colours[LIMNER_SURFACE_LASHES + 1][3] = {
    [LIMNER_SURFACE_SKIN] = {205, 186, 172},  [LIMNER_SURFACE_LIPS] = {190, 135, 128},
    [LIMNER_SURFACE_MOUTH] = {92, 48, 48},    [LIMNER_SURFACE_TONGUE] = {176, 104, 102},
    [LIMNER_SURFACE_TEETH] = {235, 232, 222}, [LIMNER_SURFACE_SCLERA] = {236, 236, 234},
    [LIMNER_SURFACE_IRIS] = {58, 74, 84},
};

struct cli_mesh {
    const limner_model *model;
    limner_mesh_info info;
    uint32_t size, n; /* shown, drawn pixels a side */
    float *xyz, *normal; /* [n_vertices][3] */
    float *depth;     /* [n][n] */
    float *rgb;       /* [n][n][3] */
    uint8_t *planes;  /* I420 */
};

cli_mesh *cli_mesh_open(const limner_model *model, uint32_t size_px)
{
    cli_mesh *m = calloc(1, sizeof(*m));

    if (m && limner_mesh_get(model, &m->info) == LIMNER_OK) {
        const size_t n = SUB * (size_t)size_px;
        m->model = model;
        m->size = size_px;
        m->n = (uint32_t)n;
        m->xyz = calloc(m->info.n_vertices, 3 * sizeof(float));
        m->normal = calloc(m->info.n_vertices, 3 * sizeof(float));
        m->depth = calloc(n * n, sizeof(float));
        m->rgb = calloc(n * n, 3 * sizeof(float));
        m->planes = calloc((size_t)size_px * size_px, 3);
    }
    if (!m || !m->xyz || !m->normal || !m->depth || !m->rgb || !m->planes) {
        cli_fail("not enough memory");
        cli_mesh_close(m);
        return NULL;
    }
    return m;
}

static void find_normals(cli_mesh *m)
{
    const float *p = m->xyz;

    memset(m->normal, 0, m->info.n_vertices * 3 * sizeof(float));
    for (uint32_t t = 0; t < m->info.n_triangles; t++) {
        const uint16_t *v = m->info.triangle + 3 * t;
        float a[3], b[3];

        for (int k = 0; k < 3; k++) {
            a[k] = p[3 * v[1] + k] - p[3 * v[0] + k];
            b[k] = p[3 * v[2] + k] - p[3 * v[0] + k];
        }
        for (int k = 0; k < 3; k++) {
            const float n = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
            for (int c = 0; c < 3; c++)
                m->normal[3 * v[c] + k] += n;
        }
    }
}

/* Light that a surface of this normal gives back. */
static float shade(const float n[3])
{
    const float size = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) + 1e-9f;
    const float lit = (n[0] * LIGHT[0] + n[1] * LIGHT[1] + n[2] * LIGHT[2]) / size;

    return 0.30f + 0.10f * n[1] / size + 0.70f * fmaxf(0, lit);
}

typedef struct corner {
    float x, y, z, light;
} corner;

static corner corner_of(const cli_mesh *m, uint16_t v, float distance)
{
    const float *p = m->xyz + 3 * v, k = (float)m->n / WIDTH_CM / distance;
    const float half = 0.5f * (float)m->n;

    return (corner){half + k * (p[0] - MIDDLE_CM[0]), half - k * (p[1] - MIDDLE_CM[1]), p[2],
                    shade(m->normal + 3 * v)};
}

static void draw_triangle(cli_mesh *m, const corner c[3], const float colour[3])
{
    const float most = (float)m->n - 1;
    const float area = (c[1].x - c[0].x) * (c[2].y - c[0].y) -
                       (c[2].x - c[0].x) * (c[1].y - c[0].y);
    const int x0 = (int)fmaxf(0, fminf(c[0].x, fminf(c[1].x, c[2].x)));
    const int x1 = (int)fminf(most, fmaxf(c[0].x, fmaxf(c[1].x, c[2].x)));
    const int y0 = (int)fmaxf(0, fminf(c[0].y, fminf(c[1].y, c[2].y)));
    const int y1 = (int)fminf(most, fmaxf(c[0].y, fmaxf(c[1].y, c[2].y)));

    if (!(area < 0)) /* y is down: what faces the viewer is clockwise */
        return;
    for (int y = y0; y <= y1; y++) {
        for (int x = x0; x <= x1; x++) {
            const float px = (float)x + 0.5f, py = (float)y + 0.5f;
            const float u = ((px - c[0].x) * (c[2].y - c[0].y) -
                             (c[2].x - c[0].x) * (py - c[0].y)) / area;
            const float v = ((c[1].x - c[0].x) * (py - c[0].y) -
                             (px - c[0].x) * (c[1].y - c[0].y)) / area;
            const float z = c[0].z + u * (c[1].z - c[0].z) + v * (c[2].z - c[0].z);
            const size_t at = (size_t)y * m->n + (size_t)x;

            if (u < 0 || v < 0 || u + v > 1 || z <= m->depth[at])
                continue;
            m->depth[at] = z;
            for (int k = 0; k < 3; k++)
                m->rgb[3 * at + k] = colour[k] * (c[0].light + u * (c[1].light - c[0].light) +
                                                  v * (c[2].light - c[0].light));
        }
    }
}

static void draw_number(cli_mesh *m, uint32_t t, float distance)
{
    const limner_surface surface = limner_mesh_surface(m->model, t);
    const bool is_inside = surface == LIMNER_SURFACE_MOUTH || surface == LIMNER_SURFACE_TEETH ||
                           surface == LIMNER_SURFACE_TONGUE;
    corner c[3];

    for (int k = 0; k < 3; k++) {
        c[k] = corner_of(m, m->info.triangle[3 * t + k], distance);
        c[k].z -= is_inside ? BEHIND_CM : 0;
    }
    if (surface != LIMNER_SURFACE_LASHES) /* ribbons without their hairs' shape */
        draw_triangle(m, c, colours[surface]);
}

/* The mean of the samples of a square of `side` pixels at (x, y). */
static void average(const cli_mesh *m, uint32_t x, uint32_t y, uint32_t side, float out[3])
{
    const uint32_t n = SUB * side;

    out[0] = out[1] = out[2] = 0;
    for (uint32_t i = 0; i < n * n; i++) {
        const float *p = m->rgb + 3 * ((size_t)(SUB * y + i / n) * m->n + SUB * x + i % n);
        for (int k = 0; k < 3; k++)
            out[k] += fminf(p[k], 255) / (float)(n * n);
    }
}

/* BT.709, limited range. */
static void to_planes(cli_mesh *m)
{
    const uint32_t size = m->size, half = size / 2;
    uint8_t *u = m->planes + (size_t)size * size, *v = u + (size_t)half * half;
    float c[3];

    for (uint32_t i = 0; i < size * size; i++) {
        average(m, i % size, i / size, 1, c);
        m->planes[i] = (uint8_t)(16.5f + 0.1826f * c[0] + 0.6142f * c[1] + 0.0620f * c[2]);
    }
    for (uint32_t i = 0; i < half * half; i++) {
        average(m, 2 * (i % half), 2 * (i / half), 2, c);
        u[i] = (uint8_t)(128.5f - 0.1006f * c[0] - 0.3386f * c[1] + 0.4392f * c[2]);
        v[i] = (uint8_t)(128.5f + 0.4392f * c[0] - 0.3989f * c[1] - 0.0403f * c[2]);
    }
}

bool cli_mesh_draw(cli_mesh *m, const limner_motion *motion, limner_frame *out)
{
    const size_t n = (size_t)m->n * m->n, size = m->size;

    if (limner_mesh_shape(m->model, motion, m->xyz) != LIMNER_OK) {
        cli_fail("not enough memory");
        return false;
    }
    find_normals(m);
    for (size_t i = 0; i < n; i++)
        m->depth[i] = -1e9f;
    for (size_t i = 0; i < 3 * n; i++)
        m->rgb[i] = BACKGROUND;
    for (uint32_t t = 0; t < m->info.n_triangles; t++)
        draw_number(m, t, motion->distance);
    to_planes(m);
    *out = (limner_frame){.width_px = m->size, .height_px = m->size, .pixel = LIMNER_PIXEL_I420,
                          .motion = *motion, .generated = *motion};
    for (int k = 0; k < 3; k++) {
        out->plane[k] = m->planes + (k == 0 ? 0 : k == 1 ? size * size : size * size * 5 / 4);
        out->stride[k] = (ptrdiff_t)(k ? size / 2 : size);
    }
    return true;
}

void cli_mesh_close(cli_mesh *m)
{
    if (!m)
        return;
    free(m->xyz);
    free(m->normal);
    free(m->depth);
    free(m->rgb);
    free(m->planes);
    free(m);
}
