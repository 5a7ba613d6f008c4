/* SPDX-License-Identifier: Apache-2.0 */
/* core/image: exact copies, hand values of the resampler, and its behaviour at borders. Pictures
 * are formulas, so the expected value at any place is known. */
#include "core/image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

static limner_image noise(uint32_t w, uint32_t h, uint32_t nc, uint32_t seed)
{
    limner_image img;

    assert_int_equal(limner_image_open(&img, w, h, nc), LIMNER_OK);
    for (size_t i = 0; i < (size_t)w * h * nc; i++) {
        seed = seed * 1664525u + 1013904223u;
        img.px[i] = (uint8_t)(seed >> 24);
    }
    return img;
}

/* Smooth in x and y, within 20..235; (x, y) in pixels of a picture `side` wide. */
static float wave(float x, float y, float side)
{
    return 128.0f + 50.0f * sinf(6.0f * x / side) + 50.0f * cosf(5.0f * y / side);
}

static limner_image waves(uint32_t side)
{
    limner_image img;

    assert_int_equal(limner_image_open(&img, side, side, 3), LIMNER_OK);
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            for (uint32_t c = 0; c < 3; c++)
                limner_image_row(&img, y)[x * 3 + c] = (uint8_t)lrintf(
                    wave((float)x + 0.5f, (float)y + 0.5f, (float)side));
    return img;
}

static void image_open_refuses_bad_sizes(void **state)
{
    limner_image img;

    (void)state;
    assert_int_equal(limner_image_open(&img, 0, 4, 3), LIMNER_E_ARG);
    assert_int_equal(limner_image_open(&img, 4, 0, 3), LIMNER_E_ARG);
    assert_int_equal(limner_image_open(&img, 4, 4, 2), LIMNER_E_ARG);
    assert_int_equal(limner_image_open(&img, 1u << 31, 4, 1), LIMNER_E_ARG);
    assert_null(img.px);
    limner_mem_fail_after(1);
    assert_int_equal(limner_image_open(&img, 4, 4, 1), LIMNER_E_NOMEM);
    limner_mem_fail_after(0);
    limner_image_close(NULL);
}

static void image_copy_is_exact(void **state)
{
    limner_image a = noise(17, 9, 4, 1), b;

    (void)state;
    assert_int_equal(limner_image_copy(&b, &a), LIMNER_OK);
    assert_memory_equal(a.px, b.px, 17 * 9 * 4);
    limner_image_close(&a);
    limner_image_close(&b);
    assert_null(b.px);
}

static void integer_translation_copies(void **state)
{
    const float by[6] = { 1, 0, 5, 0, 1, -3 };
    limner_image in = noise(40, 30, 3, 2), out;

    (void)state;
    assert_int_equal(limner_image_open(&out, 40, 30, 3), LIMNER_OK);
    limner_image_warp(&out, &in, by);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            const int sx = x + 5 > 39 ? 39 : x + 5, sy = y - 3 < 0 ? 0 : y - 3;
            assert_memory_equal(limner_image_row(&out, (uint32_t)y) + x * 3,
                                limner_image_row(&in, (uint32_t)sy) + sx * 3, 3);
        }
    limner_image_close(&in);
    limner_image_close(&out);
}

/* Largest error of `in` resampled by A against the formula, `margin` pixels from the border. */
static float wave_error(const limner_image *in, uint32_t out_px, const float a[6], float margin)
{
    const float side = (float)in->w;
    limner_image out;
    float worst = 0.0f;

    assert_int_equal(limner_image_open(&out, out_px, out_px, 3), LIMNER_OK);
    limner_image_warp(&out, in, a);
    for (uint32_t y = 0; y < out_px; y++)
        for (uint32_t x = 0; x < out_px; x++) {
            const float px = (float)x + 0.5f, py = (float)y + 0.5f;
            const float sx = a[0] * px + a[1] * py + a[2], sy = a[3] * px + a[4] * py + a[5];
            if (sx < margin || sy < margin || sx > side - margin || sy > side - margin)
                continue;
            worst = fmaxf(worst, fabsf((float)limner_image_row(&out, y)[x * 3] -
                                       wave(sx, sy, side)));
        }
    limner_image_close(&out);
    return worst;
}

static void warp_follows_the_pixel_centre_convention(void **state)
{
    const float up[6] = { 0.4f, 0, 3.3f, 0, 0.5f, 7.7f };
    const float down[6] = { 2.7f, 0, 1.1f, 0, 3.1f, 0.4f };
    const float turned[6] = { 0.8f, -0.6f, 60.0f, 0.6f, 0.8f, -20.0f };
    const float turned_down[6] = { 2.4f, -1.8f, 90.0f, 1.8f, 2.4f, -60.0f };
    limner_image in = waves(200);

    (void)state;
    assert_true(wave_error(&in, 220, up, 4.0f) < 1.6f);
    assert_true(wave_error(&in, 70, down, 10.0f) < 1.6f);
    assert_true(wave_error(&in, 200, turned, 4.0f) < 1.6f);
    assert_true(wave_error(&in, 80, turned_down, 8.0f) < 1.6f);
    limner_image_close(&in);
}

static void minification_averages(void **state)
{
    const float by[6] = { 16, 0, 0, 0, 16, 0 };
    limner_image in = noise(512, 512, 1, 3), out;
    double sum = 0.0, sum2 = 0.0;

    (void)state;
    assert_int_equal(limner_image_open(&out, 32, 32, 1), LIMNER_OK);
    limner_image_warp(&out, &in, by);
    for (int i = 0; i < 32 * 32; i++) {
        sum += out.px[i];
        sum2 += (double)out.px[i] * out.px[i];
    }
    sum /= 1024;
    assert_true(fabs(sum - 127.5) < 1.0);
    /* White noise of deviation 73.9 averaged over 16 x 16: about 4.6; a skipping sampler: 74. */
    assert_true(sqrt(sum2 / 1024 - sum * sum) < 8.0);
    limner_image_close(&in);
    limner_image_close(&out);
}

static void constant_stays_constant_beyond_the_border(void **state)
{
    const float maps[4][6] = { { 3.3f, 0, -500, 0, 0.2f, -90 },
                               { 700, 0, 0, 0, 1e5f, 0 },
                               { 0.7f, 0.9f, -1e9f, -0.9f, 0.7f, 1e9f },
                               { -1, 0, 20, 0, 1, 0.5f } };
    limner_image in = noise(33, 21, 3, 4), out;

    (void)state;
    memset(in.px, 77, 33 * 21 * 3);
    assert_int_equal(limner_image_open(&out, 50, 40, 3), LIMNER_OK);
    for (int m = 0; m < 4; m++) {
        memset(out.px, 0, 50 * 40 * 3);
        limner_image_warp(&out, &in, maps[m]);
        for (int i = 0; i < 50 * 40 * 3; i++)
            assert_int_equal(out.px[i], 77);
    }
    limner_image_close(&in);
    limner_image_close(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image_open_refuses_bad_sizes),
        cmocka_unit_test(image_copy_is_exact),
        cmocka_unit_test(integer_translation_copies),
        cmocka_unit_test(warp_follows_the_pixel_centre_convention),
        cmocka_unit_test(minification_averages),
        cmocka_unit_test(constant_stays_constant_beyond_the_border),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
