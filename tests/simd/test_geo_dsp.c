/* SPDX-License-Identifier: Apache-2.0 */
/* The loops over vertices of each instruction set against plain C, bit for bit; nothing is written
 * beyond the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/rng.h"
#include "render/geo_dsp.h"

enum { N = 301, N_IN = 6, N_TABLES = 2, N_KINDS = 3 };

static float in[N_IN][N], out[N_KINDS][3][N];

static const limner_geo_dsp *table(int i)
{
    const uint32_t mask[N_KINDS] = {0, LIMNER_CPU_SSE41 | LIMNER_CPU_AVX2, ~0u};

    return limner_geo_dsp_get(limner_cpu_flags() & mask[i]);
}

/* Numbers in `in`, of normals in the first three; `out` full of one value. */
static limner_const_axes fill(limner_rng *r, bool of_normals)
{
    for (int i = 0; i < N * N_IN; i++)
        in[i / N][i % N] = limner_rng_normal(r) * (of_normals ? 0.5f : 200);
    for (int i = 0; i < N_KINDS * 3 * N; i++)
        out[i / 3 / N][i / N % 3][i % N] = 7;
    return (limner_const_axes){in[0], in[1], in[2]};
}

static void expect_same(uint32_t n)
{
    for (int k = 1; k <= N_TABLES; k++)
        assert_memory_equal(out[0], out[k], sizeof(out[0]));
    for (int c = 0; c < 3; c++)
        assert_true(n == N || out[0][c][n] == 7);
}

static void points_move_as_in_c(void **state)
{
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 1, 0);
    for (uint32_t n = 0; n <= N; n += n < 40 ? 1 : 29) {
        const limner_const_axes at = fill(&r, false);
        float m[4];
        limner_rigid rigid;

        for (int k = 0; k < 4; k++)
            m[k] = limner_rng_normal(&r);
        for (size_t k = 0; k < sizeof(rigid) / sizeof(float); k++)
            ((float *)&rigid)[k] = limner_rng_normal(&r);
        for (int k = 0; k < N_KINDS; k++) {
            table(k)->project(n, m, at, in[3], out[k][0]);
            table(k)->project(n, m, at, NULL, out[k][1]);
        }
        expect_same(n);
        for (int k = 0; k < N_KINDS; k++)
            table(k)->move(n, &rigid, at, in[3], (limner_axes){out[k][0], out[k][1], out[k][2]});
        expect_same(n);
    }
}

static void normals_are_lit_as_in_c(void **state)
{
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 2, 0);
    for (uint32_t n = 0; n <= N; n += n < 40 ? 1 : 29) {
        const limner_const_axes at = fill(&r, true);
        float harmonics[9];

        in[0][5] = in[1][5] = in[2][5] = 0;
        for (int k = 0; k < 9; k++)
            harmonics[k] = limner_rng_normal(&r);
        for (int k = 0; k < N_KINDS; k++) {
            for (int c = 0; c < 3; c++)
                memcpy(out[k][c], in[c], n * sizeof(float));
            table(k)->unit(n, (limner_axes){out[k][0], out[k][1], out[k][2]});
        }
        expect_same(n);
        for (int k = 0; k < N_KINDS; k++) {
            table(k)->relight(n, harmonics, at, in[3], in[4], out[k][0]);
            table(k)->shine(n, harmonics, 0.2f, at, in[4], in[5], out[k][0]);
        }
        expect_same(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_move_as_in_c),
        cmocka_unit_test(normals_are_lit_as_in_c),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
