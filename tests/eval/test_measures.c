/* SPDX-License-Identifier: Apache-2.0 */
/* Measures of a face drawn by hand: eyes 100 px apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "eval/measures.h"

static void put(float face[478][2], int index, float x, float y)
{
    face[index][0] = x;
    face[index][1] = y;
}

/* Eyes 40 px wide at y 200, x 200 (right) and 300 (left); lids 12 px open on the left, 4 px on the
 * right; brows 35 px above the left eye, 25 px above the right; mouth 80 px wide and 20 px open. */
static void draw(float face[478][2])
{
    static const int left_up[] = {386, 385, 387}, left_down[] = {374, 380, 373};
    static const int right_up[] = {159, 158, 160}, right_down[] = {145, 153, 144};
    static const int left_brow[] = {300, 293, 334, 296, 336}, right_brow[] = {70, 63, 105, 66, 107};

    for (int i = 0; i < 478; i++)
        put(face, i, 250, 250);
    put(face, 33, 180, 200);
    put(face, 133, 220, 200);
    put(face, 362, 280, 200);
    put(face, 263, 320, 200);
    for (int i = 0; i < 3; i++) {
        put(face, left_up[i], 290 + 10.0f * (float)i, 194);
        put(face, left_down[i], 290 + 10.0f * (float)i, 206);
        put(face, right_up[i], 190 + 10.0f * (float)i, 198);
        put(face, right_down[i], 190 + 10.0f * (float)i, 202);
    }
    for (int i = 0; i < 5; i++) {
        put(face, left_brow[i], 280 + 10.0f * (float)i, 165);
        put(face, right_brow[i], 180 + 10.0f * (float)i, 175);
    }
    put(face, 61, 210, 300);
    put(face, 291, 290, 300);
    put(face, 13, 250, 290);
    put(face, 14, 250, 310);
    put(face, 10, 250, 120);
    put(face, 152, 250, 360);
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-6))
        fail_msg("%.9g is not %.9g", value, expected);
}

static void distances_are_shares_of_the_eye_distance(void **state)
{
    float face[478][2];
    eval_measures m;

    (void)state;
    draw(face);
    eval_measure(&m, face);
    assert_near(m.eye_distance_px, 100);
    assert_near(m.opening, 0.2);
    assert_near(m.width, 0.8);
    assert_near(m.lid[0], 0.3);
    assert_near(m.lid[1], 0.1);
    assert_near(m.brow, 0.3);
    assert_near(m.face_height_px, 240);
}

static void size_place_and_roll_change_no_share(void **state)
{
    const float turn = 0.3f;
    float face[478][2], moved[478][2];
    eval_measures a, b;

    (void)state;
    draw(face);
    for (int i = 0; i < 478; i++) {
        const float x = face[i][0], y = face[i][1];
        put(moved, i, 2 * (cosf(turn) * x - sinf(turn) * y) + 30,
            2 * (sinf(turn) * x + cosf(turn) * y) - 70);
    }
    eval_measure(&a, face);
    eval_measure(&b, moved);
    assert_true(fabs(a.opening - b.opening) < 1e-5 && fabs(a.width - b.width) < 1e-5);
    assert_true(fabs(a.lid[0] - b.lid[0]) < 1e-5 && fabs(a.brow - b.brow) < 1e-5);
    assert_true(fabs(b.eye_distance_px - 200) < 1e-3);
}

/* Lists without repetition, lips below the eyes. */
static void lists_name_each_landmark_once(void **state)
{
    int seen[478] = {0};

    (void)state;
    for (int i = 0; i < EVAL_N_LIPS; i++)
        assert_int_equal(seen[eval_lips[i]]++, 0);
    for (int i = 0; i < EVAL_N_LIDS; i++)
        assert_int_equal(seen[eval_lids[i]]++, 0);
}

static void error_is_a_share_of_the_other_face(void **state)
{
    float a[478][2], b[478][2];

    (void)state;
    draw(b);
    memcpy(a, b, sizeof(a));
    for (int i = 0; i < EVAL_N_LIPS; i++) {
        a[eval_lips[i]][0] += 3;
        a[eval_lips[i]][1] += 4;
    }
    assert_near(eval_landmark_error(a, b, eval_lips, EVAL_N_LIPS), 0.05);
    assert_near(eval_landmark_error(a, b, NULL, 0), 0.05 * EVAL_N_LIPS / 478);
    assert_near(eval_landmark_error(a, b, eval_lids, EVAL_N_LIDS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_shares_of_the_eye_distance),
        cmocka_unit_test(size_place_and_roll_change_no_share),
        cmocka_unit_test(lists_name_each_landmark_once),
        cmocka_unit_test(error_is_a_share_of_the_other_face),
    };

    return cmocka_run_group_tests_name("eval measures", tests, NULL, NULL);
}
