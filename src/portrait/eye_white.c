/* SPDX-License-Identifier: Apache-2.0 */
/* Shading of an eye's white (see eye_model.c): least squares over clean visible pixels, reweighted
 * by their residuals so that lids' shade and reflections count little. */
#include <math.h>
#include <string.h>

#include "portrait/eye_model.h"

#define FIT_X 0.55f             /* the white's shading is trusted so far from the centre, ... */
#define FIT_Y 0.16f             /* ... in eye widths, across, ... */
#define FIT_LEAST 0.75f         /* ... and as a share of the white */
#define FIT_MOST 1.12f
#define FIT_TINT 0.5f           /* of the fitted colour; the rest is the white's */
#define FIT_NOISE 0.06f         /* residual at which a pixel counts half: brighter, ... */
#define FIT_SHADE 0.03f         /* ... darker, for lids shade some of it */

enum { N_FIT = 4, FIT_ROUNDS = 4 };

static float luma(float r, float g, float b)
{
    return 0.299f * r + 0.587f * g + 0.114f * b;
}

/* Brightness over the eye: 1, x, y, x^2, from the window's centre in eye widths, limited. */
static void fit_basis(const limner_eye_model *m, int i, float b[N_FIT])
{
    const float x = ((float)(i % m->w) + 0.5f - 0.5f * (float)m->w) / m->eye_width;
    const float y = ((float)(i / m->w) + 0.5f - 0.5f * (float)m->h) / m->eye_width;

    b[0] = 1.0f;
    b[1] = fminf(fmaxf(x, -FIT_X), FIT_X);
    b[2] = fminf(fmaxf(y, -FIT_Y), FIT_Y);
    b[3] = b[1] * b[1];
}

static float fit_at(const float k[N_FIT], const float b[N_FIT])
{
    return k[0] * b[0] + k[1] * b[1] + k[2] * b[2] + k[3] * b[3];
}

/* Solves a [4][4], symmetric and positive definite, for three right sides [3][4], in place. */
static void solve(float a[N_FIT][N_FIT], float right[3][N_FIT])
{
    for (int p = 0; p < N_FIT; p++)
        for (int r = p + 1; r < N_FIT; r++) {
            const float f = a[r][p] / a[p][p];
            for (int q = p; q < N_FIT; q++)
                a[r][q] -= f * a[p][q];
            for (int c = 0; c < 3; c++)
                right[c][r] -= f * right[c][p];
        }
    for (int c = 0; c < 3; c++)
        for (int p = N_FIT - 1; p >= 0; p--) {
            for (int q = p + 1; q < N_FIT; q++)
                right[c][p] -= a[p][q] * right[c][q];
            right[c][p] /= a[p][p];
        }
}

/* One round of least squares over the weighted pixels, shrunk towards a constant. */
static void fit_round(const limner_eye_model *m, const float white[3], int is_first,
                      float k[3][N_FIT])
{
    static const float shrink[N_FIT] = { 0.002f, 0.012f, 0.006f, 0.006f };
    float a[N_FIT][N_FIT] = { { 0 } }, right[3][N_FIT] = { { 0 } }, b[N_FIT], n = 0.0f;

    for (int i = 0; i < m->w * m->h; i++) {
        float w = m->weight[i], r = 0.0f;
        if (w <= 0.0f)
            continue;
        fit_basis(m, i, b);
        for (int c = 0; c < 3 && !is_first; c++)
            r += (m->rgb[c][i] - fit_at(k[c], b)) / 3.0f;
        r /= r < 0.0f ? FIT_SHADE : FIT_NOISE;
        w /= 1.0f + r * r;
        n += w;
        for (int p = 0; p < N_FIT; p++) {
            for (int q = 0; q < N_FIT; q++)
                a[p][q] += w * b[p] * b[q];
            for (int c = 0; c < 3; c++)
                right[c][p] += w * b[p] * m->rgb[c][i];
        }
    }
    for (int p = 0; p < N_FIT; p++)
        a[p][p] += shrink[p] * n + 0.5f;
    for (int c = 0; c < 3; c++)
        right[c][0] += (shrink[0] * n + 0.5f) * white[c];
    solve(a, right);
    memcpy(k, right, sizeof(right));
}

void limner_eye_model_fit_white(const limner_eye_model *m, const float white[3])
{
    const float level = fmaxf(luma(white[0], white[1], white[2]), 1e-3f);
    float k[3][N_FIT] = { { 0 } }, b[N_FIT];

    for (int round = 0; round < FIT_ROUNDS; round++)
        fit_round(m, white, round == 0, k);
    for (int i = 0; i < m->w * m->h; i++) {
        float rgb[3], l, keep;
        fit_basis(m, i, b);
        for (int c = 0; c < 3; c++)
            rgb[c] = fit_at(k[c], b);
        l = fmaxf(luma(rgb[0], rgb[1], rgb[2]), 1e-3f);
        keep = fminf(fmaxf(l, FIT_LEAST * level), FIT_MOST * level);
        for (int c = 0; c < 3; c++) {
            m->model[c][i] = fminf(keep * (FIT_TINT * rgb[c] / l +
                                           (1.0f - FIT_TINT) * white[c] / level), 1.0f);
            m->clean[c][i] = m->rgb[c][i] - m->model[c][i];
        }
    }
}
