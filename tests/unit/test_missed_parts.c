/* SPDX-License-Identifier: Apache-2.0 */
/* A brown disc on a green gradient is the person; beside it hangs a plait of the same brown that
 * the mask leaves out. What looks like it but goes on, comes again or hangs nowhere is
 * background. */
#include "portrait/missed_parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "portrait/layers.h"

enum { N = LIMNER_MISSED_PX, DISC = 70, LEFT = 128 + DISC - 2 };

typedef struct box {
    int x0, y0, x1, y1;
} box;

static const box PLAIT = { LEFT, 110, LEFT + 15, 150 };

static float rgb[3][N * N], mask[N * N];
static uint8_t found[N * N];

static bool is_in(box b, int x, int y)
{
    return x >= b.x0 && x < b.x1 && y >= b.y0 && y < b.y1;
}

static void paint(const box *part, int n)
{
    static const float brown[3] = { 0.30f, 0.18f, 0.12f };

    for (int i = 0; i < N * N; i++) {
        const int x = i % N, y = i / N;
        bool is_brown = hypotf((float)x - 127.5f, (float)y - 127.5f) < DISC;

        mask[i] = is_brown;
        for (int k = 0; k < n; k++)
            is_brown = is_brown || is_in(part[k], x, y);
        for (int c = 0; c < 3; c++)
            rgb[c][i] = is_brown ? brown[c]
                                 : (c == 1 ? 0.6f : 0.3f) + 0.1f * (float)x / N +
                                   0.01f * (float)((x * 7 + y * 13 + c) % 5);
    }
}

/* Pixels found in a box. */
static int find_in(box b)
{
    const float *const plane[3] = { rgb[0], rgb[1], rgb[2] };
    int n = 0;

    assert_int_equal(limner_missed_parts_find(found, plane, mask), LIMNER_OK);
    for (int i = 0; i < N * N; i++)
        n += is_in(b, i % N, i / N) && found[i];
    return n;
}

static void a_plait_is_found_and_nothing_else(void **state)
{
    const box all = { 0, 0, N, N };

    (void)state;
    paint(&PLAIT, 1);
    assert_true(find_in(PLAIT) > 250);          /* all but what is matted in any case */
    assert_int_equal(find_in(PLAIT), find_in(all));
    paint(NULL, 0);
    assert_int_equal(find_in(all), 0);
}

static void what_goes_on_in_the_background_is_background(void **state)
{
    const box bar = { LEFT, 120, N, 135 };

    (void)state;
    paint(&bar, 1);
    assert_int_equal(find_in(bar), 0);
}

static void what_comes_again_is_background(void **state)
{
    const box spots[] = { PLAIT, { 228, 20, 243, 60 }, { 228, 180, 243, 220 } };

    (void)state;
    paint(spots, 3);
    assert_int_equal(find_in(spots[0]), 0);
}

static void what_hangs_nowhere_is_background(void **state)
{
    const box spot = { LEFT + 11, 120, LEFT + 18, 135 };

    (void)state;
    paint(&spot, 1);
    assert_int_equal(find_in(spot), 0);
}

static void the_matte_takes_a_plait(void **state)
{
    limner_appearance app;

    (void)state;
    memset(&app, 0, sizeof(app));
    app.size_px = 512;
    assert_int_equal(limner_image_open(&app.photo, 512, 512, 3), LIMNER_OK);
    paint(&PLAIT, 1);
    for (uint32_t i = 0; i < 512 * 512; i++)
        for (uint32_t c = 0; c < 3; c++)
            limner_image_row(&app.photo, i / 512)[3 * (i % 512) + c] =
                (uint8_t)lrintf(255 * rgb[c][i / 1024 * N + i % 512 / 2]);
    assert_int_equal(limner_layers_matte(&app, mask, NULL), LIMNER_OK);
    for (uint32_t y = 2 * 114; y < 2 * 146; y++)
        for (uint32_t x = 2 * LEFT; x < 2 * (LEFT + 13); x++)
            assert_true(limner_image_row(&app.matte, y)[x] > 240);
    assert_int_equal(limner_image_row(&app.matte, 260)[2 * (LEFT + 22)], 0);
    limner_appearance_close(&app);
}

static void failed_allocations_are_reported(void **state)
{
    const float *const plane[3] = { rgb[0], rgb[1], rgb[2] };
    const size_t live = limner_mem_live();
    limner_status st = LIMNER_E_NOMEM;

    (void)state;
    paint(&PLAIT, 1);
    for (size_t k = 1; st < 0; k++) {
        limner_mem_fail_after(k);
        st = limner_missed_parts_find(found, plane, mask);
        limner_mem_fail_after(0);
        assert_true(st == LIMNER_OK || st == LIMNER_E_NOMEM);
        assert_int_equal(limner_mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plait_is_found_and_nothing_else),
        cmocka_unit_test(what_goes_on_in_the_background_is_background),
        cmocka_unit_test(what_comes_again_is_background),
        cmocka_unit_test(what_hangs_nowhere_is_background),
        cmocka_unit_test(the_matte_takes_a_plait),
        cmocka_unit_test(failed_allocations_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
