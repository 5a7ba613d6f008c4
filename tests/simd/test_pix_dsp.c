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

#include "core/rng.h"
#include "pix_tables.h"
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
        cmocka_unit_test(rows_merge_as_in_c),
        cmocka_unit_test(jumps_match_c),
        cmocka_unit_test(colours_match_c),
        cmocka_unit_test(composing_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
