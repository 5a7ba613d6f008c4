/* SPDX-License-Identifier: Apache-2.0 */
/* portrait/continuation behind a disc: lines that meet its rim aslant go on straight, grain comes
 * from points mirrored at the rim, and nothing from where there is no picture. */
#include "portrait/continuation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

enum { W = 160, H = 128, CX = 80, CY = 64 };

#define RADIUS 40.0f
#define REACH 16.0f

static uint8_t hole[W * H], source[W * H];
static float rgb[3][W * H], smooth[3][W * H], mirror_x[W * H], mirror_y[W * H], share[W * H];
static float scratch[8 * W * H];

static const limner_continuation problem = {
    .w = W, .h = H, .rgb = { rgb[0], rgb[1], rgb[2] }, .hole = hole, .source = source,
    .reach_px = REACH, .smooth = { smooth[0], smooth[1], smooth[2] }, .x = mirror_x,
    .y = mirror_y, .share = share, .scratch = scratch
};

/* Distance from the disc's centre. */
static float radius_at(int x, int y)
{
    return hypotf((float)(x - CX), (float)(y - CY));
}

/* A disc, known from a column on; colour: a soft edge along the line through (CX + 30, CY) in the
 * direction `angle`, radians. */
static void draw(int known_from_x, float angle)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;
            const float d = sinf(angle) * (float)(x - CX - 30) - cosf(angle) * (float)(y - CY);
            hole[i] = radius_at(x, y) < RADIUS;
            source[i] = !hole[i] && x >= known_from_x;
            for (int c = 0; c < 3; c++)
                rgb[c][i] = hole[i] ? 1.0f : 0.5f + 0.4f * tanhf(d / 2.0f);
        }
    assert_int_equal(limner_continuation_run(&problem), LIMNER_OK);
}

static void lines_go_on_straight(void **state)
{
    (void)state;
    for (float angle = -0.8f; angle < 0.9f; angle += 0.4f) {
        float error = 0.0f, n = 0.0f;

        draw(0, angle);
        for (int y = CY - 16; y <= CY + 16; y++)
            for (int x = CX; x < W; x++) {
                const float r = radius_at(x, y);
                const float d = sinf(angle) * (float)(x - CX - 30) - cosf(angle) * (float)(y - CY);
                if (r > RADIUS - 5.0f && r < RADIUS - 1.0f) {
                    const float e = smooth[0][y * W + x] - (0.5f + 0.4f * tanhf(d / 2.0f));
                    error += e * e;
                    n += 1.0f;
                }
            }
        assert_true(sqrtf(error / n) < 0.12f);     /* mirrored along the normal: 0.2 */
    }
}

static void the_picture_stays_and_colours_are_its_own(void **state)
{
    (void)state;
    draw(0, 0.4f);
    for (int i = 0; i < W * H; i++) {
        if (!hole[i])
            assert_true(smooth[1][i] == rgb[1][i]);
        assert_true(smooth[1][i] > 0.09f && smooth[1][i] < 0.91f);
        assert_true(share[i] >= 0.0f && share[i] <= 1.0f);
    }
}

static void grain_is_mirrored_at_the_rim(void **state)
{
    (void)state;
    memset(rgb, 0, sizeof(rgb));
    draw(0, 0.0f);
    memset(rgb, 0, sizeof(rgb));
    assert_int_equal(limner_continuation_run(&problem), LIMNER_OK);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;
            const float r = radius_at(x, y), out = (2.0f * RADIUS - r) / fmaxf(r, 1.0f);

            if (r > RADIUS - 7.0f && r < RADIUS - 1.0f) {
                assert_true(share[i] > 0.95f);
                assert_true(hypotf(mirror_x[i] - (CX + out * (float)(x - CX)),
                                   mirror_y[i] - (CY + out * (float)(y - CY))) < 4.0f);
            }
        }
}

static void nothing_is_shown_of_what_is_no_picture(void **state)
{
    (void)state;
    draw(CX, 0.3f);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int i = y * W + x;

            if (hole[i] && x < CX - 8)
                assert_true(share[i] == 0.0f);
        }
    assert_true(share[CY * W + CX + 37] > 0.95f);
}

/* Behind a hole that begins three rows below the picture's border, and with no picture at all. */
static void mirror_images_stay_in_the_picture(void **state)
{
    (void)state;
    for (int known = 3; known >= 0; known -= 3) {
        for (int i = 0; i < W * H; i++) {
            hole[i] = i >= known * W;
            source[i] = !hole[i];
        }
        assert_int_equal(limner_continuation_run(&problem), LIMNER_OK);
        for (int i = 0; i < W * H; i++) {
            assert_true(mirror_x[i] >= 0.0f && mirror_x[i] <= W - 1);
            assert_true(mirror_y[i] >= 0.0f && mirror_y[i] <= H - 1);
            assert_true(isfinite(smooth[0][i]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_on_straight),
        cmocka_unit_test(the_picture_stays_and_colours_are_its_own),
        cmocka_unit_test(grain_is_mirrored_at_the_rim),
        cmocka_unit_test(nothing_is_shown_of_what_is_no_picture),
        cmocka_unit_test(mirror_images_stay_in_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
