/* SPDX-License-Identifier: Apache-2.0 */
/* The lips' patch on a drawn open mouth whose dark corner and tooth reach beyond the mesh's
 * opening: at the photo's opening the picture stays as it is, closed lips show neither, nor lips
 * that pout the corner, without a seam where corners end, and back at the photo's opening every
 * pixel is what it was. Mended lip has the lip's grain, not streaks of it; where lips meet there is
 * a line, fine though they pout; soft corners do not darken what is mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/lip_patch.h"

enum { S = 96, LEFT = 24, WIDTH = 48, TOP = 44, OPEN = 12, CM = 12, N_PAIRS = 5 };
enum { SKIN = 180, LIP = 130, DARK = 20, TOOTH = 230 };

typedef struct fixture {
    limner_texture person;
    uint8_t before[S * S];
    uint16_t upper[N_PAIRS], lower[N_PAIRS];
    float x[2 * N_PAIRS], now[2 * N_PAIRS], y[2 * N_PAIRS], gap[N_PAIRS], photo_gap[N_PAIRS];
    limner_face_contact line;
    limner_rig rig;
    limner_photo_mouth mouth;
    limner_lip_patch patch;
} fixture;

static uint8_t *pixel_at(fixture *x, int32_t px, int32_t py)
{
    return limner_texture_at(&x->person, px, py);
}

static void paint(fixture *x, int32_t px, int32_t py, uint8_t light, uint8_t green)
{
    uint8_t *p = pixel_at(x, px, py);

    p[0] = light;
    p[1] = p[2] = green;
    p[3] = 255;
}

static void paint_face(fixture *x)
{
    for (int32_t i = 0; i < S * S; i++) {
        const int32_t px = i % S, py = i / S;
        const bool is_wide = px >= LEFT - 3 && px < LEFT + WIDTH + 3;
        const bool is_lip = is_wide && py >= TOP - 8 && py < TOP + OPEN + 8;
        const bool is_open = px >= LEFT - 3 && px < LEFT + WIDTH && py >= TOP && py < TOP + OPEN;

        if (is_open)
            paint(x, px, py, DARK, DARK);
        else if (is_lip)
            paint(x, px, py, LIP, LIP / 2);
        else
            paint(x, px, py, SKIN, SKIN * 3 / 4);
    }
    for (int32_t px = LEFT + 20; px < LEFT + 24; px++) {        /* a tooth under the lip's edge */
        for (int32_t py = TOP - 2; py < TOP + 6; py++)
            paint(x, px, py, TOOTH, TOOTH);
    }
}

static void place_lips(fixture *x)
{
    for (uint16_t i = 0; i < N_PAIRS; i++) {
        const bool is_end = i == 0 || i == N_PAIRS - 1;
        const float across = (float)(LEFT + WIDTH * i / (N_PAIRS - 1));

        x->upper[i] = i;
        x->lower[i] = (uint16_t)(is_end ? i : N_PAIRS + i);
        x->x[i] = x->x[N_PAIRS + i] = across;
        x->y[i] = TOP + (is_end ? OPEN / 2 : 0);
        x->y[N_PAIRS + i] = TOP + OPEN;
        x->photo_gap[i] = x->gap[i] = is_end ? 0 : OPEN;
    }
    x->line = (limner_face_contact){N_PAIRS, x->upper, x->lower};
    x->rig.lips = (limner_contact){.line = &x->line, .n = N_PAIRS, .gap = x->gap,
                                   .photo_gap = x->photo_gap};
    x->rig.rest[0] = x->x;
    x->rig.rest[1] = x->y;
    memcpy(x->now, x->x, sizeof(x->now));
    x->rig.still[0] = x->now;
    x->rig.still[1] = x->y;
    x->rig.pose_frame.scale = CM;
    x->rig.view = (limner_view){.w = S, .h = S};
    x->mouth = (limner_photo_mouth){.open_px = OPEN, .origin = {LEFT, TOP}, .across = {1, 0},
                                    .down = {0, 1}, .width_px = WIDTH};
    for (int i = 0; i < LIMNER_PHOTO_MOUTH_COLUMNS; i++)
        x->mouth.column[i] = (limner_mouth_column){0, OPEN / 2, OPEN, OPEN};
}

static void remember(fixture *x, uint8_t to[S * S])
{
    for (int32_t i = 0; i < S * S; i++)
        to[i] = *pixel_at(x, i % S, i / S);
}

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    assert_int_equal(limner_texture_open(&x->person, S, S), LIMNER_OK);
    paint_face(x);
    place_lips(x);
    limner_texture_seal(&x->person);
    remember(x, x->before);
    assert_int_equal(limner_lip_patch_open(&x->patch, &x->rig, &x->mouth, &x->person), LIMNER_OK);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    limner_lip_patch_close(&x->patch);
    limner_texture_close(&x->person);
    free(x);
    return 0;
}

static void part_to(fixture *x, float open)
{
    for (int i = 1; i + 1 < N_PAIRS; i++)
        x->gap[i] = open;
    limner_lip_patch_update(&x->patch, &x->rig);
}

static void the_photos_own_mouth_stays(void **state)
{
    fixture *x = *state;
    uint8_t now[S * S];

    part_to(x, OPEN);
    remember(x, now);
    assert_memory_equal(now, x->before, sizeof(now));
}

static void wider_lips_keep_the_corners_and_lose_the_tooth(void **state)
{
    fixture *x = *state;

    part_to(x, 2 * OPEN);
    assert_int_equal(*pixel_at(x, LEFT - 2, TOP + OPEN / 2), DARK);
    assert_in_range(*pixel_at(x, LEFT + 22, TOP - 2), LIP / 3, LIP + 15);
}

static void closed_lips_show_neither_corner_nor_tooth(void **state)
{
    fixture *x = *state;

    part_to(x, 0);
    assert_in_range(*pixel_at(x, LEFT - 2, TOP + OPEN / 2), LIP - 30, SKIN + 5);
    assert_in_range(*pixel_at(x, LEFT + 22, TOP - 2), LIP / 3, LIP + 15);
}

/* The mouth as open as `open`, and `share` as wide as in the photo. */
static void narrow_to(fixture *x, float open, float share)
{
    for (int i = 0; i < 2 * N_PAIRS; i++)
        x->now[i] = LEFT + share * (x->x[i] - LEFT);
    part_to(x, open);
}

static void lips_that_pout_show_no_corner(void **state)
{
    fixture *x = *state;

    narrow_to(x, 2 * OPEN, 0.95f);
    assert_int_equal(*pixel_at(x, LEFT - 2, TOP + OPEN / 2), DARK);
    narrow_to(x, 2 * OPEN, 0.65f);
    assert_in_range(*pixel_at(x, LEFT - 2, TOP + OPEN / 2), LIP - 30, SKIN + 5);
}

/* Where the photo shows its corner there is no step to the mended rest. */
static void corners_go_over_into_the_rest(void **state)
{
    fixture *x = *state;
    int most = 0;

    part_to(x, 2 * OPEN);
    for (int32_t px = LEFT; px < LEFT + WIDTH / 3; px++) {
        const int step = *pixel_at(x, px + 1, TOP + 1) - *pixel_at(x, px, TOP + 1);

        most = abs(step) > most ? abs(step) : most;
    }
    assert_in_range(*pixel_at(x, LEFT, TOP + 1), 0, DARK + 5);
    assert_true(*pixel_at(x, LEFT + WIDTH / 3, TOP + 1) > LIP - 30);
    assert_true(most < 45);
}

static void mended_lip_has_the_lip_s_grain(void **state)
{
    fixture *x = *state;
    int least = 255, most = 0;

    limner_lip_patch_close(&x->patch);
    for (int32_t px = LEFT; px < LEFT + WIDTH; px++) {
        for (int32_t py = TOP - 8; py < TOP; py++)
            paint(x, px, py, (uint8_t)(LIP + px % 2 * 16), LIP / 2);
    }
    limner_texture_seal(&x->person);
    assert_int_equal(limner_lip_patch_open(&x->patch, &x->rig, &x->mouth, &x->person), LIMNER_OK);
    part_to(x, 0);
    for (int32_t px = LEFT + 28; px < LEFT + 34; px++) {
        const int v = *pixel_at(x, px, TOP + 3);

        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    assert_in_range(most - least, 4, 30);
}

/* A row of grain drawn out over all that is mended would show as streaks. */
static void grain_makes_no_streaks(void **state)
{
    fixture *x = *state;
    int changes = 0;

    limner_lip_patch_close(&x->patch);
    for (int32_t px = LEFT; px < LEFT + WIDTH; px++) {
        for (int32_t py = TOP - 12; py < TOP; py++)
            paint(x, px, py, (uint8_t)(LIP + (px + py) % 2 * 16), LIP / 2);
    }
    limner_texture_seal(&x->person);
    assert_int_equal(limner_lip_patch_open(&x->patch, &x->rig, &x->mouth, &x->person), LIMNER_OK);
    part_to(x, 0);
    for (int32_t py = TOP + 1; py < TOP + 5; py++) {
        const int up = *pixel_at(x, LEFT + 30, py - 1), low = *pixel_at(x, LEFT + 30, py + 1);

        changes += abs(2 * *pixel_at(x, LEFT + 30, py) - up - low) > 4;
    }
    assert_true(changes >= 3);
}

/* Edges of a larger photo's opening are soft: darker than lip, but not as dark as mouth. */
static void soft_corners_do_not_darken_what_is_mended(void **state)
{
    fixture *x = *state;

    limner_lip_patch_close(&x->patch);
    x->rig.pose_frame.scale = 2 * CM;
    for (int32_t px = LEFT - 5; px < LEFT + WIDTH + 2; px++) {
        for (int32_t d = 0; d < 3; d++) {
            paint(x, px, TOP - 1 - d, LIP * 3 / 4, LIP * 3 / 8);
            paint(x, px, TOP + OPEN + d, LIP * 3 / 4, LIP * 3 / 8);
        }
    }
    limner_texture_seal(&x->person);
    assert_int_equal(limner_lip_patch_open(&x->patch, &x->rig, &x->mouth, &x->person), LIMNER_OK);
    part_to(x, 0);
    assert_in_range(*pixel_at(x, LEFT, TOP - 2), LIP - 12, LIP + 12);
}

/* Pouting lips grow taller; the line on them does not. */
static void lips_that_pout_keep_a_fine_line(void **state)
{
    fixture *x = *state;
    int wide, narrow;

    part_to(x, 0);
    wide = LIP - *pixel_at(x, LEFT + 34, TOP - 1);
    narrow_to(x, 0, 0.65f);
    narrow = LIP - *pixel_at(x, LEFT + 34, TOP - 1);
    assert_true(wide > 15);
    assert_true(10 * narrow < 7 * wide && narrow > 0);
}

/* The line of lips that meet ends where they part, not with the whole mouth. */
static void lips_closed_in_part_keep_their_line_there(void **state)
{
    fixture *x = *state;
    int both, closed;

    part_to(x, OPEN / 3);
    both = *pixel_at(x, LEFT + 12, TOP - 1);
    x->gap[1] = 0;
    limner_lip_patch_update(&x->patch, &x->rig);
    closed = *pixel_at(x, LEFT + 12, TOP - 1);
    assert_true(20 * closed < 17 * both);
    assert_in_range(*pixel_at(x, LEFT + 34, TOP - 1), both - 12, both + 12);
}

static void skin_and_lips_further_out_are_never_touched(void **state)
{
    fixture *x = *state;
    uint8_t now[S * S];

    part_to(x, 0);
    remember(x, now);
    for (int32_t i = 0; i < S * S; i++) {
        const int32_t px = i % S, py = i / S;

        if (py < TOP - 6 || py >= TOP + OPEN + 6 || px < LEFT - 10 || px >= LEFT + WIDTH + 10)
            assert_int_equal(now[i], x->before[i]);
    }
}

static void what_was_mended_comes_back(void **state)
{
    fixture *x = *state;
    uint8_t now[S * S];

    part_to(x, 0);
    part_to(x, 3);
    part_to(x, OPEN);
    remember(x, now);
    assert_memory_equal(now, x->before, sizeof(now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_photos_own_mouth_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(wider_lips_keep_the_corners_and_lose_the_tooth, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(closed_lips_show_neither_corner_nor_tooth, setup, teardown),
        cmocka_unit_test_setup_teardown(lips_that_pout_show_no_corner, setup, teardown),
        cmocka_unit_test_setup_teardown(corners_go_over_into_the_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(mended_lip_has_the_lip_s_grain, setup, teardown),
        cmocka_unit_test_setup_teardown(grain_makes_no_streaks, setup, teardown),
        cmocka_unit_test_setup_teardown(soft_corners_do_not_darken_what_is_mended, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lips_that_pout_keep_a_fine_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lips_closed_in_part_keep_their_line_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(skin_and_lips_further_out_are_never_touched, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_mended_comes_back, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
