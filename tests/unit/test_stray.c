/* SPDX-License-Identifier: Apache-2.0 */
/* A dark disc on a light wall, with a hair that the matte knows nothing of. */
#include "portrait/stray.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { S = 512, DISC = 120, ROOT = 256 + DISC, TIP = ROOT + 30, ROW = 256, WALL = 200 };

static bool is_hair(int x, int y)
{
    return x >= ROOT - 2 && x < TIP && y >= ROW && y < ROW + 2;
}

/* The layers as an encoder gives them: what the matte does not take is background. `grain`: of the
 * wall, grey levels. */
static void open_disc(limner_appearance *app, int hair, int grain)
{
    memset(app, 0, sizeof(*app));
    app->size_px = S;
    assert_int_equal(limner_image_open(&app->photo, S, S, 3), LIMNER_OK);
    assert_int_equal(limner_image_open(&app->background, S, S, 3), LIMNER_OK);
    assert_int_equal(limner_image_open(&app->foreground, S, S, 3), LIMNER_OK);
    assert_int_equal(limner_image_open(&app->matte, S, S, 1), LIMNER_OK);
    srand(1);
    for (int i = 0; i < S * S; i++) {
        const int x = i % S, y = i / S, wall = WALL + (grain ? rand() % (2 * grain) - grain : 0);
        const bool is_disc = hypot(x - 255.5, y - 255.5) < DISC;
        const int back = is_hair(x, y) && !is_disc ? hair : wall;

        limner_image_row(&app->matte, (uint32_t)y)[x] = is_disc ? 255 : 0;
        memset(limner_image_row(&app->background, (uint32_t)y) + 3 * x, back, 3);
        memset(limner_image_row(&app->foreground, (uint32_t)y) + 3 * x, 40, 3);
        memset(limner_image_row(&app->photo, (uint32_t)y) + 3 * x, is_disc ? 40 : back, 3);
    }
}

static int grey(const limner_image *img, int x, int y)
{
    return limner_image_row(img, (uint32_t)y)[(uint32_t)x * img->n_channels];
}

static void a_hair_leaves_the_background(void **state)
{
    limner_appearance app;

    (void)state;
    open_disc(&app, 120, 1);
    assert_int_equal(limner_stray_run(&app), LIMNER_OK);
    for (int y = ROW - 4; y < ROW + 6; y++)
        for (int x = ROOT + 1; x < TIP + 4; x++)
            assert_true(abs(grey(&app.background, x, y) - WALL) <= 6);
    for (int x = ROOT + 1; x < TIP - 1; x++)
        assert_true(grey(&app.matte, x, ROW) > 80);
    limner_appearance_close(&app);
}

static void the_layers_still_make_the_photo(void **state)
{
    limner_appearance app;

    (void)state;
    open_disc(&app, 90, 1);
    assert_int_equal(limner_stray_run(&app), LIMNER_OK);
    for (int y = 0; y < S; y++)
        for (int x = 0; x < S; x++) {
            const double a = grey(&app.matte, x, y) / 255.0;

            assert_true(fabs(a * grey(&app.foreground, x, y) +
                             (1 - a) * grey(&app.background, x, y) -
                             grey(&app.photo, x, y)) <= 1.5);
        }
    limner_appearance_close(&app);
}

static void nothing_else_is_touched(void **state)
{
    uint8_t *before = malloc(S * S);
    limner_appearance app;

    (void)state;
    open_disc(&app, 90, 1);
    memcpy(before, app.matte.px, S * S);
    for (int i = 0; i < S * S; i++)         /* a line of its own, away from the disc */
        if (abs(i % S - 420) < 2 && i / S > 100 && i / S < 160)
            memset(app.background.px + 3 * i, 90, 3);
    assert_int_equal(limner_stray_run(&app), LIMNER_OK);
    for (int i = 0; i < S * S; i++)
        if (i % S < ROOT - 6 || i % S > TIP + 2 || abs(i / S - ROW) > 4)
            assert_int_equal(app.matte.px[i], before[i]);
    assert_int_equal(grey(&app.background, 420, 130), 90);
    limner_appearance_close(&app);
    free(before);
}

static void a_rough_wall_keeps_its_grain(void **state)
{
    limner_appearance app;
    int n = 0;

    (void)state;
    open_disc(&app, WALL, 25);
    assert_int_equal(limner_stray_run(&app), LIMNER_OK);
    for (int i = 0; i < S * S; i++)
        n += app.matte.px[i] > 0 && app.matte.px[i] < 255;
    assert_int_equal(n, 0);
    limner_appearance_close(&app);
}

static void failed_allocations_are_reported(void **state)
{
    limner_status st = LIMNER_E_NOMEM;
    limner_appearance app;

    (void)state;
    open_disc(&app, 90, 1);
    for (size_t k = 1; st < 0; k++) {
        const size_t live = limner_mem_live();

        limner_mem_fail_after(k);
        st = limner_stray_run(&app);
        limner_mem_fail_after(0);
        assert_true(st == LIMNER_OK || st == LIMNER_E_NOMEM);
        assert_int_equal(limner_mem_live(), live);
    }
    limner_appearance_close(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hair_leaves_the_background),
        cmocka_unit_test(the_layers_still_make_the_photo),
        cmocka_unit_test(nothing_else_is_touched),
        cmocka_unit_test(a_rough_wall_keeps_its_grain),
        cmocka_unit_test(failed_allocations_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
