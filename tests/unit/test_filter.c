/* SPDX-License-Identifier: Apache-2.0 */
/* core/filter against slow, obvious versions of the same on small random planes. */
#include "core/filter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { W = 83, H = 131 };

static float in[H * W], out[H * W], scratch[4 * H * W];

static uint32_t seed = 1;

static float random_unit(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f;
}

static int clamp(int v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : v;
}

static void fill_random(void)
{
    for (int i = 0; i < H * W; i++)
        in[i] = random_unit();
}

static void box_is_the_mean_of_the_window(void **state)
{
    (void)state;
    fill_random();
    for (int r = 0; r < 60; r += 19) {
        limner_filter_box(out, in, scratch, W, H, r);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                double sum = 0.0;
                int n = 0;
                for (int v = y - r; v <= y + r; v++)
                    for (int u = x - r; u <= x + r; u++)
                        if (u >= 0 && v >= 0 && u < W && v < H) {
                            sum += in[v * W + u];
                            n++;
                        }
                assert_float_equal(out[y * W + x], (float)sum / (float)n, 1e-5);
            }
    }
}

static void gauss_matches_the_double_sum(void **state)
{
    const float sigma = 2.3f;

    (void)state;
    fill_random();
    limner_filter_gauss(out, in, scratch, W, H, sigma);
    for (int y = 0; y < H; y += 7)
        for (int x = 0; x < W; x++) {
            double sum = 0.0, norm = 0.0;
            for (int v = -7; v <= 7; v++)
                for (int u = -7; u <= 7; u++) {
                    const double g = exp(-0.5 * (u * u + v * v) / (sigma * sigma));
                    sum += g * in[clamp(y + v, H - 1) * W + clamp(x + u, W - 1)];
                    norm += g;
                }
            assert_float_equal(out[y * W + x], sum / norm, 1e-4);
        }
}

static void distance_is_exact(void **state)
{
    (void)state;
    memset(in, 0, sizeof(in));
    for (int k = 0; k < 9; k++)
        in[(int)(random_unit() * (float)(H * W - 1))] = 1.0f;
    assert_int_equal(limner_filter_distance(out, in, W, H), LIMNER_OK);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            float best = W + H;
            for (int i = 0; i < H * W; i++)
                if (in[i] > 0.5f)
                    best = fminf(best, hypotf((float)(i % W - x), (float)(i / W - y)));
            assert_float_equal(out[y * W + x], best, 1e-3);
        }
    memset(in, 0, sizeof(in));
    assert_int_equal(limner_filter_distance(out, in, W, H), LIMNER_OK);
    assert_float_equal(out[0], W + H, 1e-3);
}

static void fill_keeps_what_is_known_and_follows_a_ramp(void **state)
{
    float *planes[1] = { out };
    float weight[H * W];

    (void)state;
    for (int i = 0; i < H * W; i++) {
        const int x = i % W, y = i / W;
        const int is_hole = hypotf((float)(x - 40), (float)(y - 60)) < 25.0f;
        in[i] = 0.2f + 0.005f * (float)x;
        weight[i] = is_hole ? 0.0f : 1.0f;
        out[i] = is_hole ? 9.0f : in[i];
    }
    assert_int_equal(limner_filter_fill(planes, 1, weight, W, H), LIMNER_OK);
    for (int i = 0; i < H * W; i++)
        assert_float_equal(out[i], in[i], weight[i] > 0.0f ? 0.0 : 0.09);
    limner_mem_fail_after(1);
    assert_int_equal(limner_filter_fill(planes, 1, weight, W, H), LIMNER_E_NOMEM);
    limner_mem_fail_after(0);
}

static void resize_keeps_ramps_and_means(void **state)
{
    double mean = 0.0, small_mean = 0.0;

    (void)state;
    for (int i = 0; i < H * W; i++)
        in[i] = ((float)(i % W) + 0.5f) / W;
    limner_filter_resize(out, 50, 40, in, W, H, scratch);
    for (int i = 0; i < 50 * 40; i++)
        assert_float_equal(out[i], ((float)(i % 50) + 0.5f) / 50.0f, 2e-3);
    limner_filter_resize(out, 2 * W, 60, in, W, H, scratch);
    for (int i = 0; i < 2 * W * 60; i++)
        if (i % (2 * W) > 1 && i % (2 * W) < 2 * W - 2)
            assert_float_equal(out[i], ((float)(i % (2 * W)) + 0.5f) / (2.0f * W), 1e-5);
    fill_random();
    limner_filter_resize(out, 13, 29, in, W, H, scratch);
    for (int i = 0; i < H * W; i++)
        mean += in[i] / (H * W);
    for (int i = 0; i < 13 * 29; i++)
        small_mean += out[i] / (13.0 * 29.0);
    assert_float_equal(mean, small_mean, 1e-5);
}

static void a_channel_becomes_a_plane(void **state)
{
    limner_image img;

    (void)state;
    assert_int_equal(limner_image_open(&img, 16, 48, 3), LIMNER_OK);
    for (int i = 0; i < 16 * 48 * 3; i++)
        img.px[i] = (uint8_t)(i * 7);
    for (int c = 0; c < 3; c++) {
        limner_filter_from_image(out, &img, (uint32_t)c);
        for (int i = 0; i < 16 * 48; i++)
            assert_int_equal(lroundf(out[i] * 255), (uint8_t)((3 * i + c) * 7));
    }
    limner_image_close(&img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(box_is_the_mean_of_the_window),
        cmocka_unit_test(gauss_matches_the_double_sum),
        cmocka_unit_test(distance_is_exact),
        cmocka_unit_test(fill_keeps_what_is_known_and_follows_a_ramp),
        cmocka_unit_test(resize_keeps_ramps_and_means),
        cmocka_unit_test(a_channel_becomes_a_plane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
