/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's kernels of each instruction set against plain C, bit for bit, with canaries; and
 * plain C against the definition: exact at pixel centres, within one level of the kernel in doubles
 * elsewhere. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/rng.h"
#include "render/raster_setup.h"

enum { W = 37, H = 23, N = 1001, CANARY = 0x5a };

static limner_texture random_texture(limner_rng *r)
{
    limner_texture t;

    assert_int_equal(limner_texture_open(&t, W, H), LIMNER_OK);
    for (int i = 0; i < W * H; i++) {
        for (int c = 0; c < 4; c++)
            limner_texture_at(&t, i % W, i / W)[c] =
                i % 3 ? (uint8_t)limner_rng_u32(r) : (uint8_t)(limner_rng_u32(r) % 2 * 255);
    }
    limner_texture_seal(&t);
    for (int c = 0; c < 3; c++)
        t.tint[c] = (int32_t)(limner_rng_u32(r) % (2 * LIMNER_TINT_ONE));
    return t;
}

/* The tables of this machine: each adds a flag to the one before. */
enum { N_TABLES = 2 };

static const limner_pix_dsp *table(int i)
{
    const uint32_t mask[N_TABLES] = {LIMNER_CPU_SSE41 | LIMNER_CPU_AVX2, ~0u};

    return limner_pix_dsp_get(limner_cpu_flags() & mask[i]);
}

static void samples_match_c(void **state)
{
    const limner_pix_dsp *plain = limner_pix_dsp_get(0);
    static float u[N], v[N], light[N];
    static uint8_t a[4 * N + 8], b[4 * N + 8];
    limner_texture t;
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 1, 0);
    t = random_texture(&r);
    for (int i = 0; i < N; i++) {
        u[i] = limner_rng_uniform(&r) * (W + 20) - 10;
        v[i] = limner_rng_uniform(&r) * (H + 20) - 10;
        light[i] = i % 4 ? 1 : 0.6f + limner_rng_uniform(&r);
    }
    u[3] = NAN;
    v[4] = INFINITY;
    u[5] = -1e30f;
    for (int n = 0; n < N; n += n < 40 ? 1 : 167) {
        memset(a, CANARY, sizeof(a));
        plain->sample(&t, n, u, v, light, a);
        for (int k = 0; k < N_TABLES; k++) {
            memset(b, CANARY, sizeof(b));
            table(k)->sample(&t, n, u, v, light, b);
            assert_memory_equal(a, b, sizeof(a));
            assert_int_equal(b[4 * n], CANARY);
        }
    }
    limner_texture_close(&t);
}

static void single_samples_match_c(void **state)
{
    limner_texture t;
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 5, 0);
    t = random_texture(&r);
    for (int i = 0; i < N; i++) {
        const float u = i ? limner_rng_uniform(&r) * (W + 20) - 10 : NAN;
        const float v = i != 1 ? limner_rng_uniform(&r) * (H + 20) - 10 : INFINITY;
        float a[4], b[4];

        limner_pix_dsp_get(0)->sample_exact(&t, u, v, a);
        for (int k = 0; k < N_TABLES; k++) {
            table(k)->sample_exact(&t, u, v, b);
            assert_memory_equal(a, b, sizeof(a));
        }
    }
    limner_texture_close(&t);
}

/* The kernel of cubic_table.c for a pixel at distance d. */
static double cubic(double d)
{
    const double f = -d - floor(-d), bump = 4 * f * (1 - f), s = 1 + 1.1 * bump * bump;
    const double p = s * f * (1 - f) * (1 - f) / 2, q = s * f * f * (1 - f) / 2;

    switch ((int)lrint(d + f)) {
    case -1: return -p;
    case 0: return 1 - f + 2 * p - q;
    case 1: return f - p + 2 * q;
    case 2: return -q;
    default: return 0;
    }
}

static double reference(const limner_texture *t, double u, double v, int c)
{
    double sum = 0;

    for (int y = (int)floor(v) - 3; y <= (int)floor(v) + 3; y++) {
        for (int x = (int)floor(u) - 3; x <= (int)floor(u) + 3; x++) {
            const int cx = x < 0 ? 0 : x >= W ? W - 1 : x, cy = y < 0 ? 0 : y >= H ? H - 1 : y;

            sum += limner_texture_at(t, cx, cy)[c] * cubic(x + 0.5 - u) * cubic(y + 0.5 - v);
        }
    }
    return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}

static void samples_are_the_kernel(void **state)
{
    const limner_pix_dsp *plain = limner_pix_dsp_get(0);
    limner_texture t;
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 2, 0);
    t = random_texture(&r);
    for (int i = 0; i < 2000; i++) {
        const int is_centre = i % 2;
        const float one = 1;
        float u = limner_rng_uniform(&r) * W, v = limner_rng_uniform(&r) * H;
        uint8_t rgba[4];

        u = is_centre ? floorf(u) + 0.5f : floorf(u * 256) / 256;
        v = is_centre ? floorf(v) + 0.5f : floorf(v * 256) / 256;
        plain->sample(&t, 1, &u, &v, &one, rgba);
        if (is_centre)
            assert_memory_equal(rgba, limner_texture_at(&t, (int)u, (int)v), 4);
        for (int c = 0; c < 4; c++)
            assert_true(fabs((double)rgba[c] - reference(&t, (double)u, (double)v, c)) <= 1);
    }
    limner_texture_close(&t);
}

/* Waves of four pixels and more keep their height within an eighth wherever they are sampled. */
static void fine_detail_keeps_its_contrast(void **state)
{
    (void)state;
    for (int phase = 0; phase < LIMNER_CUBIC_PHASES; phase++) {
        for (double w = 0.1; w < 1.6; w += 0.1) {
            double re = 0, im = 0;

            for (int k = 0; k < 4; k++) {
                re += limner_cubic[phase][k] * cos(w * (k - 1)) / (1 << LIMNER_CUBIC_BITS);
                im += limner_cubic[phase][k] * sin(w * (k - 1)) / (1 << LIMNER_CUBIC_BITS);
            }
            assert_true(fabs(hypot(re, im) - 1) < 0.125);
        }
    }
}

static void triangles_match_c(void **state)
{
    enum { SIDE = 48, N_SAMPLES = SIDE * SIDE };
    static float z[1 + N_TABLES][N_SAMPLES + 16];
    static int32_t id[1 + N_TABLES][N_SAMPLES + 16];
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 3, 0);
    for (int n = 0; n < 3000; n++) {
        limner_raster_band b = {.n_columns = SIDE, .y0 = 5, .y1 = 5 + n % 40, .from = n % 3,
                                .to = SIDE - n % 4, .per_px = 1 + n % 2};
        const float size = n % 5 ? 12.0f : 60.0f;
        float x[3], y[3], depth[3];
        limner_tri t;

        for (int k = 0; k < 3; k++) {
            x[k] = limner_rng_uniform(&r) * size + (float)(n % 45) - 5;
            y[k] = limner_rng_uniform(&r) * size + (float)(n % 37) - 5;
            depth[k] = limner_rng_normal(&r);
        }
        if (!limner_tri_setup(&t, x, y, depth))
            continue;
        for (int i = 0; i < N_SAMPLES + 16; i++) {
            z[0][i] = i % 3 ? -1e30f : limner_rng_normal(&r) * 2;
            id[0][i] = -1;
        }
        for (int k = N_TABLES; k >= 0; k--) {
            memcpy(z[k], z[0], sizeof(z[k]));
            memcpy(id[k], id[0], sizeof(id[k]));
            b.z = z[k];
            b.id = id[k];
            (k ? table(k - 1) : limner_pix_dsp_get(0))->triangle(&b, &t, n);
        }
        for (int k = 1; k <= N_TABLES; k++) {
            assert_memory_equal(z[0], z[k], sizeof(z[0]));
            assert_memory_equal(id[0], id[k], sizeof(id[0]));
        }
        for (int i = 0; i < N_SAMPLES; i++) {
            if (i % SIDE < b.from || i % SIDE >= b.to || i / SIDE >= b.y1 - b.y0)
                assert_int_equal(id[0][i], -1);
        }
    }
}

static limner_vertex random_vertex(limner_rng *r, float size, float left, float top)
{
    limner_vertex v;

    v.x = limner_rng_uniform(r) * size + left;
    v.y = limner_rng_uniform(r) * size + top;
    for (int k = 0; k < 4; k++)
        v.value[k] = limner_rng_normal(r) * 100;
    assert_true(limner_raster_snap(v.x, v.y, v.value[3], v.at));
    return v;
}

/* Of all sizes, too large ones among them, turned both ways, with corners that coincide. */
static void triangles_are_set_up_as_in_c(void **state)
{
    limner_rng r;
    int n_seen = 0;

    (void)state;
    limner_rng_init(&r, 8, 0);
    for (int n = 0; n < 5000; n++) {
        const float size = n % 7 ? n % 3 ? 8.0f : 0.1f : 400.0f;
        const float left = (float)(n % 29) * 97 - 900;
        limner_vertex v[3];
        limner_tri t[1 + N_TABLES];
        limner_plane p[1 + N_TABLES];

        for (int k = 0; k < 3; k++)
            v[k] = random_vertex(&r, size, left, 300 - left);
        if (n % 11 == 0)
            v[1] = v[n % 2];
        if (n % 13 == 0)
            v[2].at[1] = v[0].at[1];
        memset(t, 0, sizeof(t));
        memset(p, 0, sizeof(p));
        for (int k = 0; k <= N_TABLES; k++) {
            const bool is_seen = (k ? table(k - 1) : limner_pix_dsp_get(0))->set_up(
                &t[k], &p[k], &v[0], &v[1], &v[2]);

            assert_int_equal(is_seen, k ? is_seen : limner_tri_place(&t[0], v[0].at, v[1].at,
                                                                     v[2].at));
            if (!is_seen)
                continue;
            n_seen++;
            assert_memory_equal(&t[0], &t[k], sizeof(t[0]));
            assert_memory_equal(&p[0], &p[k], sizeof(p[0]));
        }
    }
    assert_true(n_seen > 3000);
}

/* Two triangles with an edge in common, wide and narrow, in bands that cut them. */
static void pairs_are_drawn_as_two(void **state)
{
    enum { SIDE = 48, N_SAMPLES = SIDE * SIDE };
    static float z[1 + N_TABLES][N_SAMPLES + 16];
    static int32_t id[1 + N_TABLES][N_SAMPLES + 16];
    int n_drawn = 0;
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 9, 0);
    for (int n = 0; n < 5000; n++) {
        limner_raster_band b = {.n_columns = SIDE, .y0 = 5, .y1 = 5 + n % 40, .from = n % 3,
                                .to = SIDE - n % 4, .per_px = 1 + n % 2};
        const int32_t number[2] = {n, 1 << LIMNER_KIND_SHIFT | n};
        limner_vertex v[4];
        limner_tri t[2];
        limner_plane p[2];

        for (int k = 0; k < 4; k++)
            v[k] = random_vertex(&r, n % 5 ? n % 3 ? 4.0f : 12.0f : 50.0f, (float)(n % 45) - 5,
                                 (float)(n % 37) - 5);
        if (!limner_pix_dsp_get(0)->set_up(&t[0], &p[0], &v[0], &v[1], &v[2]) ||
            !limner_pix_dsp_get(0)->set_up(&t[1], &p[1], &v[2], &v[1], &v[3]))
            continue;
        for (int i = 0; i < N_SAMPLES + 16; i++) {
            z[0][i] = i % 3 ? -1e30f : limner_rng_normal(&r) * 200;
            id[0][i] = -1;
        }
        for (int k = N_TABLES; k >= 0; k--) {
            memcpy(z[k], z[0], sizeof(z[k]));
            memcpy(id[k], id[0], sizeof(id[k]));
            b.z = z[k];
            b.id = id[k];
            if (k) {
                table(k - 1)->pair(&b, t, number);
                continue;
            }
            limner_pix_dsp_get(0)->triangle(&b, &t[0], number[0]);
            limner_pix_dsp_get(0)->triangle(&b, &t[1], number[1]);
        }
        for (int k = 1; k <= N_TABLES; k++) {
            assert_memory_equal(z[0], z[k], sizeof(z[0]));
            assert_memory_equal(id[0], id[k], sizeof(id[0]));
        }
        for (int i = 0; i < N_SAMPLES; i++)
            n_drawn += id[0][i] >= 0;
    }
    assert_true(n_drawn > 5000);
}

static void places_match_c(void **state)
{
    enum { N_PLANES = 9, ROOM = 100 + 16 };
    limner_plane plane[N_PLANES];
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 4, 0);
    for (int i = 0; i < N_PLANES; i++) {
        plane[i].x = limner_rng_uniform(&r) * 500;
        plane[i].y = limner_rng_uniform(&r) * 500;
        for (int k = 0; k < 3; k++) {
            plane[i].a[k] = limner_rng_uniform(&r) * 500;
            plane[i].ax[k] = limner_rng_normal(&r);
            plane[i].ay[k] = limner_rng_normal(&r);
        }
    }
    for (int n = 0; n <= 100; n++) {
        static float out[1 + N_TABLES][3][ROOM];
        int32_t id[ROOM];

        for (int i = 0; i < ROOM; i++)
            id[i] = limner_rng_u32(&r) % 4 ? (int32_t)(limner_rng_u32(&r) % N_PLANES) |
                                                 (i % 5) << LIMNER_KIND_SHIFT : -1;
        for (int k = 0; k <= N_TABLES; k++) {
            const limner_places to = {out[k][0], out[k][1], out[k][2]};

            (k ? table(k - 1) : limner_pix_dsp_get(0))->places(plane, id, n, 17.5f, 33.5f, &to);
            for (int c = 0; c < 3; c++)
                assert_memory_equal(out[0][c], out[k][c], sizeof(float) * (size_t)n);
            for (int i = 0; i < n; i++)
                assert_int_equal(id[i] < 0, isnan(out[k][0][i]));
        }
    }
}

/* Rows of a soft border: places in and beyond the map, sheets that lie near, apart or nowhere. */
static void borders_join_as_in_c(void **state)
{
    enum { FAR = 15, ROOM = 100 + 16 };
    static uint8_t feather[W * H + LIMNER_FEATHER_PAD], mark[1 + N_TABLES][ROOM];
    static float in[6][ROOM], out[1 + N_TABLES][3][ROOM];
    static int32_t core[ROOM];
    const limner_border b = {.kind = 1, .feather = feather, .w = W, .h = H, .far_from = FAR,
                             .far_opacity = 0.7f, .apart_px = 3};
    int n_marks[3] = {0};
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 10, 0);
    for (int i = 0; i < W * H; i++)
        feather[i] = i / W < 8 ? 255 : (uint8_t)limner_rng_u32(&r);
    for (int n = 0; n <= 100; n++) {
        for (int i = 0; i < ROOM; i++) {
            core[i] = limner_rng_u32(&r) % 7 ? 5 | (i % 3) << LIMNER_KIND_SHIFT : -1;
            in[0][i] = limner_rng_uniform(&r) * (W + 6) - 3;
            in[1][i] = limner_rng_uniform(&r) * (H + 6) - 3;
            in[2][i] = limner_rng_uniform(&r) * 2;
            for (int k = 0; k < 3; k++)
                in[3 + k][i] = i % 5 ? in[k][i] + limner_rng_normal(&r) * (i % 4 ? 1 : 3) : NAN;
        }
        for (int k = 0; k <= N_TABLES; k++) {
            const limner_places under = {in[3], in[4], in[5]};
            const limner_places row = {out[k][0], out[k][1], out[k][2]};

            memcpy(out[k], in, sizeof(out[k]));
            memset(mark[k], CANARY, sizeof(mark[k]));
            (k ? table(k - 1) : limner_pix_dsp_get(0))->join(&b, core, &under, n, &row, mark[k]);
            assert_memory_equal(mark[0], mark[k], sizeof(mark[0]));
            assert_memory_equal(out[0], out[k], sizeof(out[0]));
        }
        for (int i = 0; i < ROOM; i++) {
            const bool is_border = i < n && core[i] >> LIMNER_KIND_SHIFT == 1;
            const int other = in[1][i] > FAR ? LIMNER_MARK_OTHER : LIMNER_MARK_EDGE;

            assert_true(is_border ? !mark[0][i] || mark[0][i] == other : mark[0][i] == CANARY);
            n_marks[0] += is_border && !mark[0][i] && out[0][0][i] == in[0][i];
            n_marks[1] += is_border && !mark[0][i] && out[0][0][i] != in[0][i];
            n_marks[2] += is_border && mark[0][i];
        }
    }
    assert_true(n_marks[0] > 200 && n_marks[1] > 200 && n_marks[2] > 200);
}

static void jumps_match_c(void **state)
{
    static float at[4][N];
    static uint8_t flag[1 + N_TABLES][N + 1];
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 5, 0);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 4; k++)
            at[k][i] = (float)(limner_rng_u32(&r) % 8);
        at[i % 4][i] = i % 11 ? at[i % 4][i] : NAN;
    }
    for (int n = 0; n < N; n += n < 40 ? 1 : 167) {
        for (int k = 0; k <= N_TABLES; k++) {
            memset(flag[k], 2, sizeof(flag[k]));
            (k ? table(k - 1) : limner_pix_dsp_get(0))->jumps(at[0], at[1], at[2], at[3], n, 3,
                                                              flag[k]);
            assert_memory_equal(flag[0], flag[k], sizeof(flag[0]));
        }
        for (int i = 0; i < n; i++)
            assert_int_equal(flag[0][i], 2 | (fabsf(at[0][i] - at[2][i]) >= 3) |
                                             (fabsf(at[1][i] - at[3][i]) >= 3));
        assert_int_equal(flag[0][n], 2);
    }
}

static void rows_merge_as_in_c(void **state)
{
    static int32_t in[2][N], number[1 + N_TABLES][N + 1];
    static uint8_t mark[1 + N_TABLES][N + 1];
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 7, 0);
    for (int i = 0; i < 2 * N; i++)
        in[i / N][i % N] = limner_rng_u32(&r) % 3 ? (int32_t)(limner_rng_u32(&r) % 5000) |
                                                        (i / 2 % 5) << LIMNER_KIND_SHIFT : -1;
    for (int n = 0; n < N; n += n < 40 ? 1 : 167) {
        for (int k = 0; k <= N_TABLES; k++) {
            memset(number[k], CANARY, sizeof(number[k]));
            memset(mark[k], CANARY, sizeof(mark[k]));
            (k ? table(k - 1) : limner_pix_dsp_get(0))->merge(in[0], in[1], n, number[k], mark[k]);
            assert_memory_equal(number[0], number[k], sizeof(number[0]));
            assert_memory_equal(mark[0], mark[k], sizeof(mark[0]));
        }
        for (int i = 0; i < n; i++) {
            const int32_t want = in[0][i] < 0 ? in[1][i] : in[0][i];

            assert_int_equal(number[0][i], want);
            assert_int_equal(mark[0][i], want < 0 ? LIMNER_MARK_NOTHING
                                         : in[0][i] >= 1 << LIMNER_KIND_SHIFT ? LIMNER_MARK_OTHER
                                                                              : 0);
        }
        assert_int_equal(mark[0][n], CANARY);
        for (int k = 0; k <= N_TABLES; k++) {
            const limner_pix_dsp *dsp = k ? table(k - 1) : limner_pix_dsp_get(0);

            memset(mark[k], 4, sizeof(mark[k]));
            dsp->add_seen(mark[k], in[0], 2, n);
            dsp->add_marks(mark[k], (const uint8_t *)in[1], n / 2);
            assert_memory_equal(mark[0], mark[k], sizeof(mark[0]));
        }
        for (int i = n / 2; i <= n; i++)
            assert_int_equal(mark[0][i], 4 | (i < n && (in[0][i] < 0 ||
                                                         in[0][i] >> LIMNER_KIND_SHIFT == 2)));
    }
}

static void colours_match_c(void **state)
{
    static uint8_t top[4 * N], low[4 * N], out[1 + N_TABLES][6][4 * N];
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 6, 0);
    for (int i = 0; i < 4 * N; i++) {
        top[i] = (uint8_t)(i / 64 % 3 ? limner_rng_u32(&r) : 255 * (limner_rng_u32(&r) % 2));
        low[i] = (uint8_t)limner_rng_u32(&r);
    }
    for (int n = 0; n < N; n += n < 70 ? 2 : 166) {
        for (int k = 0; k <= N_TABLES; k++) {
            const limner_pix_dsp *dsp = k ? table(k - 1) : limner_pix_dsp_get(0);

            memset(out[k], CANARY, sizeof(out[k]));
            dsp->luma(out[k][0], top, n);
            dsp->chroma(out[k][1], out[k][2], top, low, n);
            memcpy(out[k][3], top, sizeof(top));
            dsp->compose(out[k][3], low, n);
            assert_memory_equal(out[0], out[k], sizeof(out[0]));
            assert_int_equal(out[k][0][n], CANARY);
            assert_int_equal(out[k][1][n / 2], CANARY);
            assert_int_equal(out[k][2][n / 2], CANARY);
            assert_memory_equal(out[k][3] + 4 * n, top + 4 * n, (size_t)(4 * (N - n)));
        }
    }
}

static void composing_is_exact(void **state)
{
    const limner_pix_dsp *plain = limner_pix_dsp_get(0);

    (void)state;
    for (int i = 0; i < 256 * 256; i++) {
        uint8_t rgba[4] = {(uint8_t)i, 0, 255, (uint8_t)(i >> 8)};
        const uint8_t back[4] = {200, 255, 3, 255};
        const double a = (double)(i >> 8) / 255, v = (double)(i & 255);

        plain->compose(rgba, back, 1);
        assert_int_equal(rgba[0], (int)floor(200 * (1 - a) + v * a + 0.5 - 1e-6));
        assert_int_equal(rgba[1], (int)floor(255 * (1 - a) + 0.5 - 1e-6));
        assert_int_equal(rgba[2], (int)floor(3 * (1 - a) + 255 * a + 0.5 - 1e-6));
        assert_int_equal(rgba[3], 255);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_match_c),
        cmocka_unit_test(single_samples_match_c),
        cmocka_unit_test(samples_are_the_kernel),
        cmocka_unit_test(fine_detail_keeps_its_contrast),
        cmocka_unit_test(triangles_match_c),
        cmocka_unit_test(triangles_are_set_up_as_in_c),
        cmocka_unit_test(pairs_are_drawn_as_two),
        cmocka_unit_test(places_match_c),
        cmocka_unit_test(rows_merge_as_in_c),
        cmocka_unit_test(borders_join_as_in_c),
        cmocka_unit_test(jumps_match_c),
        cmocka_unit_test(colours_match_c),
        cmocka_unit_test(composing_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
