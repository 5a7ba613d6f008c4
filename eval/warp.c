/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures moved and resampled; see picture.h. Cubic weights are Keys' (IEEE Trans. Acoust. Speech
 * Signal Proc. 29, 1981, a = -1/2), pixel centres lie at halves. */
#include <math.h>
#include <stdlib.h>

#include "eval/picture.h"

enum { N_CUBIC = 4 };

/* ---- similarity ---------------------------------------------------------------------------- */

eval_similarity eval_similarity_of(const float from[478][2], const float to[478][2])
{
    double mean[4] = {0}, dot = 0, cross = 0, spread = 0;

    for (int i = 0; i < 478; i++) {
        mean[0] += (double)from[i][0] / 478;
        mean[1] += (double)from[i][1] / 478;
        mean[2] += (double)to[i][0] / 478;
        mean[3] += (double)to[i][1] / 478;
    }
    for (int i = 0; i < 478; i++) {
        const double x = (double)from[i][0] - mean[0], y = (double)from[i][1] - mean[1];
        const double u = (double)to[i][0] - mean[2], v = (double)to[i][1] - mean[3];
        dot += x * u + y * v;
        cross += x * v - y * u;
        spread += x * x + y * y;
    }
    eval_similarity t = {.a = spread > 0 ? dot / spread : 1, .b = spread > 0 ? cross / spread : 0};
    t.tx = mean[2] - t.a * mean[0] + t.b * mean[1];
    t.ty = mean[3] - t.b * mean[0] - t.a * mean[1];
    return t;
}

/* Weights of the four pixels around a place `part` (0..1) behind the second. */
static void cubic_weights(double weight[N_CUBIC], double part)
{
    const double p2 = part * part, p3 = p2 * part;

    weight[0] = -0.5 * p3 + p2 - 0.5 * part;
    weight[1] = 1.5 * p3 - 2.5 * p2 + 1;
    weight[2] = -1.5 * p3 + 2 * p2 + 0.5 * part;
    weight[3] = 0.5 * p3 - 0.5 * p2;
}

static uint32_t clamp_index(int64_t i, uint32_t n)
{
    return i < 0 ? 0 : i >= (int64_t)n ? n - 1 : (uint32_t)i;
}

static uint8_t to_byte(double v)
{
    return (uint8_t)lround(fmin(fmax(v, 0), 255));
}

/* The pixel at (x, y) in pixels, edges repeated. */
static void sample(uint8_t out[3], const uint8_t *src, uint32_t w, uint32_t h, double x, double y)
{
    /* Far outside it is the edge all the same, and the index stays small. */
    const double px = fmin(fmax(x, -N_CUBIC), (double)w + N_CUBIC) - 0.5;
    const double py = fmin(fmax(y, -N_CUBIC), (double)h + N_CUBIC) - 0.5;
    const int64_t ix = (int64_t)floor(px), iy = (int64_t)floor(py);
    double wx[N_CUBIC], wy[N_CUBIC], sum[3] = {0};

    cubic_weights(wx, px - (double)ix);
    cubic_weights(wy, py - (double)iy);
    for (int j = 0; j < N_CUBIC; j++) {
        const uint8_t *row = src + 3 * (size_t)w * clamp_index(iy - 1 + j, h);
        for (int i = 0; i < N_CUBIC; i++) {
            const uint8_t *p = row + 3 * (size_t)clamp_index(ix - 1 + i, w);
            for (int c = 0; c < 3; c++)
                sum[c] += wy[j] * wx[i] * p[c];
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = to_byte(sum[c]);
}

void eval_similarity_warp(uint8_t *dst, const uint8_t *src, uint32_t w, uint32_t h,
                          const eval_similarity *t)
{
    const double det = t->a * t->a + t->b * t->b;

    for (uint32_t v = 0; v < h; v++) {
        for (uint32_t u = 0; u < w; u++) {
            const double dx = u + 0.5 - t->tx, dy = v + 0.5 - t->ty;
            sample(dst + 3 * ((size_t)v * w + u), src, w, h, (t->a * dx + t->b * dy) / det,
                   (t->a * dy - t->b * dx) / det);
        }
    }
}

/* ---- crop ---------------------------------------------------------------------------------- */

/* Where each pixel of one axis comes from. */
typedef struct axis {
    int64_t *first; /* [size]: its first source pixel, may lie outside */
    double *weight; /* [size][n_taps] */
    int n_taps;
} axis;

static void close_axis(axis *a)
{
    free(a->first);
    free(a->weight);
}

/* What source pixels first..first + n_taps - 1 cover of low..high, as shares. */
static void area_weights(double *weight, int n_taps, int64_t first, double low, double high)
{
    for (int k = 0; k < n_taps; k++) {
        const double left = fmax((double)(first + k), low);
        const double right = fmin((double)(first + k + 1), high);
        weight[k] = fmax(right - left, 0) / (high - low);
    }
}

/* `size` pixels over start..start + len of the source. */
static int open_axis(axis *a, uint32_t size, double start, double len)
{
    const double scale = len / size;

    a->n_taps = scale > 1 ? (int)ceil(scale) + 1 : N_CUBIC;
    a->first = malloc(size * sizeof(*a->first));
    a->weight = malloc((size_t)size * (size_t)a->n_taps * sizeof(*a->weight));
    if (!a->first || !a->weight)
        return -1;
    for (uint32_t i = 0; i < size; i++) {
        double *weight = a->weight + (size_t)i * (size_t)a->n_taps;
        const double low = start + i * scale, middle = low + scale / 2 - 0.5;

        if (scale > 1) {
            a->first[i] = (int64_t)floor(low);
            area_weights(weight, a->n_taps, a->first[i], low, low + scale);
        } else {
            a->first[i] = (int64_t)floor(middle) - 1;
            cubic_weights(weight, middle - floor(middle));
        }
    }
    return 0;
}

/* One row of the photo, resampled along x, into out[size][3]. */
static void crop_row(float *out, uint32_t size, const uint8_t *row, uint32_t w, const axis *x)
{
    for (uint32_t i = 0; i < size; i++) {
        const double *weight = x->weight + (size_t)i * (size_t)x->n_taps;
        double sum[3] = {0};

        for (int k = 0; k < x->n_taps; k++) {
            const uint8_t *p = row + 3 * (size_t)clamp_index(x->first[i] + k, w);
            for (int c = 0; c < 3; c++)
                sum[c] += weight[k] * p[c];
        }
        for (int c = 0; c < 3; c++)
            out[3 * (size_t)i + (size_t)c] = (float)sum[c];
    }
}

/* Rows first_row.. of the photo are in `rows`, [n][size][3]. */
static void crop_columns(uint8_t *dst, uint32_t size, const float *rows, uint32_t first_row,
                         uint32_t height_px, const axis *y)
{
    const size_t len = 3 * (size_t)size;

    for (uint32_t i = 0; i < size; i++) {
        const double *weight = y->weight + (size_t)i * (size_t)y->n_taps;

        for (size_t c = 0; c < len; c++) {
            double sum = 0;
            for (int k = 0; k < y->n_taps; k++) {
                const uint32_t row = clamp_index(y->first[i] + k, height_px) - first_row;
                sum += weight[k] * (double)rows[row * len + c];
            }
            dst[i * len + c] = to_byte(sum);
        }
    }
}

int eval_crop(uint8_t *dst, uint32_t size_px, const limner_photo *photo, const limner_face_box *box)
{
    axis x = {0}, y = {0};
    float *rows = NULL;
    int st = -1;

    if (open_axis(&x, size_px, (double)box->x_px, (double)box->width_px) == 0 &&
        open_axis(&y, size_px, (double)box->y_px, (double)box->height_px) == 0) {
        const uint32_t first = clamp_index(y.first[0], photo->height_px);
        const uint32_t last = clamp_index(y.first[size_px - 1] + y.n_taps - 1, photo->height_px);
        rows = malloc((size_t)(last - first + 1) * 3 * size_px * sizeof(*rows));
        for (uint32_t r = first; rows && r <= last; r++)
            crop_row(rows + (size_t)(r - first) * 3 * size_px, size_px,
                     photo->rgb + (ptrdiff_t)r * photo->stride, photo->width_px, &x);
        if (rows) {
            crop_columns(dst, size_px, rows, first, photo->height_px, &y);
            st = 0;
        }
    }
    free(rows);
    close_axis(&x);
    close_axis(&y);
    return st;
}
