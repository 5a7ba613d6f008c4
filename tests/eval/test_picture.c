/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of pictures against values worked out by hand and the plain definition, transforms of
 * pictures against what they must leave alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "eval/picture.h"

#define PI 3.14159265358979323846

enum { W = 40, H = 30 };

static uint8_t a[W * H * 3], b[W * H * 3], mask[W * H];

static void assert_near(double value, double expected, double slack)
{
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* Waves, and noise from a small generator, the same at every run. */
static void draw(uint8_t *rgb, double noise)
{
    uint32_t seed = 1;

    for (int i = 0; i < W * H; i++) {
        const double x = i % W, y = i / W;
        for (int c = 0; c < 3; c++) {
            seed = seed * 1664525u + 1013904223u;
            const double wave = 50 * sin(0.3 * x + c) + 40 * cos(0.4 * y);
            rgb[3 * i + c] = (uint8_t)(128 + wave + noise * ((seed >> 24) / 128.0 - 1));
        }
    }
}

static void psnr_is_that_of_the_counted_pixels(void **state)
{
    (void)state;
    draw(a, 0);
    memcpy(b, a, sizeof(b));
    assert_near(eval_psnr(a, b, NULL, W, H), 99, 0);
    for (int i = 0; i < W * H; i++)
        b[3 * i + 1] = (uint8_t)(b[3 * i + 1] + (i % 2 ? 6 : 0));
    assert_near(eval_psnr(a, b, NULL, W, H), 10 * log10(255.0 * 255 * 6 / 36), 1e-9);
    for (int i = 0; i < W * H; i++)
        mask[i] = (uint8_t)(i % 2);
    assert_near(eval_psnr(a, b, mask, W, H), 10 * log10(255.0 * 255 * 3 / 36), 1e-9);
    memset(mask, 0, sizeof(mask));
    assert_true(isnan(eval_psnr(a, b, mask, W, H)) && isnan(eval_ssim(a, b, mask, W, H)));
}

static double grey(const uint8_t *rgb, int x, int y)
{
    const uint8_t *p = rgb + 3 * (y * W + x);

    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

/* The definition, at the window around (x, y). */
static double plain_ssim(int x, int y)
{
    const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
    double n = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;

    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 121; i++) {
            const int dx = i % 11 - 5, dy = i / 11 - 5;
            const double wt = exp(-(dx * dx + dy * dy) / 4.5);
            const double p = grey(a, x + dx, y + dy), q = grey(b, x + dx, y + dy);
            if (k == 0) {
                n += wt;
                ma += wt * p;
                mb += wt * q;
            } else {
                aa += wt / n * (p - ma) * (p - ma);
                bb += wt / n * (q - mb) * (q - mb);
                ab += wt / n * (p - ma) * (q - mb);
            }
        }
        ma /= k ? 1 : n;
        mb /= k ? 1 : n;
    }
    return (2 * ma * mb + c1) * (2 * ab + c2) / ((ma * ma + mb * mb + c1) * (aa + bb + c2));
}

static void ssim_is_its_definition(void **state)
{
    double sum = 0;

    (void)state;
    draw(a, 0);
    draw(b, 20);
    assert_near(eval_ssim(a, a, NULL, W, H), 1, 1e-12);
    for (int y = 5; y < H - 5; y++) {
        for (int x = 5; x < W - 5; x++)
            sum += plain_ssim(x, y);
    }
    assert_near(eval_ssim(a, b, NULL, W, H), sum / ((W - 10) * (H - 10)), 1e-9);
    memset(mask, 0, sizeof(mask));
    mask[17 * W + 21] = mask[5 * W + 34] = mask[0] = 255;
    assert_near(eval_ssim(a, b, mask, W, H), (plain_ssim(21, 17) + plain_ssim(34, 5)) / 2, 1e-9);
    assert_true(isnan(eval_ssim(a, b, NULL, W, 10)));
}

/* A spiral of points. */
static void spread(float points[478][2])
{
    for (int i = 0; i < 478; i++) {
        points[i][0] = (float)(20 + 0.02 * i * cos(0.4 * i));
        points[i][1] = (float)(15 + 0.02 * i * sin(0.4 * i));
    }
}

static void similarity_is_recovered(void **state)
{
    const eval_similarity t = {.a = 1.1, .b = -0.3, .tx = 7, .ty = -2};
    float from[478][2], to[478][2];

    (void)state;
    spread(from);
    for (int i = 0; i < 478; i++) {
        const double x = (double)from[i][0], y = (double)from[i][1];
        to[i][0] = (float)(t.a * x - t.b * y + t.tx);
        to[i][1] = (float)(t.b * x + t.a * y + t.ty);
    }
    const eval_similarity found = eval_similarity_of(from, to);
    assert_near(found.a, t.a, 1e-5);
    assert_near(found.b, t.b, 1e-5);
    assert_near(found.tx, t.tx, 1e-4);
    assert_near(found.ty, t.ty, 1e-4);
}

static void warp_by_whole_pixels_only_moves(void **state)
{
    const eval_similarity none = {.a = 1}, moved = {.a = 1, .tx = 3, .ty = -2};

    (void)state;
    draw(a, 20);
    eval_similarity_warp(b, a, W, H, &none);
    assert_memory_equal(a, b, sizeof(a));
    eval_similarity_warp(b, a, W, H, &moved);
    assert_int_equal(b[3 * (10 * W + 23)], a[3 * (12 * W + 20)]);
    assert_int_equal(b[3 * (29 * W + 0) + 2], a[3 * (29 * W + 0) + 2]); /* edge repeated */
}

static void warp_and_back_is_nearly_the_same(void **state)
{
    const eval_similarity t = {.a = cos(0.1), .b = sin(0.1), .tx = 2.3, .ty = -1.1};
    eval_similarity back = {.a = t.a, .b = -t.b};
    static uint8_t c[W * H * 3];

    (void)state;
    back.tx = -(back.a * t.tx - back.b * t.ty);
    back.ty = -(back.b * t.tx + back.a * t.ty);
    draw(a, 0);
    eval_similarity_warp(b, a, W, H, &t);
    eval_similarity_warp(c, b, W, H, &back);
    for (int i = 0; i < W * H; i++)
        mask[i] = i % W > 7 && i % W < W - 8 && i / W > 7 && i / W < H - 8;
    assert_true(eval_psnr(a, c, mask, W, H) > 40);
    assert_true(eval_psnr(a, b, mask, W, H) < 30);
}

static void crop_copies_averages_and_repeats(void **state)
{
    const limner_photo photo = {.rgb = a, .stride = 3 * W, .width_px = W, .height_px = H};
    const limner_face_box same = {.x_px = 6, .y_px = 4, .width_px = 20, .height_px = 20};
    const limner_face_box twice = {.x_px = 6, .y_px = 4, .width_px = 24, .height_px = 24};
    const limner_face_box outside = {.x_px = -30, .y_px = -30, .width_px = 20, .height_px = 20};
    static uint8_t out[20 * 20 * 3];

    (void)state;
    draw(a, 20);
    assert_int_equal(eval_crop(out, 20, &photo, &same), 0);
    for (int y = 0; y < 20; y++)
        assert_memory_equal(out + 60 * y, a + 3 * ((y + 4) * W + 6), 60);
    assert_int_equal(eval_crop(out, 12, &photo, &twice), 0);
    const int sum =
        a[3 * (4 * W + 6)] + a[3 * (4 * W + 7)] + a[3 * (5 * W + 6)] + a[3 * (5 * W + 7)];
    assert_near(out[0], sum / 4.0, 0.51);
    assert_int_equal(eval_crop(out, 20, &photo, &outside), 0);
    assert_memory_equal(out + 3 * 399, a, 3);
}

static void crop_grows_a_ramp_into_a_ramp(void **state)
{
    const limner_photo photo = {.rgb = a, .stride = 3 * W, .width_px = W, .height_px = H};
    const limner_face_box box = {.x_px = 10.5f, .y_px = 5, .width_px = 10, .height_px = 10};
    static uint8_t out[40 * 40 * 3];

    (void)state;
    for (int i = 0; i < W * H; i++)
        memset(a + 3 * i, 20 + 4 * (i % W), 3);
    assert_int_equal(eval_crop(out, 40, &photo, &box), 0);
    for (int x = 0; x < 40; x++)
        assert_near(out[3 * (7 * 40 + x)], 20 + 4 * (10.5 + (x + 0.5) / 4 - 0.5), 0.51);
}

static void mask_is_the_hull_and_its_surroundings(void **state)
{
    float circle[478][2];

    (void)state;
    for (int i = 0; i < 478; i++) {
        const double radius = i % 3 ? 8 : 2;
        circle[i][0] = (float)(20 + radius * cos(2 * PI * i / 478));
        circle[i][1] = (float)(15 + radius * sin(2 * PI * i / 478));
    }
    for (int grow = 0; grow < 6; grow += 5) {
        eval_face_mask(mask, W, H, circle, grow);
        for (int i = 0; i < W * H; i++) {
            const double far = hypot(i % W + 0.5 - 20, i / W + 0.5 - 15);
            if (fabs(far - 8 - grow) > 0.05)
                assert_int_equal(mask[i], far < 8 + grow ? 255 : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(psnr_is_that_of_the_counted_pixels),
        cmocka_unit_test(ssim_is_its_definition),
        cmocka_unit_test(similarity_is_recovered),
        cmocka_unit_test(warp_by_whole_pixels_only_moves),
        cmocka_unit_test(warp_and_back_is_nearly_the_same),
        cmocka_unit_test(crop_copies_averages_and_repeats),
        cmocka_unit_test(crop_grows_a_ramp_into_a_ramp),
        cmocka_unit_test(mask_is_the_hull_and_its_surroundings),
    };

    return cmocka_run_group_tests_name("eval picture", tests, NULL, NULL);
}
