/* SPDX-License-Identifier: Apache-2.0 */
/* portrait/reflection behind a disc: points mirrored at its rim, faded with depth, and not where
 * there is no picture to mirror. */
#include "portrait/reflection.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { W = 160, H = 128, CX = 80, CY = 64 };

#define RADIUS 40.0f

static uint8_t hole[W * H], source[W * H];
static float mirror_x[W * H], mirror_y[W * H], share[W * H], scratch[2 * W * H];

static void run(int known_from_x)
{
    const limner_reflection r = { .w = W, .h = H, .hole = hole, .source = source, .near_px = 8,
                                  .far_px = 16, .x = mirror_x, .y = mirror_y, .share = share,
                                  .scratch = scratch };

    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            hole[y * W + x] = hypotf((float)(x - CX), (float)(y - CY)) < RADIUS;
            source[y * W + x] = !hole[y * W + x] && x >= known_from_x;
        }
    assert_int_equal(limner_reflection_run(&r), LIMNER_OK);
}

static void points_are_mirrored_at_the_rim(void **state)
{
    (void)state;
    run(0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;
            const float dx = (float)(x - CX), dy = (float)(y - CY), d = hypotf(dx, dy);
            const float out = (2.0f * RADIUS - d) / fmaxf(d, 1.0f);

            assert_true(share[i] >= 0.0f && share[i] <= 1.0f);
            if (d > RADIUS || d < RADIUS - 17.0f)
                assert_true(share[i] == 0.0f);
            if (d > RADIUS - 7.0f && d < RADIUS - 1.0f) {
                assert_true(share[i] > 0.95f);
                assert_true(hypotf(mirror_x[i] - (CX + out * dx), mirror_y[i] - (CY + out * dy)) <
                            4.0f);
            }
        }
}

static void nothing_is_shown_of_what_is_no_picture(void **state)
{
    (void)state;
    run(CX);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;

            if (share[i] > 0.0f)
                assert_true(source[(int)lrintf(mirror_y[i]) * W + (int)lrintf(mirror_x[i])]);
            if (hole[i] && x < CX - 8)
                assert_true(share[i] == 0.0f);
        }
    assert_true(share[CY * W + CX + 37] > 0.95f);
}

/* Behind a hole that begins three rows below the picture's border. */
static void mirror_images_stay_in_the_picture(void **state)
{
    const limner_reflection r = { .w = W, .h = H, .hole = hole, .source = source, .near_px = 8,
                                  .far_px = 16, .x = mirror_x, .y = mirror_y, .share = share,
                                  .scratch = scratch };

    (void)state;
    for (int i = 0; i < W * H; i++) {
        hole[i] = i >= 3 * W;
        source[i] = !hole[i];
    }
    assert_int_equal(limner_reflection_run(&r), LIMNER_OK);
    for (int i = 0; i < W * H; i++) {
        assert_true(mirror_x[i] >= 0.0f && mirror_x[i] <= W - 1);
        assert_true(mirror_y[i] >= 0.0f && mirror_y[i] <= H - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_mirrored_at_the_rim),
        cmocka_unit_test(nothing_is_shown_of_what_is_no_picture),
        cmocka_unit_test(mirror_images_stay_in_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
