/* SPDX-License-Identifier: Apache-2.0 */
/* The photo's mouth on a picture whose red counts its rows, lips straight and level, 20 px apart in
 * the photo: at that opening it is the photo itself, wider it keeps its size beside a gap, narrower
 * nothing is seen twice or out of order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/photo_mouth.h"

enum { S = 64, TOP = 20, WAS = 20 };

typedef struct fixture {
    limner_texture photo;
    limner_photo_mouth mouth;
} fixture;

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    assert_int_equal(limner_texture_open(&x->photo, S, S), LIMNER_OK);
    for (int32_t i = 0; i < S * S; i++)
        limner_texture_at(&x->photo, i % S, i / S)[0] = (uint8_t)(4 * (i / S));
    limner_texture_seal(&x->photo);
    x->mouth = (limner_photo_mouth){.photo = &x->photo, .soft_px = 1, .shut_px = 1e-3f,
                                    .down = {0, 1}, .keep = 1};
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_texture_close(&x->photo);
    free(x);
    return 0;
}

/* Share of the photo `at` px below the upper lip with the lips `now` px apart; place: what it shows
 * there, px below the photo's upper lip. */
static float look(const fixture *x, float now, float at, float split, float *place)
{
    const float lip[3] = {at / now, now, WAS};
    const limner_plane home = {.y = 0, .a = {S / 2, TOP, split}, .ay = {0, WAS / now, 0}};
    float rgb[3] = {-1, -1, -1};
    const float share = limner_photo_mouth_at(&x->mouth, lip, &home, S / 2, at, rgb);

    *place = rgb[0] / 4 + 0.5f - TOP;
    return share;
}

static void at_its_own_opening_it_is_the_photo(void **state)
{
    for (int i = 1; i < 2 * WAS; i++) {
        const float at = (float)i / 2;
        float place;

        assert_float_equal(look(*state, WAS, at, 0.6f, &place), 1, 1e-4);
        assert_float_equal(place, at, 0.01);
    }
}

static void wider_lips_open_a_gap_beside_what_keeps_its_size(void **state)
{
    const float now = 2.5f * WAS, split = 0.6f;
    float place, last = 0;
    int n_gap = 0;

    assert_float_equal(look(*state, now, 5, split, &place), 1, 1e-4);
    assert_float_equal(place, 5, 0.01);
    assert_float_equal(look(*state, now, now - 2, split, &place), 1, 1e-4);
    assert_float_equal(place, WAS - 2, 0.01);
    for (float at = 0.5f; at < now; at++) {
        const float share = look(*state, now, at, split, &place);

        n_gap += share <= 0;
        if (share > 0) {
            assert_true(place >= last - 0.01f);
            last = place;
        }
    }
    assert_true(n_gap > WAS / 2);
}

static void any_narrower_opening_keeps_the_order(void **state)
{
    for (float now = 1; now < WAS; now += 1.5f) {
        for (float split = 0.3f; split < 1; split += 0.2f) {
            float place, last = 0;

            for (float at = 0.1f; at < now; at += 0.2f) {
                assert_float_equal(look(*state, now, at, split, &place), 1, 1e-4);
                assert_true(place >= last - 0.01f && place <= WAS + 0.01f);
                last = place;
            }
            assert_true(last > 0.6f * WAS);
        }
    }
}

static void a_photo_that_is_let_go_shows_nothing(void **state)
{
    fixture *x = *state;
    float place;

    x->mouth.keep = 0;
    assert_float_equal(look(x, WAS, 3, 0.6f, &place), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(at_its_own_opening_it_is_the_photo, setup, teardown),
        cmocka_unit_test_setup_teardown(wider_lips_open_a_gap_beside_what_keeps_its_size, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(any_narrower_opening_keeps_the_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_photo_that_is_let_go_shows_nothing, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
