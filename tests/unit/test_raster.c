/* SPDX-License-Identifier: Apache-2.0 */
/* The raster against a plain reference: point in polygon in 64-bit integers, depth by barycentric
 * weights in doubles; meshes are watertight; bands and instruction sets change nothing. */
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
#include "render/core_pairs.h"
#include "render/raster_setup.h"

enum { W = 61, H = 53, N_NODES = 9 };

typedef struct buffer {
    float z[W * H + 16];
    int32_t id[W * H + 16];
    limner_raster_band band;
} buffer;

static void buffer_init(buffer *b, int32_t y0, int32_t y1, uint32_t flags)
{
    b->band = (limner_raster_band){.z = b->z, .id = b->id, .n_columns = W, .y0 = y0, .y1 = y1,
                                   .to = W, .per_px = 1, .dsp = limner_pix_dsp_get(flags)};
    limner_raster_clear(&b->band);
}

/* Snapped corners. */
typedef struct corners {
    int32_t x[3], y[3];
} corners;

static corners snap(const float x[3], const float y[3])
{
    corners c;

    for (int k = 0; k < 3; k++) {
        int32_t at[2] = {0};

        assert_true(limner_raster_snap(x[k], y[k], 0, at));
        c.x[k] = at[0];
        c.y[k] = at[1];
    }
    return c;
}

static int64_t edge(const corners *t, int k, int64_t px, int64_t py)
{
    const int n = (k + 1) % 3;

    return (int64_t)(t->x[n] - t->x[k]) * (py - t->y[k]) -
           (int64_t)(t->y[n] - t->y[k]) * (px - t->x[k]);
}

/* Inside by the top-left rule, sample (x, y). */
static int is_inside(const corners *t, int32_t x, int32_t y)
{
    const int64_t px = (int64_t)x * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2;
    const int64_t py = (int64_t)y * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2;

    for (int k = 0; k < 3; k++) {
        const int n = (k + 1) % 3;
        const int32_t dx = t->x[n] - t->x[k], dy = t->y[n] - t->y[k];
        const int64_t e = edge(t, k, px, py);

        if (e < 0 || (e == 0 && !(dy < 0 || (dy == 0 && dx > 0))))
            return 0;
    }
    return 1;
}

static double depth_at(const corners *t, const float z[3], int32_t x, int32_t y)
{
    const int64_t px = (int64_t)x * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2;
    const int64_t py = (int64_t)y * LIMNER_RASTER_SUB + LIMNER_RASTER_SUB / 2;
    const double area = (double)edge(t, 0, t->x[2], t->y[2]);

    return ((double)edge(t, 1, px, py) * (double)z[0] + (double)edge(t, 2, px, py) * (double)z[1] +
            (double)edge(t, 0, px, py) * (double)z[2]) / area;
}

static void triangles_match_the_reference(void **state)
{
    limner_rng r;
    buffer b;

    (void)state;
    limner_rng_init(&r, 1, 0);
    for (int n = 0; n < 2000; n++) {
        const float size = n % 3 ? 6.0f : 70.0f;
        float x[3], y[3], z[3];
        limner_tri t;
        corners c;

        for (int k = 0; k < 3; k++) {
            x[k] = limner_rng_uniform(&r) * size + (n % 5 ? 20.0f : -5.0f);
            y[k] = limner_rng_uniform(&r) * size + (n % 7 ? 15.0f : -5.0f);
            z[k] = limner_rng_uniform(&r) * 10;
        }
        if (!limner_tri_setup(&t, x, y, z))
            continue;
        c = snap(x, y);
        buffer_init(&b, 0, H, 0);
        limner_raster_draw(&b.band, &t, n);
        for (int i = 0; i < W * H; i++) {
            const int in = is_inside(&c, i % W, i / W);

            assert_int_equal(b.id[i], in ? n : -1);
            if (in)
                assert_true(fabs((double)b.z[i] - depth_at(&c, z, i % W, i / W)) < 2e-2);
        }
    }
}

/* A bent grid of two triangles a cell covers every sample of its area exactly once. */
static void meshes_are_watertight(void **state)
{
    limner_rng r;
    float x[N_NODES][N_NODES], y[N_NODES][N_NODES];
    int count[W * H] = {0};

    (void)state;
    limner_rng_init(&r, 2, 0);
    for (int j = 0; j < N_NODES; j++) {
        for (int i = 0; i < N_NODES; i++) {
            const int is_edge = !i || !j || i == N_NODES - 1 || j == N_NODES - 1;

            x[j][i] = (float)(W * i) / (N_NODES - 1) + (is_edge ? 0 : limner_rng_normal(&r) * 1.2f);
            y[j][i] = (float)(H * j) / (N_NODES - 1) + (is_edge ? 0 : limner_rng_normal(&r) * 1.2f);
        }
    }
    for (int n = 0; n < 2 * (N_NODES - 1) * (N_NODES - 1); n++) {
        const int c = n / 2, i = c % (N_NODES - 1), j = c / (N_NODES - 1);
        const int a[3][2] = {{i + n % 2, j}, {i + 1, j + n % 2}, {i, j + 1}};
        const float z[3] = {0, 0, 0};
        float tx[3], ty[3];
        limner_tri t;
        buffer b;

        for (int k = 0; k < 3; k++) {
            tx[k] = x[a[k][1]][a[k][0]];
            ty[k] = y[a[k][1]][a[k][0]];
        }
        assert_true(limner_tri_setup(&t, tx, ty, z));
        buffer_init(&b, 0, H, 0);
        limner_raster_draw(&b.band, &t, 0);
        for (int k = 0; k < W * H; k++)
            count[k] += b.id[k] == 0;
    }
    for (int k = 0; k < W * H; k++)
        assert_int_equal(count[k], 1);
}

static void draw_scene(const limner_raster_band *b)
{
    limner_rng r;

    limner_rng_init(&r, 3, 0);
    for (int n = 0; n < 300; n++) {
        float x[3], y[3], z[3];
        limner_tri t;

        for (int k = 0; k < 3; k++) {
            x[k] = limner_rng_uniform(&r) * 90 - 15;
            y[k] = limner_rng_uniform(&r) * 80 - 15;
            z[k] = limner_rng_normal(&r);
        }
        if (limner_tri_setup(&t, x, y, z))
            limner_raster_draw(b, &t, n);
    }
}

static void bands_and_instruction_sets_agree(void **state)
{
    static buffer whole, part;
    const uint32_t flags[3] = {0, LIMNER_CPU_AVX2, ~0u};

    (void)state;
    buffer_init(&whole, 0, H, 0);
    draw_scene(&whole.band);
    for (int f = 0; f < 3; f++) {
        const limner_pix_dsp *dsp = limner_pix_dsp_get(limner_cpu_flags() & flags[f]);

        for (int32_t y = 0; y < H; y += 7) {
            const int32_t y1 = y + 7 < H ? y + 7 : H;

            buffer_init(&part, y, y1, 0);
            part.band.dsp = dsp;
            draw_scene(&part.band);
            assert_memory_equal(part.id, whole.id + y * W, sizeof(int32_t) * W * (size_t)(y1 - y));
            assert_memory_equal(part.z, whole.z + y * W, sizeof(float) * W * (size_t)(y1 - y));
        }
    }
}

/* Two by two samples a pixel are one sample a pixel of a picture twice as large. */
static void samples_lie_on_their_grid(void **state)
{
    static buffer fine, twice;
    limner_rng r;

    (void)state;
    limner_rng_init(&r, 5, 0);
    buffer_init(&fine, 0, H, 0);
    buffer_init(&twice, 0, H, 0);
    fine.band.per_px = 2;
    for (int n = 0; n < 200; n++) {
        float x[3], y[3], x2[3], y2[3];
        const float z[3] = {0, 0, (float)n};
        limner_tri t;

        for (int k = 0; k < 3; k++) {
            x[k] = floorf(limner_rng_uniform(&r) * 32 * W) / 64;
            y[k] = floorf(limner_rng_uniform(&r) * 32 * H) / 64;
            x2[k] = 2 * x[k];
            y2[k] = 2 * y[k];
        }
        if (limner_tri_setup(&t, x, y, z))
            limner_raster_draw(&fine.band, &t, n);
        if (limner_tri_setup(&t, x2, y2, z))
            limner_raster_draw(&twice.band, &t, n);
    }
    assert_memory_equal(fine.id, twice.id, sizeof(int32_t) * W * H);
}

/* Columns beyond from .. to stay as they are, those within do not depend on them. */
static void columns_are_cut(void **state)
{
    static buffer whole, part;

    (void)state;
    buffer_init(&whole, 0, H, 0);
    buffer_init(&part, 0, H, 0);
    draw_scene(&whole.band);
    part.band.from = 13;
    part.band.to = 40;
    draw_scene(&part.band);
    for (int i = 0; i < W * H; i++)
        assert_int_equal(part.id[i], i % W >= 13 && i % W < 40 ? whole.id[i] : -1);
}

static void bad_triangles_are_refused(void **state)
{
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e9f, -1e9f};
    const float x[3] = {1, 9, 1}, y[3] = {1, 1, 9}, z[3] = {0, 0, 0};
    limner_tri t;

    (void)state;
    assert_true(limner_tri_setup(&t, x, y, z));
    for (int i = 0; i < 15; i++) {
        float v[3][3];

        memcpy(v[0], x, sizeof(x));
        memcpy(v[1], y, sizeof(y));
        memcpy(v[2], z, sizeof(z));
        v[i % 3 == 2 && i / 3 > 2 ? 0 : i % 3][1] = bad[i / 3];
        assert_false(limner_tri_setup(&t, v[0], v[1], v[2]));
    }
    assert_false(limner_tri_setup(&t, y, x, z));                /* turned away */
    assert_false(limner_tri_setup(&t, x, x, z));                /* empty */
}

/* The halves of a strip's quadrangles, listed in no order, and a triangle that stays alone. */
static void quadrangles_are_pairs(void **state)
{
    enum { N = 7 };
    const uint16_t index[3 * N] = {0, 1, 4, 2, 3, 7, 2, 7, 6, 8, 9, 10, 1, 2, 6, 1, 6, 5, 0, 5, 4};
    const float x[11] = {0, 1, 2, 3, 0, 1, 2, 3, 9, 10, 9};
    const float y[11] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1};
    const uint16_t strip[3 * N] = {0, 1, 5, 0, 5, 4, 1, 2, 6, 1, 6, 5, 2, 3, 7, 2, 7, 6, 8, 9, 10};
    const uint8_t none[N] = {0}, third[N] = {0, 0, 1};
    const uint32_t want[N] = {LIMNER_NO_MATE, 2, 1, LIMNER_NO_MATE, 5, 4, LIMNER_NO_MATE};
    uint32_t mate[N];
    uint8_t is_pair[N];

    (void)state;
    assert_int_equal(limner_pairs_find(mate, index, none, N, x, y), LIMNER_OK);
    assert_memory_equal(mate, want, sizeof(want));
    assert_int_equal(limner_pairs_find(mate, index, third, N, x, y), LIMNER_OK);
    assert_int_equal(mate[2], LIMNER_NO_MATE);
    limner_pairs_mark(is_pair, strip, none, N);
    assert_memory_equal(is_pair, ((const uint8_t[N]){1, 0, 1, 0, 1, 0, 0}), N);
    limner_pairs_mark(is_pair, strip, third, N);
    assert_memory_equal(is_pair, ((const uint8_t[N]){1, 0, 0, 0, 1, 0, 0}), N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quadrangles_are_pairs),
        cmocka_unit_test(triangles_match_the_reference),
        cmocka_unit_test(meshes_are_watertight),
        cmocka_unit_test(bands_and_instruction_sets_agree),
        cmocka_unit_test(samples_lie_on_their_grid),
        cmocka_unit_test(columns_are_cut),
        cmocka_unit_test(bad_triangles_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
