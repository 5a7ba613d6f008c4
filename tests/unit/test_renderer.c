/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer on the shipped face model and a portrait made here: a smooth picture with a face
 * somewhere in it. What a viewer relies on: the photo's own motion gives the photo back, threads
 * change nothing, a frame allocates nothing, formats agree, no motion can break it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/rng.h"
#include "render/renderer.h"
#include "painted_portrait.h"

static limner_renderer *open_renderer(const fixture *x, limner_pool *pool, limner_framing framing,
                                      limner_pixel pixel, uint32_t size)
{
    limner_renderer *r = NULL;

    assert_int_equal(limner_renderer_open(&r, x->face, &x->app, pool, framing, pixel, size, size),
                     LIMNER_OK);
    return r;
}

static void draw_rgba(limner_renderer *r, const limner_motion *m, uint8_t *rgba, uint32_t size)
{
    const limner_render_target t = {.plane = {rgba}, .stride = {(ptrdiff_t)4 * size},
                                    .pixel = LIMNER_PIXEL_RGBA};

    limner_renderer_draw(r, m, NULL, &t);
}

static double psnr(const uint8_t *rgba, const limner_image *rgb)
{
    double sum = 0;

    for (uint32_t i = 0; i < rgb->w * rgb->h; i++) {
        for (uint32_t c = 0; c < 3; c++) {
            const double d = (double)rgba[4 * i + c] - (double)rgb->px[3 * i + c];

            sum += d * d;
        }
    }
    return 10 * log10(255.0 * 255 * 3 * rgb->w * rgb->h / (sum + 1e-9));
}

static limner_motion talking(const fixture *x)
{
    limner_motion m = x->own;

    m.expression[LIMNER_JAW_OPEN] = 0.6f;
    m.expression[LIMNER_EYE_BLINK_LEFT] = 0.7f;
    m.expression[LIMNER_BROW_INNER_UP] = 0.5f;
    m.yaw += 12;
    m.pitch -= 6;
    m.roll = 5;
    m.gaze_yaw = 10;
    m.breath = 0.6f;
    m.sway = -0.4f;
    m.distance = 0.94f;
    return m;
}

static void own_motion_gives_the_photo_back(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    const limner_framing framings[2] = {LIMNER_FRAMING_CROP, LIMNER_FRAMING_FULL};

    for (int i = 0; i < 2; i++) {
        limner_renderer *r = open_renderer(x, NULL, framings[i], LIMNER_PIXEL_RGBA, S);

        draw_rgba(r, &x->own, rgba, S);
        assert_true(psnr(rgba, &x->app.photo) >= 45);
        limner_renderer_close(&r);
        assert_null(r);
    }
}

static void motion_moves_the_picture(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    const limner_motion m = talking(x);
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);

    draw_rgba(r, &m, rgba, S);
    assert_true(psnr(rgba, &x->app.photo) < 35);
    limner_renderer_close(&r);
}

static void smaller_frame_is_the_smaller_photo(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S];
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S / 2);
    limner_image small;

    assert_int_equal(limner_image_open(&small, S / 2, S / 2, 3), LIMNER_OK);
    limner_image_warp(&small, &x->app.photo, (const float[6]){2, 0, 0, 0, 2, 0});
    draw_rgba(r, &x->own, rgba, S / 2);
    assert_true(psnr(rgba, &small) >= 42);
    limner_image_close(&small);
    limner_renderer_close(&r);
}

/* Thin dark strokes across the rows of the eyes, where the matte is whole. */
static void draw_strokes(limner_image *img, uint32_t from, uint32_t to)
{
    for (uint32_t y = from; y < to; y++)
        for (uint32_t x = S; x < 2 * S; x++)
            if (x / 3 % 4 == 1)
                limner_image_row(img, y)[x] /= 2;
}

static double difference(const uint8_t *a, const uint8_t *b, const uint8_t *is_used)
{
    double sum = 0, n = 1e-9;

    for (int i = 0; i < S * S; i++) {
        sum += is_used[i] ? abs(a[4 * i + 1] - b[4 * i + 1]) : 0;
        n += is_used[i];
    }
    return sum / n;
}

/* With lashes over the open lids in the photo shut lids look as they do without. Draws on the
 * fixture: the last test. */
static void shut_lids_show_no_lashes(void **state)
{
    static uint8_t open[2][S * S * 4], shut[2][S * S * 4], is_lid[S * S];
    fixture *x = *state;
    limner_motion blink = x->own;
    double own;

    blink.expression[LIMNER_EYE_BLINK_LEFT] = blink.expression[LIMNER_EYE_BLINK_RIGHT] = 1;
    for (int k = 0; k < 2; k++) {
        limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);

        draw_rgba(r, &x->own, open[k], S);
        draw_rgba(r, &blink, shut[k], S);
        assert_true(psnr(open[k], &x->app.photo) >= 42);
        limner_renderer_close(&r);
        draw_strokes(&x->app.photo, 3 * S / 10, 2 * S / 5);
        draw_strokes(&x->app.foreground, 3 * S / 10, 2 * S / 5);
    }
    for (int i = 0; i < S * S; i++)
        is_lid[i] = abs(open[0][4 * i + 1] - shut[0][4 * i + 1]) > 4;
    assert_true(difference(open[0], shut[0], is_lid) > 4);
    own = difference(open[0], open[1], is_lid);
    assert_true(own > 4);
    assert_true(difference(shut[0], shut[1], is_lid) < 0.25 * own);
}

static void threads_and_instruction_sets_change_nothing(void **state)
{
    const fixture *x = *state;
    static uint8_t first[S * S * 4], other[S * S * 4];
    const limner_motion m = talking(x);
    const uint32_t threads[] = {1, 2, 3, 1, 2}, mask[] = {~0u, ~0u, ~0u, 0, LIMNER_CPU_AVX2};

    for (int i = 0; i < 5; i++) {
        limner_pool *pool = NULL;
        limner_renderer *r;

        limner_cpu_set_mask(mask[i]);
        assert_int_equal(limner_pool_open(&pool, threads[i]), LIMNER_OK);
        r = open_renderer(x, pool, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);
        draw_rgba(r, &x->own, other, S);
        draw_rgba(r, &m, i ? other : first, S);
        if (i)
            assert_memory_equal(first, other, sizeof(first));
        limner_renderer_close(&r);
        limner_pool_close(&pool);
    }
    limner_cpu_set_mask(~0u);
}

static void frames_allocate_nothing(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    const limner_motion m = talking(x);
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_FULL, LIMNER_PIXEL_RGBA, S);
    const size_t before = limner_mem_count();

    draw_rgba(r, &x->own, rgba, S);
    draw_rgba(r, &m, rgba, S);
    assert_int_equal(limner_mem_count(), before);
    limner_renderer_close(&r);
}

static uint8_t near_u8(double v)
{
    return (uint8_t)lrint(v);
}

/* I420 and NV12 hold what RGBA does, by the formulas of BT.709. */
static void pixel_formats_agree(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4], y[2][S * S], u[S * S / 4], v[S * S / 4], uv[S * S / 2];
    const limner_motion m = talking(x);
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);
    const limner_render_target i420 = {.plane = {y[0], u, v}, .stride = {S, S / 2, S / 2},
                                       .pixel = LIMNER_PIXEL_I420};
    const limner_render_target nv12 = {.plane = {y[1], uv}, .stride = {S, S},
                                       .pixel = LIMNER_PIXEL_NV12};

    draw_rgba(r, &m, rgba, S);
    limner_renderer_draw(r, &m, NULL, &i420);
    limner_renderer_draw(r, &m, NULL, &nv12);
    assert_memory_equal(y[0], y[1], sizeof(y[0]));
    for (int i = 0; i < S * S / 4; i++) {
        const int at = i / (S / 2) * 2 * S + i % (S / 2) * 2;
        const uint8_t *p = rgba + 4 * at;
        double c[3] = {0};

        assert_int_equal(u[i], uv[2 * i]);
        assert_int_equal(v[i], uv[2 * i + 1]);
        assert_int_equal(p[3], 255);
        for (int k = 0; k < 3; k++)
            c[k] = (p[k] + p[4 + k] + p[4 * S + k] + p[4 * S + 4 + k]) / 4.0;
        const double luma = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        assert_true(abs(u[i] - near_u8(128 + 224 / 255.0 * (c[2] - luma) / 1.8556)) <= 1);
        assert_true(abs(v[i] - near_u8(128 + 224 / 255.0 * (c[0] - luma) / 1.5748)) <= 1);
        const double one = 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
        assert_true(abs(y[0][at] - near_u8(16 + 219 / 255.0 * one)) <= 1);
    }
    limner_renderer_close(&r);
}

static void alpha_is_the_matte(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_ALPHA, LIMNER_PIXEL_RGBA, S);
    limner_renderer *none = NULL;
    double sum = 0;

    draw_rgba(r, &x->own, rgba, S);
    for (int i = 0; i < S * S; i++)
        sum += abs(rgba[4 * i + 3] - x->app.matte.px[i]);
    assert_true(sum / (S * S) < 3);             /* the face itself is made opaque */
    assert_int_equal(rgba[3], 0);
    assert_int_equal(rgba[4 * (S * S / 2 + S / 2) + 3], 255);
    limner_renderer_close(&r);
    assert_int_equal(limner_renderer_open(&none, x->face, &x->app, NULL, LIMNER_FRAMING_ALPHA,
                                          LIMNER_PIXEL_I420, S, S), LIMNER_E_ARG);
    assert_null(none);
}

/* Whether nothing of the person is within 40 px of pixel i in the photo. */
static bool is_far_from_person(const fixture *x, int i)
{
    const int reach = 40;

    for (int v = i / S - reach; v <= i / S + reach; v++) {
        for (int u = i % S - reach; u <= i % S + reach; u++) {
            if (u >= 0 && v >= 0 && u < S && v < S && x->app.matte.px[v * S + u])
                return false;
        }
    }
    return true;
}

static void still_background_does_not_flicker(void **state)
{
    const fixture *x = *state;
    static uint8_t first[S * S * 4], rgba[S * S * 4];
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);
    int n_still = 0;

    limner_renderer_set_frame_time(r, 0.04f);
    draw_rgba(r, &x->own, first, S);
    for (int n = 1; n < 12; n++) {
        limner_motion m = x->own;

        m.yaw += 3 * sinf(0.5f * (float)n);
        m.roll += 2 * sinf(0.8f * (float)n);
        m.expression[LIMNER_JAW_OPEN] = 0.05f * (float)n;
        m.breath = 0.3f;
        draw_rgba(r, &m, rgba, S);
        assert_memory_not_equal(rgba, first, sizeof(rgba));
        for (int i = 0; i < S * S; i += 7) {
            if (!is_far_from_person(x, i))
                continue;
            assert_memory_equal(rgba + 4 * i, first + 4 * i, 4);
            n_still++;
        }
    }
    assert_true(n_still > 1000);
    limner_renderer_close(&r);
}

/* Alpha is straight: colour * alpha + background * (1 - alpha), over the photo's own background, is
 * the photo. */
static void alpha_laid_over_the_background_is_the_photo(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_ALPHA, LIMNER_PIXEL_RGBA, S);

    draw_rgba(r, &x->own, rgba, S);
    for (int i = 0; i < S * S; i++) {
        const int a = rgba[4 * i + 3];

        for (int k = 0; k < 3; k++)
            rgba[4 * i + k] = (uint8_t)((rgba[4 * i + k] * a + x->app.background.px[3 * i + k] *
                                         (255 - a) + 127) / 255);
    }
    assert_true(psnr(rgba, &x->app.photo) >= 45);
    limner_renderer_close(&r);
}

static void no_motion_breaks_it(void **state)
{
    const fixture *x = *state;
    static uint8_t rgba[S * S * 4];
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0, 1, -1, 90, -90};
    limner_renderer *r = open_renderer(x, NULL, LIMNER_FRAMING_CROP, LIMNER_PIXEL_RGBA, S);
    limner_rng rng;

    limner_rng_init(&rng, 9, 0);
    for (int n = 0; n < 60; n++) {
        limner_motion m;
        float *v = &m.expression[0];
        const size_t n_floats = sizeof(m) / sizeof(float);

        for (size_t i = 0; i < n_floats; i++)
            v[i] = n % 2 ? bad[limner_rng_u32(&rng) % 10] : limner_rng_normal(&rng) * 40;
        draw_rgba(r, &m, rgba, S);
    }
    draw_rgba(r, &x->own, rgba, S);
    assert_true(psnr(rgba, &x->app.photo) >= 45);               /* and nothing of it lasts */
    limner_renderer_close(&r);
}

static void running_out_of_memory_is_clean(void **state)
{
    const fixture *x = *state;
    const size_t live = limner_mem_live();
    limner_status st = LIMNER_E_NOMEM;

    for (size_t n = 1; st != LIMNER_OK; n++) {
        limner_renderer *r = NULL;

        limner_mem_fail_after(n);
        st = limner_renderer_open(&r, x->face, &x->app, NULL, LIMNER_FRAMING_FULL,
                                  LIMNER_PIXEL_I420, 64, 64);
        limner_mem_fail_after(0);
        assert_true(st == LIMNER_OK || st == LIMNER_E_NOMEM);
        limner_renderer_close(&r);
        assert_int_equal(limner_mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_motion_gives_the_photo_back),
        cmocka_unit_test(motion_moves_the_picture),
        cmocka_unit_test(smaller_frame_is_the_smaller_photo),
        cmocka_unit_test(threads_and_instruction_sets_change_nothing),
        cmocka_unit_test(frames_allocate_nothing),
        cmocka_unit_test(pixel_formats_agree),
        cmocka_unit_test(alpha_is_the_matte),
        cmocka_unit_test(alpha_laid_over_the_background_is_the_photo),
        cmocka_unit_test(still_background_does_not_flicker),
        cmocka_unit_test(no_motion_breaks_it),
        cmocka_unit_test(running_out_of_memory_is_clean),
        cmocka_unit_test(shut_lids_show_no_lashes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
