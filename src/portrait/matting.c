/* SPDX-License-Identifier: Apache-2.0 */
/* Closed-form matting by conjugate gradients. The matting Laplacian is never stored: with the means
 * and inverse covariances of all windows at hand, its product with p is one linear regression of p
 * on colour per window and one 3 x 3 sum of the results (He, Sun and Tang 2010, "Fast matting using
 * large kernel matting Laplacian matrices"). All loops visit only runs of pixels near unknown
 * ones, a row at a time; sums are taken per band of rows in a fixed order. */
#include "portrait/matting.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"

enum {
    N_BANDS = 16,               /* of rows: the unit of work and of summation */
    RUN_GAP = 12,               /* active pixels this near share a run */
    N_STATS = 9,                /* window means (3) and inverse covariance (6) */
    N_MODEL = 4                 /* a (3) and b of the regression */
};

typedef struct run {
    int16_t y, x0, x1;          /* pixels x0..x1 - 1 of row y */
} run;

typedef struct solver solver;
typedef double (*run_step)(solver *s, const run *r, ptrdiff_t from, ptrdiff_t to, double sum);

struct solver {
    const limner_matting *m;
    size_t size;                /* pixels in a plane */
    float *stats[N_STATS], *model[N_MODEL];
    float *alpha, *r, *p, *q;   /* solution, residual, direction, A p */
    float *diagonal;            /* inverse of the Jacobi preconditioner's diagonal */
    run *wide, *narrow;         /* windows that touch unknown pixels; runs of the unknown */
    int wide_first[N_BANDS + 1], narrow_first[N_BANDS + 1];
    double partial[N_BANDS];    /* sums of the bands */
    run_step each;              /* what is done to each run */
    float step;
    int is_first;
    void *block, *run_block;
};

/* ---- runs ---- */

static int is_active(const limner_matting *m, int x, int y, int reach)
{
    for (int v = y - reach; v <= y + reach; v++)
        for (int u = x - reach; u <= x + reach; u++)
            if (u >= 0 && v >= 0 && u < m->w && v < m->h && m->unknown[v * m->w + u])
                return 1;
    return 0;
}

/* Runs of row y with an unknown pixel within `reach`, kept `margin` from the border. */
static int row_runs(run *out, const limner_matting *m, int y, int reach, int margin)
{
    int n = 0;

    for (int x = margin; x < m->w - margin; x++) {
        if (!is_active(m, x, y, reach))
            continue;
        if (n && x - out[n - 1].x1 < RUN_GAP)
            out[n - 1].x1 = (int16_t)(x + 1);
        else
            out[n++] = (run){ (int16_t)y, (int16_t)x, (int16_t)(x + 1) };
    }
    return n;
}

static void find_runs(solver *s, run *out, int *first, int reach, int margin)
{
    const int h = s->m->h;
    int n = 0;

    for (int b = 0; b < N_BANDS; b++) {
        const int y0 = h * b / N_BANDS, y1 = h * (b + 1) / N_BANDS;
        first[b] = n;
        for (int y = y0; y < y1; y++)
            if (y >= margin && y < h - margin)
                n += row_runs(out + n, s->m, y, reach, margin);
    }
    first[N_BANDS] = n;
}

/* ---- window statistics ---- */

/* Inverse of the symmetric 3 x 3 matrix c (xx, xy, xz, yy, yz, zz) into out. In double: windows
 * along an edge are nearly of rank one, and in float the determinant would drown. */
static void invert(float out[6], const double c[6])
{
    const double xx = c[3] * c[5] - c[4] * c[4];
    const double xy = c[2] * c[4] - c[1] * c[5];
    const double xz = c[1] * c[4] - c[2] * c[3];
    const double k = 1.0 / (c[0] * xx + c[1] * xy + c[2] * xz);

    out[0] = (float)(xx * k);
    out[1] = (float)(xy * k);
    out[2] = (float)(xz * k);
    out[3] = (float)((c[0] * c[5] - c[2] * c[2]) * k);
    out[4] = (float)((c[1] * c[2] - c[0] * c[4]) * k);
    out[5] = (float)((c[0] * c[3] - c[1] * c[1]) * k);
}

static void window_stats(const solver *s, int x, int y)
{
    const limner_matting *m = s->m;
    const size_t at = (size_t)(y * m->w + x);
    float mean[3] = { 0 }, inverse[6];
    double cov[6];
    int k = 0;

    for (int c = 0; c < 3; c++) {
        for (int v = -1; v <= 1; v++)
            for (int u = -1; u <= 1; u++)
                mean[c] += m->rgb[c][(y + v) * m->w + x + u];
        mean[c] /= 9.0f;
        s->stats[c][at] = mean[c];
    }
    for (int a = 0; a < 3; a++)
        for (int b = a; b < 3; b++, k++) {
            double sum = 0.0;
            for (int v = -1; v <= 1; v++)
                for (int u = -1; u <= 1; u++)
                    sum += (double)(m->rgb[a][(y + v) * m->w + x + u] - mean[a]) *
                           (double)(m->rgb[b][(y + v) * m->w + x + u] - mean[b]);
            cov[k] = sum / 9.0 + (a == b ? (double)m->epsilon / 9.0 : 0.0);
        }
    invert(inverse, cov);
    for (int i = 0; i < 6; i++)
        s->stats[3 + i][at] = inverse[i];
}

static void stats_band(void *user, uint32_t band, uint32_t n_bands)
{
    const solver *s = user;

    (void)n_bands;
    for (int i = s->wide_first[band]; i < s->wide_first[band + 1]; i++)
        for (int x = s->wide[i].x0; x < s->wide[i].x1; x++)
            window_stats(s, x, s->wide[i].y);
}

/* ---- the product with the Laplacian ---- */

/* Regression of p on colour in all windows of a run. */
static void regress_run(const solver *s, const run *r, const float *p)
{
    const int w = s->m->w, n = r->x1 - r->x0;
    const ptrdiff_t at = (ptrdiff_t)r->y * w + r->x0;
    float sum[4][LIMNER_MATTING_MAX_SIDE];

    /* Column sums over three rows, of columns x0 - 1 .. x1. */
    for (int i = 0; i < n + 2; i++) {
        const ptrdiff_t o = at - 1 + i;
        const float up = p[o - w], here = p[o], down = p[o + w];
        sum[0][i] = up + here + down;
        for (int c = 0; c < 3; c++) {
            const float *ch = s->m->rgb[c] + o;
            sum[c + 1][i] = up * ch[-w] + here * ch[0] + down * ch[w];
        }
    }
    for (int i = 0; i < n; i++) {
        const ptrdiff_t o = at + i;
        const float mean = (sum[0][i] + sum[0][i + 1] + sum[0][i + 2]) * (1.0f / 9.0f);
        const float m0 = s->stats[0][o], m1 = s->stats[1][o], m2 = s->stats[2][o];
        const float c0 = (sum[1][i] + sum[1][i + 1] + sum[1][i + 2]) * (1.0f / 9.0f) - mean * m0;
        const float c1 = (sum[2][i] + sum[2][i + 1] + sum[2][i + 2]) * (1.0f / 9.0f) - mean * m1;
        const float c2 = (sum[3][i] + sum[3][i + 1] + sum[3][i + 2]) * (1.0f / 9.0f) - mean * m2;
        const float a0 = s->stats[3][o] * c0 + s->stats[4][o] * c1 + s->stats[5][o] * c2;
        const float a1 = s->stats[4][o] * c0 + s->stats[6][o] * c1 + s->stats[7][o] * c2;
        const float a2 = s->stats[5][o] * c0 + s->stats[7][o] * c1 + s->stats[8][o] * c2;
        s->model[0][o] = a0;
        s->model[1][o] = a1;
        s->model[2][o] = a2;
        s->model[3][o] = mean - a0 * m0 - a1 * m1 - a2 * m2;
    }
}

static void regress_band(void *user, uint32_t band, uint32_t n_bands)
{
    const solver *s = user;

    (void)n_bands;
    for (int i = s->wide_first[band]; i < s->wide_first[band + 1]; i++)
        regress_run(s, &s->wide[i], s->is_first ? s->alpha : s->p);
}

/* Sum of a 3 x 3 window. */
static float sum9(const float *v, int w)
{
    return v[-w - 1] + v[-w] + v[-w + 1] + v[-1] + v[0] + v[1] + v[w - 1] + v[w] + v[w + 1];
}

/* (Laplacian p)(x, y) inside the picture's second ring; windows off the picture do not exist, so at
 * the border fewer count. */
static float laplacian_at(const solver *s, const float *p, int x, int y)
{
    const int w = s->m->w, h = s->m->h;
    const ptrdiff_t o = (ptrdiff_t)y * w + x;
    float n = 0.0f, model[N_MODEL] = { 0 };

    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++) {
            if (u < 1 || v < 1 || u >= w - 1 || v >= h - 1)
                continue;
            n += 1.0f;
            for (int k = 0; k < N_MODEL; k++)
                model[k] += s->model[k][(ptrdiff_t)v * w + u];
        }
    return n * p[o] - model[0] * s->m->rgb[0][o] - model[1] * s->m->rgb[1][o] -
           model[2] * s->m->rgb[2][o] - model[3];
}

/* q = (Laplacian + trust) p along a run; 0 where p is known. */
static void product_run(const solver *s, const run *r, const float *p)
{
    const limner_matting *m = s->m;
    const int w = m->w, is_edge_row = r->y < 2 || r->y >= m->h - 2;
    const int x0 = is_edge_row ? r->x1 : r->x0 < 2 ? 2 : r->x0;
    const int x1 = is_edge_row ? r->x1 : r->x1 > w - 2 ? w - 2 : r->x1;

    for (int x = r->x0; x < r->x1; x++) {
        if (x >= x0 && x < x1) {
            x = x1 - 1;
            continue;
        }
        const ptrdiff_t o = (ptrdiff_t)r->y * w + x;
        s->q[o] = (float)m->unknown[o] * (laplacian_at(s, p, x, r->y) + m->trust[o] * p[o]);
    }
    for (ptrdiff_t o = (ptrdiff_t)r->y * w + x0; o < (ptrdiff_t)r->y * w + x1; o++) {
        const float model = sum9(s->model[0] + o, w) * m->rgb[0][o] +
                            sum9(s->model[1] + o, w) * m->rgb[1][o] +
                            sum9(s->model[2] + o, w) * m->rgb[2][o] + sum9(s->model[3] + o, w);
        s->q[o] = (float)m->unknown[o] * ((9.0f + m->trust[o]) * p[o] - model);
    }
}

/* ---- each step's part for the pixels from .. to - 1 of a run; returns sum and more ---- */

/* Residual, direction and preconditioner of the start; sums r . z. */
static double start_run(solver *s, const run *r, ptrdiff_t from, ptrdiff_t to, double sum)
{
    product_run(s, r, s->alpha);
    for (ptrdiff_t o = from; o < to; o++) {
        /* 4: what the Laplacian's diagonal mostly is, of 9 at most */
        s->diagonal[o] = 1.0f / (4.0f + s->m->trust[o]);
        s->r[o] = s->m->unknown[o] ? s->m->trust[o] * s->m->guess[o] - s->q[o] : 0.0f;
        s->p[o] = s->r[o] * s->diagonal[o];
        sum += s->r[o] * s->p[o];
    }
    return sum;
}

/* q = A p; sums p . q. */
static double apply_run(solver *s, const run *r, ptrdiff_t from, ptrdiff_t to, double sum)
{
    product_run(s, r, s->p);
    for (ptrdiff_t o = from; o < to; o++)
        sum += s->p[o] * s->q[o];
    return sum;
}

/* alpha += step p, r -= step q; sums r . z. */
static double step_run(solver *s, const run *r, ptrdiff_t from, ptrdiff_t to, double sum)
{
    (void)r;
    for (ptrdiff_t o = from; o < to; o++) {
        s->alpha[o] += s->step * s->p[o];
        s->r[o] -= s->step * s->q[o];
        sum += s->r[o] * s->r[o] * s->diagonal[o];
    }
    return sum;
}

/* p = z + step p. */
static double turn_run(solver *s, const run *r, ptrdiff_t from, ptrdiff_t to, double sum)
{
    (void)r;
    for (ptrdiff_t o = from; o < to; o++)
        s->p[o] = s->r[o] * s->diagonal[o] + s->step * s->p[o];
    return sum;
}

static void do_band(void *user, uint32_t band, uint32_t n_bands)
{
    solver *s = user;
    double sum = 0.0;

    (void)n_bands;
    for (int i = s->narrow_first[band]; i < s->narrow_first[band + 1]; i++) {
        const run *r = &s->narrow[i];
        const ptrdiff_t at = (ptrdiff_t)r->y * s->m->w;
        sum = s->each(s, r, at + r->x0, at + r->x1, sum);
    }
    s->partial[band] = sum;
}

/* One of the steps above on all runs; its sum. */
static double do_all(solver *s, limner_pool *pool, run_step each)
{
    double sum = 0.0;

    s->each = each;
    limner_pool_run(pool, do_band, s, N_BANDS);
    for (int b = 0; b < N_BANDS; b++)
        sum += s->partial[b];
    return sum;
}

static void iterate(solver *s, limner_pool *pool)
{
    double rz, start;

    s->is_first = 1;
    limner_pool_run(pool, regress_band, s, N_BANDS);
    start = rz = do_all(s, pool, start_run);
    s->is_first = 0;
    for (int i = 0; i < s->m->n_iterations && rz > 1e-8 * start && rz > 0.0; i++) {
        limner_pool_run(pool, regress_band, s, N_BANDS);
        const double pq = do_all(s, pool, apply_run);
        if (!(pq > 0.0))
            break;
        s->step = (float)(rz / pq);
        const double next = do_all(s, pool, step_run);
        s->step = (float)(next / rz);
        rz = next;
        do_all(s, pool, turn_run);
    }
}

static limner_status solver_open(solver *s, float *alpha, const limner_matting *m)
{
    const size_t max_runs = (size_t)m->h * ((size_t)m->w / RUN_GAP + 1);
    float *at;

    s->m = m;
    s->alpha = alpha;
    s->size = (size_t)m->w * (size_t)m->h;
    s->block = limner_calloc(s->size, (N_STATS + N_MODEL + 4) * sizeof(float));
    s->run_block = limner_alloc(max_runs, 2 * sizeof(run));
    if (!s->block || !s->run_block)
        return LIMNER_E_NOMEM;
    at = s->block;
    for (int i = 0; i < N_STATS; i++, at += s->size)
        s->stats[i] = at;
    for (int i = 0; i < N_MODEL; i++, at += s->size)
        s->model[i] = at;
    s->r = at;
    s->p = at + s->size;
    s->q = at + 2 * s->size;
    s->diagonal = at + 3 * s->size;
    s->wide = s->run_block;
    s->narrow = s->wide + max_runs;
    find_runs(s, s->wide, s->wide_first, 1, 1);
    find_runs(s, s->narrow, s->narrow_first, 0, 0);
    return LIMNER_OK;
}

limner_status limner_matting_solve(float *alpha, const limner_matting *m, limner_pool *pool)
{
    solver s = { 0 };
    limner_status st;

    if (m->w < 8 || m->h < 8 || m->w > LIMNER_MATTING_MAX_SIDE || m->h > LIMNER_MATTING_MAX_SIDE)
        return LIMNER_E_ARG;
    st = solver_open(&s, alpha, m);
    if (st >= 0) {
        limner_pool_run(pool, stats_band, &s, N_BANDS);
        iterate(&s, pool);
    }
    limner_mem_free(s.block);
    limner_mem_free(s.run_block);
    return st;
}
