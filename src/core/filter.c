/* SPDX-License-Identifier: Apache-2.0 */
/* Float-plane filters (see filter.h). Box means are running sums, first along rows, then down the
 * columns a row at a time; the Gaussian and the resizer are separable with explicit taps; the
 * distance is the lower envelope of parabolas, columns first. Planes are row-major. */
#include "core/filter.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

enum { MAX_LEVELS = 16, MAX_GAUSS_RADIUS = 48 };

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static int clamp_int(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* ---- box ---- */

static void box_row(float *out, const float *in, int w, int radius)
{
    double sum = 0.0;
    int n = 0;

    for (int x = 0; x < min_int(radius, w); x++, n++)
        sum += in[x];
    for (int x = 0; x < w; x++) {
        if (x + radius < w) {
            sum += in[x + radius];
            n++;
        }
        if (x - radius > 0) {
            sum -= in[x - radius - 1];
            n--;
        }
        out[x] = (float)(sum / n);
    }
}

static void row_add(float *restrict sum, const float *restrict row, int w, float sign)
{
    for (int x = 0; x < w; x++)
        sum[x] += sign * row[x];
}

/* Column sums start afresh every so often, which bounds what rounding can pile up. */
static void box_columns(float *out, const float *in, int w, int h, int radius)
{
    enum { RESTART_ROWS = 64 };
    float sum[512];

    for (int x0 = 0; x0 < w; x0 += 512) {
        const int n = min_int(512, w - x0);
        for (int y = 0; y < h; y++) {
            const int lo = max_int(y - radius, 0), hi = min_int(y + radius, h - 1);
            const float scale = 1.0f / (float)(hi - lo + 1);
            float *dst = out + (ptrdiff_t)y * w + x0;
            if (y % RESTART_ROWS == 0) {
                memset(sum, 0, sizeof(sum));
                for (int k = lo; k <= hi; k++)
                    row_add(sum, in + (ptrdiff_t)k * w + x0, n, 1.0f);
            } else {
                if (y + radius < h)
                    row_add(sum, in + (ptrdiff_t)hi * w + x0, n, 1.0f);
                if (y - radius > 0)
                    row_add(sum, in + (ptrdiff_t)(lo - 1) * w + x0, n, -1.0f);
            }
            for (int x = 0; x < n; x++)
                dst[x] = sum[x] * scale;
        }
    }
}

void limner_filter_box(float *out, const float *in, float *scratch, int w, int h, int radius)
{
    for (int y = 0; y < h; y++)
        box_row(scratch + (ptrdiff_t)y * w, in + (ptrdiff_t)y * w, w, radius);
    box_columns(out, scratch, w, h, radius);
}

/* ---- Gaussian ---- */

static void gauss_row(float *restrict out, const float *restrict in, int w, const float *tap,
                      int radius)
{
    const int lo = min_int(radius, w), hi = max_int(w - radius, lo);

    memset(out, 0, (size_t)w * sizeof(*out));
    for (int k = -radius; k <= radius; k++) {
        const float t = tap[k < 0 ? -k : k];
        for (int x = 0; x < lo; x++)
            out[x] += t * in[clamp_int(x + k, 0, w - 1)];
        for (int x = lo; x < hi; x++)
            out[x] += t * in[x + k];
        for (int x = hi; x < w; x++)
            out[x] += t * in[clamp_int(x + k, 0, w - 1)];
    }
}

void limner_filter_gauss(float *out, const float *in, float *scratch, int w, int h, float sigma)
{
    const int radius = clamp_int((int)ceilf(3.0f * sigma), 1, MAX_GAUSS_RADIUS);
    float tap[MAX_GAUSS_RADIUS + 1];
    float sum = 0.0f;

    for (int k = 0; k <= radius; k++) {
        tap[k] = expf(-0.5f * (float)(k * k) / (sigma * sigma));
        sum += k ? 2.0f * tap[k] : tap[k];
    }
    for (int k = 0; k <= radius; k++)
        tap[k] /= sum;
    for (int y = 0; y < h; y++)
        gauss_row(scratch + (ptrdiff_t)y * w, in + (ptrdiff_t)y * w, w, tap, radius);
    for (int y = 0; y < h; y++) {
        float *dst = out + (ptrdiff_t)y * w;
        memset(dst, 0, (size_t)w * sizeof(*dst));
        for (int k = -radius; k <= radius; k++)
            row_add(dst, scratch + (ptrdiff_t)clamp_int(y + k, 0, h - 1) * w, w,
                    tap[k < 0 ? -k : k]);
    }
}

/* ---- distance ---- */

/* Squared distance along one line: out[q] = min_p (q - p)^2 + f[p]. site, edge: [n + 1]. */
static void distance_line(float *out, const float *f, int n, int *site, float *edge)
{
    int k = 0;

    site[0] = 0;
    edge[0] = -INFINITY;
    edge[1] = INFINITY;
    for (int q = 1; q < n; q++) {
        float s;
        for (;;) {
            const int p = site[k];
            s = (f[q] - f[p] + (float)(q * q) - (float)(p * p)) / (float)(2 * (q - p));
            if (s > edge[k])
                break;
            k--;
        }
        k++;
        site[k] = q;
        edge[k] = s;
        edge[k + 1] = INFINITY;
    }
    k = 0;
    for (int q = 0; q < n; q++) {
        while (edge[k + 1] < (float)q)
            k++;
        out[q] = (float)((q - site[k]) * (q - site[k])) + f[site[k]];
    }
}

/* Distance along columns, rows at a time: down, then up; squared. Far: the square of w + h. */
static void distance_columns(float *out, const float *in, int w, int h)
{
    const float far = (float)(w + h);

    for (int y = 0; y < h; y++) {
        const float *above = out + (ptrdiff_t)(y - 1) * w;
        for (int x = 0; x < w; x++) {
            const float d = y ? above[x] + 1.0f : far;
            out[(ptrdiff_t)y * w + x] = in[(ptrdiff_t)y * w + x] > 0.5f ? 0.0f : fminf(d, far);
        }
    }
    for (int y = h - 2; y >= 0; y--) {
        float *row = out + (ptrdiff_t)y * w;
        for (int x = 0; x < w; x++)
            row[x] = row[x] < row[w + x] + 1.0f ? row[x] : row[w + x] + 1.0f;
    }
    for (ptrdiff_t i = 0; i < (ptrdiff_t)w * h; i++)
        out[i] *= out[i];
}

limner_status limner_filter_distance(float *out, const float *in, int w, int h)
{
    int *site = limner_alloc((size_t)w + 1, sizeof(*site));
    float *edge = limner_alloc((size_t)w + 1, 2 * sizeof(*edge));

    if (!site || !edge) {
        limner_mem_free(site);
        limner_mem_free(edge);
        return LIMNER_E_NOMEM;
    }
    distance_columns(out, in, w, h);
    for (int y = 0; y < h; y++) {
        float *row = out + (ptrdiff_t)y * w, *line = edge + w + 1;
        memcpy(line, row, (size_t)w * sizeof(*line));
        distance_line(row, line, w, site, edge);
        for (int x = 0; x < w; x++)
            row[x] = fminf(sqrtf(row[x]), (float)(w + h));
    }
    limner_mem_free(site);
    limner_mem_free(edge);
    return LIMNER_OK;
}

/* ---- push-pull ---- */

/* One level of the pyramid: the weight, then the planes. */
typedef struct fill_level {
    float *v;                   /* [1 + n_planes][h][w] */
    int w, h;
} fill_level;

/* Weighted 2 x 2 means of `from` (weight plane and n value planes) into the next level. */
static void fill_reduce(const fill_level *to, const fill_level *from, int n_planes)
{
    const size_t size = (size_t)from->w * (size_t)from->h, to_size = (size_t)to->w * (size_t)to->h;

    for (int y = 0; y < to->h; y++)
        for (int x = 0; x < to->w; x++) {
            const int x1 = min_int(2 * x + 1, from->w - 1), y1 = min_int(2 * y + 1, from->h - 1);
            const size_t at[4] = { (size_t)(2 * y * from->w + 2 * x),
                                   (size_t)(2 * y * from->w + x1),
                                   (size_t)(y1 * from->w + 2 * x), (size_t)(y1 * from->w + x1) };
            const size_t o = (size_t)(y * to->w + x);
            float sum = 0.0f;
            for (int k = 0; k < 4; k++)
                sum += from->v[at[k]];
            to->v[o] = fminf(sum, 1.0f);
            for (int p = 1; p <= n_planes; p++) {
                float acc = 0.0f;
                for (int k = 0; k < 4; k++)
                    acc += from->v[at[k]] * from->v[(size_t)p * size + at[k]];
                to->v[(size_t)p * to_size + o] = sum > 0.0f ? acc / sum : 0.0f;
            }
        }
}

/* Mixes the coarser level, bilinearly enlarged, into a plane of the finer one. */
static void fill_expand(const fill_level *fine, const fill_level *coarse, int n_planes)
{
    const size_t size = (size_t)fine->w * (size_t)fine->h;
    const size_t coarse_size = (size_t)coarse->w * (size_t)coarse->h;

    for (int y = 0; y < fine->h; y++) {
        const int ya = y / 2, yb = clamp_int(ya + (y & 1 ? 1 : -1), 0, coarse->h - 1);
        for (int x = 0; x < fine->w; x++) {
            const size_t o = (size_t)(y * fine->w + x);
            const float keep = fine->v[o];
            const int xa = x / 2, xb = clamp_int(xa + (x & 1 ? 1 : -1), 0, coarse->w - 1);
            if (keep >= 1.0f)
                continue;
            for (int p = 1; p <= n_planes; p++) {
                const float *a = coarse->v + (size_t)p * coarse_size + (size_t)(ya * coarse->w);
                const float *b = coarse->v + (size_t)p * coarse_size + (size_t)(yb * coarse->w);
                const float up = 0.5625f * a[xa] + 0.1875f * (a[xb] + b[xa]) + 0.0625f * b[xb];
                float *v = fine->v + (size_t)p * size + o;
                *v = keep * *v + (1.0f - keep) * up;
            }
        }
    }
}

/* Floats of the whole pyramid below; sets the sides of its levels. */
static size_t fill_layout(fill_level *level, int *n_levels, int n_planes, int w, int h)
{
    size_t total = 0;
    int n = 0;

    for (;;) {
        level[n].w = w;
        level[n].h = h;
        total += (size_t)w * (size_t)h * (size_t)(n_planes + 1);
        n++;
        if ((w == 1 && h == 1) || n == MAX_LEVELS)
            break;
        w = (w + 1) / 2;
        h = (h + 1) / 2;
    }
    *n_levels = n;
    return total;
}

limner_status limner_filter_fill(float *const *plane, int n_planes, const float *weight, int w,
                                 int h)
{
    fill_level level[MAX_LEVELS];
    int n_levels;
    const size_t size = (size_t)w * (size_t)h;
    const size_t total = fill_layout(level, &n_levels, n_planes, w, h);
    float *all = limner_alloc(total, sizeof(*all)), *at = all;

    if (!all)
        return LIMNER_E_NOMEM;
    for (int i = 0; i < n_levels; i++) {
        level[i].v = at;
        at += (size_t)level[i].w * (size_t)level[i].h * (size_t)(n_planes + 1);
    }
    memcpy(level[0].v, weight, size * sizeof(float));
    for (int p = 0; p < n_planes; p++)
        memcpy(level[0].v + (size_t)(p + 1) * size, plane[p], size * sizeof(float));
    for (int i = 1; i < n_levels; i++)
        fill_reduce(&level[i], &level[i - 1], n_planes);
    for (int i = n_levels - 1; i > 0; i--)
        fill_expand(&level[i - 1], &level[i], n_planes);
    for (int p = 0; p < n_planes; p++)
        memcpy(plane[p], level[0].v + (size_t)(p + 1) * size, size * sizeof(float));
    limner_mem_free(all);
    return LIMNER_OK;
}

/* ---- resize ---- */

/* Taps of output position i on an axis n -> out_n: first source index, count, weights of the first
 * and the last tap (all others weigh `*middle`). */
typedef struct resize_taps {
    int first, last;
    float w_first, w_middle, w_last;
} resize_taps;

static resize_taps resize_at(int i, int n, int out_n)
{
    const float scale = (float)n / (float)out_n;
    resize_taps t;

    if (n > out_n) {            /* mean over [a, b) */
        const float a = (float)i * scale, b = fminf((float)(i + 1) * scale, (float)n);
        t.first = clamp_int((int)a, 0, n - 1);
        t.last = clamp_int((int)ceilf(b) - 1, t.first, n - 1);
        t.w_middle = 1.0f / (b - a);
        t.w_first = ((float)(t.first + 1) - a) * t.w_middle;
        t.w_last = (b - (float)t.last) * t.w_middle;
        if (t.first == t.last)
            t.w_first = 1.0f;
    } else {
        const float at = fmaxf(((float)i + 0.5f) * scale - 0.5f, 0.0f);
        t.first = min_int((int)at, n - 1);
        t.last = min_int(t.first + 1, n - 1);
        t.w_middle = 0.0f;
        t.w_last = at - (float)t.first;
        t.w_first = t.first == t.last ? 1.0f : 1.0f - t.w_last;
    }
    return t;
}

/* Along the rows of in [h][w]; a block of columns at a time, so that taps are made once. */
static void resize_columns(float *out, int out_w, int h, const float *in, int w)
{
    enum { BLOCK = 128 };
    resize_taps tap[BLOCK];

    for (int x0 = 0; x0 < out_w; x0 += BLOCK) {
        const int n = min_int(BLOCK, out_w - x0);
        for (int i = 0; i < n; i++)
            tap[i] = resize_at(x0 + i, w, out_w);
        for (int y = 0; y < h; y++) {
            const float *row = in + (ptrdiff_t)y * w;
            float *dst = out + (ptrdiff_t)y * out_w + x0;
            for (int i = 0; i < n; i++) {
                const resize_taps *t = &tap[i];
                float v = t->w_first * row[t->first];
                for (int k = t->first + 1; k < t->last; k++)
                    v += t->w_middle * row[k];
                if (t->last > t->first)
                    v += t->w_last * row[t->last];
                dst[i] = v;
            }
        }
    }
}

void limner_filter_resize(float *out, int out_w, int out_h, const float *in, int w, int h,
                          float *scratch)
{
    for (int y = 0; y < out_h; y++) {
        const resize_taps t = resize_at(y, h, out_h);
        float *row = scratch + (ptrdiff_t)y * w;
        memset(row, 0, (size_t)w * sizeof(*row));
        row_add(row, in + (ptrdiff_t)t.first * w, w, t.w_first);
        for (int k = t.first + 1; k < t.last; k++)
            row_add(row, in + (ptrdiff_t)k * w, w, t.w_middle);
        if (t.last > t.first)
            row_add(row, in + (ptrdiff_t)t.last * w, w, t.w_last);
    }
    resize_columns(out, out_w, out_h, scratch, w);
}

/* ---- pictures ---- */

void limner_filter_from_image(float *out, const limner_image *img, uint32_t channel)
{
    for (uint32_t y = 0; y < img->h; y++) {
        const uint8_t *src = limner_image_row(img, y) + channel;
        float *dst = out + (size_t)y * img->w;
        for (uint32_t x = 0; x < img->w; x++)
            dst[x] = (float)src[x * img->n_channels] * (1.0f / 255.0f);
    }
}
