/* SPDX-License-Identifier: Apache-2.0 */
/* Hair behind the head: at rest where the head is, late in a turn, past it when the head stops,
 * then at rest again, the same at any frame rate; a cut does not set it swinging. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/swing.h"

static bool is_at_rest(const limner_swing *w)
{
    bool is = true;

    for (int k = 0; k < LIMNER_N_SWING; k++)
        is = is && w->lag[k] == 0;
    return is;
}

/* The lag in yaw t_s seconds after the head began to turn at 60 degrees a second for 0.2 s. */
static float lag_at(float t_s, float fps)
{
    limner_swing w = {.is_begun = false};
    limner_motion m = {.distance = 1};

    for (int i = 0; i <= (int)lroundf(t_s * fps); i++) {
        m.yaw = fminf(12, 60 * (float)i / fps);
        limner_swing_follow(&w, &m, 1 / fps);
    }
    return w.lag[LIMNER_SWING_YAW];
}

static void hair_of_a_still_head_is_at_rest(void **state)
{
    const limner_motion m = {.yaw = 13.3f, .pitch = -7, .roll = 2, .x = 0.3f, .distance = 1};
    limner_swing w = {.is_begun = false};

    (void)state;
    for (int i = 0; i < 50; i++) {
        limner_swing_follow(&w, &m, 0.04f);
        assert_true(is_at_rest(&w));
    }
}

static void hair_lags_overshoots_and_comes_to_rest(void **state)
{
    (void)state;
    assert_true(lag_at(0.16f, 25) < -3);
    assert_true(lag_at(0.48f, 25) > 0.3f);
    assert_true(lag_at(4, 25) == 0);
    assert_true(fabsf(lag_at(0.2f, 25) - lag_at(0.2f, 50)) < 0.4f);
}

static void a_cut_does_not_set_hair_swinging(void **state)
{
    limner_motion m = {.distance = 1};
    limner_swing w = {.is_begun = false};

    (void)state;
    limner_swing_follow(&w, &m, 0.04f);
    m.yaw = 25;
    limner_swing_follow(&w, &m, 0.04f);
    assert_true(is_at_rest(&w));
    m.yaw = 28;
    limner_swing_follow(&w, &m, 0);             /* no rate: each frame for itself */
    assert_true(is_at_rest(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hair_of_a_still_head_is_at_rest),
        cmocka_unit_test(hair_lags_overshoots_and_comes_to_rest),
        cmocka_unit_test(a_cut_does_not_set_hair_swinging),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
