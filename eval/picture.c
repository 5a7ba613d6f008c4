/* SPDX-License-Identifier: Apache-2.0 */
/* How alike two pictures are, and the mask of the face; see picture.h. */
#include "eval/picture.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define EQUAL_DB 99.0

double eval_psnr(const uint8_t *a, const uint8_t *b, const uint8_t *mask, uint32_t w, uint32_t h)
{
    const size_t n = (size_t)w * h;
    double sum = 0;
    size_t n_counted = 0;

    for (size_t i = 0; i < n; i++) {
        if (mask && !mask[i])
            continue;
        for (size_t c = 3 * i; c < 3 * i + 3; c++) {
            const int d = a[c] - b[c];
            sum += d * d;
        }
        n_counted += 3;
    }
    if (n_counted == 0)
        return (double)NAN;
    return sum > 0 ? fmin(10 * log10(255.0 * 255.0 * (double)n_counted / sum), EQUAL_DB) : EQUAL_DB;
}

/* ---- structural similarity ----------------------------------------------------------------- */

enum { WINDOW = 11, N_MOMENTS = 5 };

#define SIGMA 1.5
#define C1 ((0.01 * 255) * (0.01 * 255))
#define C2 ((0.03 * 255) * (0.03 * 255))

/* Weighted means within a window: a, b, a a, b b, a b. */
typedef struct moments {
    double v[N_MOMENTS];
} moments;

static void gaussian(double weight[WINDOW])
{
    double sum = 0;

    for (int i = 0; i < WINDOW; i++) {
        const double x = (i - WINDOW / 2) / SIGMA;
        weight[i] = exp(-0.5 * x * x);
        sum += weight[i];
    }
    for (int i = 0; i < WINDOW; i++)
        weight[i] /= sum;
}

/* BT.601, as in the authors' program. */
static double brightness(const uint8_t *rgb)
{
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/* Moments of WINDOW pixels beside each other, at each of the n places of one row. */
static void moments_of_row(moments *out, size_t n, const uint8_t *a, const uint8_t *b,
                           const double weight[WINDOW])
{
    memset(out, 0, n * sizeof(*out));
    for (size_t x = 0; x < n + WINDOW - 1; x++) {
        const double p = brightness(a + 3 * x), q = brightness(b + 3 * x);
        const size_t first = x < WINDOW ? 0 : x - WINDOW + 1, last = x < n ? x : n - 1;

        for (size_t k = first; k <= last; k++) {
            const double wt = weight[x - k];
            double *v = out[k].v;
            v[0] += wt * p;
            v[1] += wt * q;
            v[2] += wt * p * p;
            v[3] += wt * q * q;
            v[4] += wt * p * q;
        }
    }
}

static double similarity(const moments *m)
{
    const double *v = m->v, ab = v[0] * v[1], aa = v[0] * v[0], bb = v[1] * v[1];

    return (2 * ab + C1) * (2 * (v[4] - ab) + C2) / ((aa + bb + C1) * (v[2] - aa + v[3] - bb + C2));
}

/* Similarity at place x, from the rows of a ring of which the first window row is `top`. */
static double similarity_at(const moments *ring, size_t n, uint32_t top, size_t x,
                            const double weight[WINDOW])
{
    moments sum = {{0}};

    for (uint32_t i = 0; i < WINDOW; i++) {
        const moments *row = ring + (top + i) % WINDOW * n + x;
        for (int k = 0; k < N_MOMENTS; k++)
            sum.v[k] += weight[i] * row->v[k];
    }
    return similarity(&sum);
}

double eval_ssim(const uint8_t *a, const uint8_t *b, const uint8_t *mask, uint32_t w, uint32_t h)
{
    double weight[WINDOW], sum = 0;
    size_t n_counted = 0;

    if (w < WINDOW || h < WINDOW)
        return (double)NAN;
    const size_t n = w - WINDOW + 1;
    moments *ring = malloc(WINDOW * n * sizeof(*ring));
    if (!ring)
        return (double)NAN;
    gaussian(weight);
    for (uint32_t y = 0; y < h; y++) {
        const size_t row = (size_t)y * w;
        moments_of_row(ring + y % WINDOW * n, n, a + 3 * row, b + 3 * row, weight);
        if (y + 1 < WINDOW)
            continue;
        const uint32_t top = y + 1 - WINDOW;
        const uint8_t *middle = mask ? mask + (size_t)(top + WINDOW / 2) * w + WINDOW / 2 : NULL;
        for (size_t x = 0; x < n; x++) {
            if (middle && !middle[x])
                continue;
            sum += similarity_at(ring, n, top, x, weight);
            n_counted++;
        }
    }
    free(ring);
    return n_counted ? sum / (double)n_counted : (double)NAN;
}

/* ---- mask ---------------------------------------------------------------------------------- */

typedef struct point {
    double x, y;
} point;

static int compare_points(const void *a, const void *b)
{
    const point *p = a, *q = b;

    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

/* > 0: o, a, b turn from x towards y. */
static double turn(const point *o, const point *a, const point *b)
{
    return (a->x - o->x) * (b->y - o->y) - (a->y - o->y) * (b->x - o->x);
}

/* Corners of the convex hull, turning from x towards y (Andrew, Inf. Proc. Letters 9, 1979). */
static int convex_hull(point hull[2 * 478], const float landmarks[478][2])
{
    point p[478];
    int n = 0;

    for (int i = 0; i < 478; i++)
        p[i] = (point){(double)landmarks[i][0], (double)landmarks[i][1]};
    qsort(p, 478, sizeof(*p), compare_points);
    for (int i = 0; i < 478; i++) {
        while (n >= 2 && turn(&hull[n - 2], &hull[n - 1], &p[i]) <= 0)
            n--;
        hull[n++] = p[i];
    }
    const int lower = n + 1;
    for (int i = 476; i >= 0; i--) {
        while (n >= lower && turn(&hull[n - 2], &hull[n - 1], &p[i]) <= 0)
            n--;
        hull[n++] = p[i];
    }
    return n - 1; /* the first corner came again */
}

static double squared_distance_to_edge(const point *p, const point *a, const point *b)
{
    const double dx = b->x - a->x, dy = b->y - a->y, len = dx * dx + dy * dy;
    const double along = len > 0 ? ((p->x - a->x) * dx + (p->y - a->y) * dy) / len : 0;
    const double at = fmin(fmax(along, 0), 1);
    const double ex = p->x - a->x - at * dx, ey = p->y - a->y - at * dy;

    return ex * ex + ey * ey;
}

static bool is_in_hull(const point *p, const point *hull, int n)
{
    for (int i = 0; i < n; i++) {
        if (turn(&hull[i], &hull[(i + 1) % n], p) < 0)
            return false;
    }
    return true;
}

static bool is_near_hull(const point *p, const point *hull, int n, double grow_px)
{
    for (int i = 0; i < n; i++) {
        if (squared_distance_to_edge(p, &hull[i], &hull[(i + 1) % n]) <= grow_px * grow_px)
            return true;
    }
    return false;
}

void eval_face_mask(uint8_t *mask, uint32_t w, uint32_t h, const float landmarks[478][2],
                    double grow_px)
{
    point hull[2 * 478], low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    const int n = convex_hull(hull, landmarks);

    for (int i = 0; i < n; i++) {
        low = (point){fmin(low.x, hull[i].x - grow_px), fmin(low.y, hull[i].y - grow_px)};
        high = (point){fmax(high.x, hull[i].x + grow_px), fmax(high.y, hull[i].y + grow_px)};
    }
    memset(mask, 0, (size_t)w * h);
    for (uint32_t y = 0; y < h; y++) {
        for (uint32_t x = 0; x < w; x++) {
            const point p = {x + 0.5, y + 0.5};
            if (p.x < low.x || p.x > high.x || p.y < low.y || p.y > high.y)
                continue;
            if (is_in_hull(&p, hull, n) || is_near_hull(&p, hull, n, grow_px))
                mask[(size_t)y * w + x] = 255;
        }
    }
}
