/* SPDX-License-Identifier: Apache-2.0 */
/* The photo's mouth on a picture whose red counts its rows, lips straight and level, 20 px apart in
 * the photo and split 12 px below the upper one: at that opening it is the photo itself; the upper
 * layer stays when lips move, the lower goes with the jaw, and no layer ever shows a lip. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/photo_mouth.h"

enum { S = 64, TOP = 20, WAS = 20, SPLIT = 12, LEFT = 10, WIDTH = 44 };

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
    x->mouth = (limner_photo_mouth){.photo = &x->photo, .has_lower = true, .side_px = 4,
                                    .origin = {LEFT, TOP}, .across = {1, 0}, .down = {0, 1},
                                    .width_px = WIDTH, .keep = 1, .keep_lower = 1,
                                    .upper = {.across = {1, 0}, .size_px = 20},
                                    .lower = {.across = {1, 0}, .size_px = 20}};
    for (int i = 0; i < LIMNER_PHOTO_MOUTH_COLUMNS; i++)
        x->mouth.column[i] = (limner_mouth_column){0, SPLIT, WAS, WAS + 5};
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

/* Share of the photo `at` px below where the upper lip was, with the lips at `upper` and `lower`
 * now; place: what it shows there, px below the photo's upper lip. */
static float look(const fixture *x, float at, float upper, float lower, float *place)
{
    const float now[2] = {at - upper, lower - at};
    float rgb[3] = {-1, -1, -1}, was[2];
    const float share = limner_photo_mouth_at(&x->mouth, now, LEFT + WIDTH / 2, TOP + at, rgb, was);

    *place = rgb[0] / 4 + 0.5f - TOP;
    return share;
}

static void at_its_own_opening_it_is_the_photo(void **state)
{
    for (int i = 0; i <= 2 * WAS; i++) {
        const float at = (float)i / 2;
        float place;

        assert_float_equal(look(*state, at, 0, WAS, &place), 1, 1e-4);
        assert_float_equal(place, at, 0.01);
    }
}

static void lips_do_not_move_the_upper_layer(void **state)
{
    float place;

    for (float at = 5; at < SPLIT - 1; at++) {
        assert_float_equal(look(*state, at, 4, WAS + 6, &place), 1, 1e-4);
        assert_float_equal(place, at, 0.01);
    }
}

static void the_jaw_takes_the_lower_layer_along(void **state)
{
    fixture *x = *state;
    const float down = 8;
    float place;

    x->mouth.lower.back[1][0] = -down;
    assert_float_equal(look(x, SPLIT + down / 2, 0, WAS + down, &place), 0, 0);
    for (float at = SPLIT + down + 1; at < WAS + down; at++) {
        assert_float_equal(look(x, at, 0, WAS + down, &place), 1, 1e-4);
        assert_float_equal(place, at - down, 0.01);
    }
}

static void a_lip_that_bares_more_shows_no_lip(void **state)
{
    float place, last = 0;

    for (float at = -6; at < SPLIT - 1; at += 0.5f) {   /* no row comes twice */
        assert_float_equal(look(*state, at, -6, WAS, &place), 1, 1e-4);
        assert_in_range((int)(10 * place), 15, 10 * SPLIT);
        assert_true(place > last);
        last = place;
    }
    assert_float_equal(last, SPLIT - 1.5f, 1);          /* and their edge stays */
    for (float at = WAS - 2; at < WAS + 6; at += 0.5f) {
        assert_float_equal(look(*state, at, 0, WAS + 6, &place), 1, 1e-4);
        assert_in_range((int)(10 * place), 10 * SPLIT, 10 * WAS - 15);
    }
}

static void a_single_layer_ends_at_the_lower_lip(void **state)
{
    fixture *x = *state;
    float place;

    x->mouth.has_lower = false;
    assert_float_equal(look(x, WAS, 0, WAS, &place), 1, 1e-4);
    assert_float_equal(look(x, WAS - 4, 0, WAS + 10, &place), 1, 1e-4);
    assert_float_equal(place, WAS - 4, 0.01);
    assert_float_equal(look(x, WAS, 0, WAS + 10, &place), 0, 0);
}

static void teeth_that_the_lip_cut_off_go_on(void **state)
{
    fixture *x = *state;
    float place;

    x->mouth.has_lower = false;
    x->mouth.is_cut = true;
    assert_float_equal(look(x, WAS, 0, WAS, &place), 1, 1e-4);
    assert_float_equal(place, WAS, 0.01);
    assert_float_equal(look(x, WAS + 3, 0, WAS + 10, &place), 1, 1e-4);
    assert_in_range((int)place, SPLIT, WAS - 2);
    assert_float_equal(look(x, WAS + 7, 0, WAS + 10, &place), 0, 0);
}

/* Where the photo's opening is low its corners are half lip. */
static void low_corners_leave_once_the_lips_move(void **state)
{
    fixture *x = *state;
    float place;

    for (int i = 0; i < LIMNER_PHOTO_MOUTH_COLUMNS; i++)
        x->mouth.column[i] = (limner_mouth_column){0, 1, 2, 2};
    x->mouth.side_px = 8;
    assert_float_equal(look(x, 0.5f, 0, 2, &place), 1, 1e-4);
    assert_float_equal(look(x, 0.5f, 0, 12, &place), 0, 0);
    assert_float_equal(look(x, 0.5f, -5, 2, &place), 0, 0);
}

static void a_lower_layer_can_leave_alone(void **state)
{
    fixture *x = *state;
    float place;

    x->mouth.keep_lower = 0;
    assert_float_equal(look(x, SPLIT + 3, 0, WAS, &place), 0, 0);
    assert_float_equal(look(x, SPLIT - 3, 0, WAS, &place), 1, 1e-4);
}

static void a_photo_that_is_let_go_shows_nothing(void **state)
{
    fixture *x = *state;
    float place;

    x->mouth.keep = 0;
    assert_float_equal(look(x, 3, 0, WAS, &place), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(at_its_own_opening_it_is_the_photo, setup, teardown),
        cmocka_unit_test_setup_teardown(lips_do_not_move_the_upper_layer, setup, teardown),
        cmocka_unit_test_setup_teardown(the_jaw_takes_the_lower_layer_along, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lip_that_bares_more_shows_no_lip, setup, teardown),
        cmocka_unit_test_setup_teardown(a_single_layer_ends_at_the_lower_lip, setup, teardown),
        cmocka_unit_test_setup_teardown(teeth_that_the_lip_cut_off_go_on, setup, teardown),
        cmocka_unit_test_setup_teardown(low_corners_leave_once_the_lips_move, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lower_layer_can_leave_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_photo_that_is_let_go_shows_nothing, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
