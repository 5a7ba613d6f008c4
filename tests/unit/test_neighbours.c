/* SPDX-License-Identifier: Apache-2.0 */
/* Two heads beside each other, 100 pixels wide, in a crop of 256 pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portrait/neighbours.h"

enum { N = LIMNER_SEGMENT_SIZE };

static float mask[N][N];

static limner_found_face face_at(float x, float y, float side)
{
    limner_found_face f = {.detection = {.x_px = x, .y_px = y, .width_px = side,
                                         .height_px = side}};

    f.quality.score = f.quality.upright = f.quality.flag_first = f.quality.flag = 1;
    f.quality.eye_distance_px = side / 2;
    return f;
}

/* The mask after two faces, of which the first is the person's. */
static void hide(const limner_found_face *own, const limner_found_face *other)
{
    const limner_found_face found[2] = {*own, *other};

    for (int i = 0; i < N * N; i++)
        (&mask[0][0])[i] = 1;
    limner_neighbours_hide(mask, 1000, 2000, 1, found, 2, 0);
}

static int count_changed(void)
{
    int n = 0;

    for (int i = 0; i < N * N; i++)
        n += (&mask[0][0])[i] < 1;
    return n;
}

static void a_neighbours_head_is_taken_out_and_bodies_stay(void **state)
{
    const limner_found_face own = face_at(1010, 2040, 100), other = face_at(1140, 2040, 100);

    (void)state;
    hide(&own, &other);
    assert_true(mask[90][60] == 1 && mask[20][60] == 1);        /* the own head */
    assert_true(mask[90][190] == 0 && mask[30][190] == 0);      /* the other's, and its hair */
    assert_true(mask[240][60] == 1 && mask[240][190] == 1);     /* bodies */
    for (int y = 0; y < N; y++) {
        for (int x = 0; x < 120; x++)
            assert_true(mask[y][x] == 1);                       /* half-way between them */
    }
}

static void the_smaller_head_keeps_its_place(void **state)
{
    const limner_found_face own = face_at(1010, 2040, 60), other = face_at(1080, 2020, 120);

    (void)state;
    hide(&own, &other);
    assert_true(mask[70][40] == 1);
    assert_true(mask[80][140] == 0);
}

static void small_faces_and_things_taken_for_one_hide_nothing(void **state)
{
    const limner_found_face own = face_at(1010, 2040, 100), shirt = face_at(1040, 2180, 30);
    limner_found_face thing = face_at(1140, 2040, 100);

    (void)state;
    hide(&own, &shirt);
    assert_int_equal(count_changed(), 0);
    thing.quality.flag = thing.quality.flag_first = thing.quality.score = 0;
    thing.quality.keypoint_error = LIMNER_KEYPOINT_ERROR_NONE;
    hide(&own, &thing);
    assert_int_equal(count_changed(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbours_head_is_taken_out_and_bodies_stay),
        cmocka_unit_test(the_smaller_head_keeps_its_place),
        cmocka_unit_test(small_faces_and_things_taken_for_one_hide_nothing)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
