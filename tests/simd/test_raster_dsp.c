/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's kernels for triangles, of each instruction set against plain C, bit for bit, with
 * canaries: setting them up, drawing them, places in the textures, soft borders. */
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

enum { W = 37, H = 23, CANARY = 0x5a, SIDE = 48, N_SAMPLES = SIDE * SIDE };

/* Samples that triangles are drawn into: by plain C [0], by each table, and canaries behind. */
static float drawn_z[1 + N_TABLES][N_SAMPLES + 16];
static int32_t drawn_id[1 + N_TABLES][N_SAMPLES + 16];

/* Nothing drawn yet, a third of the depths taken. */
static void clear_samples(limner_rng *r, float spread)
{
    for (int i = 0; i < N_SAMPLES + 16; i++) {
        drawn_z[0][i] = i % 3 ? -1e30f : limner_rng_normal(r) * spread;
        drawn_id[0][i] = -1;
    }
}

/* Lets b draw into a copy of plain C's samples: k 0 is drawn last. */
static void take_samples(limner_raster_band *b, int k)
{
    memcpy(drawn_z[k], drawn_z[0], sizeof(drawn_z[k]));
    memcpy(drawn_id[k], drawn_id[0], sizeof(drawn_id[k]));
    b->z = drawn_z[k];
    b->id = drawn_id[k];
}

static void expect_same_samples(void)
{
    for (int k = 1; k <= N_TABLES; k++) {
        assert_memory_equal(drawn_z[0], drawn_z[k], sizeof(drawn_z[0]));
        assert_memory_equal(drawn_id[0], drawn_id[k], sizeof(drawn_id[0]));
    }
}

static void triangles_match_c(void **state)
{
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
        clear_samples(&r, 2);
        for (int k = N_TABLES; k >= 0; k--) {
            take_samples(&b, k);
            (k ? table(k - 1) : limner_pix_dsp_get(0))->triangle(&b, &t, n);
        }
        expect_same_samples();
        for (int i = 0; i < N_SAMPLES; i++) {
            if (i % SIDE < b.from || i % SIDE >= b.to || i / SIDE >= b.y1 - b.y0)
                assert_int_equal(drawn_id[0][i], -1);
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
        clear_samples(&r, 200);
        for (int k = N_TABLES; k >= 0; k--) {
            take_samples(&b, k);
            if (k) {
                table(k - 1)->pair(&b, t, number);
                continue;
            }
            limner_pix_dsp_get(0)->triangle(&b, &t[0], number[0]);
            limner_pix_dsp_get(0)->triangle(&b, &t[1], number[1]);
        }
        expect_same_samples();
        for (int i = 0; i < N_SAMPLES; i++)
            n_drawn += drawn_id[0][i] >= 0;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triangles_match_c),
        cmocka_unit_test(triangles_are_set_up_as_in_c),
        cmocka_unit_test(pairs_are_drawn_as_two),
        cmocka_unit_test(places_match_c),
        cmocka_unit_test(borders_join_as_in_c),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
