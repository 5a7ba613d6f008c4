/* SPDX-License-Identifier: Apache-2.0 */
/* Controls: ranges, structs of older callers, no step larger than a natural movement, and where a
 * portrait is to look. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "motion/controls.h"
#include "motion/gaze.h"
#include "motion/look.h"

enum { OLD_SIZE = offsetof(limner_controls, energy), HOP = 160 };

static limner_controls defaults(void)
{
    limner_controls c;

    limner_controls_init(&c, sizeof(c));
    return c;
}

static void refuses(limner_controls c)
{
    limner_controls out;

    assert_int_equal(limner_controls_check(&out, &c), LIMNER_E_ARG);
}

static void values_out_of_range_are_refused(void **state)
{
    limner_controls c = defaults(), out;

    (void)state;
    assert_int_equal(limner_controls_check(&out, &c), LIMNER_OK);
    assert_int_equal(limner_controls_check(&out, NULL), LIMNER_E_ARG);
    c.gaze_yaw = 31.0f, refuses(c), c = defaults();
    c.distance = NAN, refuses(c), c = defaults();
    c.emotion[LIMNER_SAD] = -0.1f, refuses(c), c = defaults();
    c.blink_rate = NAN, refuses(c), c = defaults();
    c.is_still = 2, refuses(c), c = defaults();
    c.energy = 2.1f, refuses(c), c = defaults();
    c.gaze_mode = LIMNER_GAZE_POINT + 1, refuses(c), c = defaults();
    c.gaze_x = -INFINITY, refuses(c), c = defaults();
    c.struct_size = OLD_SIZE - 1, refuses(c);
}

static void an_older_callers_struct_is_taken(void **state)
{
    limner_controls c, out;

    (void)state;
    memset(&c, 0x7f, sizeof(c));
    limner_controls_init(&c, OLD_SIZE);
    assert_int_equal(c.struct_size, OLD_SIZE);
    assert_true(c.distance == 1 && c.blink_rate < 0);
    assert_int_equal(((const unsigned char *)&c)[OLD_SIZE], 0x7f);
    c.yaw = 12;
    assert_int_equal(limner_controls_check(&out, &c), LIMNER_OK);
    assert_true(out.yaw == 12 && out.energy == 1 && out.gaze_mode == LIMNER_GAZE_PHOTO);
    c.struct_size = sizeof(c) + 64;     /* and a newer one's */
    c.energy = 2, c.gaze_mode = LIMNER_GAZE_CAMERA, c.gaze_x = c.gaze_y = 0;
    assert_int_equal(limner_controls_check(&out, &c), LIMNER_OK);
    assert_true(out.energy == 2 && out.struct_size == sizeof(out));
}

/* Every control from one end of its range to the other, in one moment. */
static void no_step_is_larger_than_a_natural_movement(void **state)
{
    limner_control_state s;
    limner_controls c = defaults();
    float yaw, distance, sad, speed = 0;

    (void)state;
    limner_control_state_init(&s);
    c.yaw = -45, c.distance = 0.5f;
    limner_control_state_set(&s, &c, 0);
    limner_control_state_step(&s, 0);
    assert_true(s.yaw == -45 && s.distance == 0.5f);
    c.yaw = 45, c.distance = 2, c.emotion[LIMNER_SAD] = 1, c.is_still = 1;
    limner_control_state_set(&s, &c, HOP);
    for (int k = 1; k < 500; k++) {
        yaw = s.yaw, distance = s.distance, sad = s.emotion[LIMNER_SAD];
        limner_control_state_step(&s, k * HOP);
        assert_true(fabsf(s.yaw - yaw - speed) < 0.15f);        /* 1500 degrees/s^2 */
        speed = s.yaw - yaw;
        assert_true(fabsf(speed) <= 0.91f);                     /* 91 degrees/s */
        assert_true(fabsf(s.distance - distance) <= 0.0041f);
        assert_true(fabsf(s.emotion[LIMNER_SAD] - sad) <= 0.0251f);
    }
    assert_true(fabsf(s.yaw - 45) < 0.01f && fabsf(s.distance - 2) < 0.001f);
    assert_true(s.emotion[LIMNER_SAD] > 0.999f && s.moving < 0.001f);
}

/* Changes take effect at their sample and in their order; too many keep the last. */
static void changes_wait_for_their_sample(void **state)
{
    limner_control_state s;
    limner_controls c = defaults();

    (void)state;
    limner_control_state_init(&s);
    for (int i = 1; i <= 2 * LIMNER_CONTROLS_QUEUE; i++) {
        c.blink_rate = (float)i / 4;
        limner_control_state_set(&s, &c, i * HOP);
    }
    limner_control_state_step(&s, 0);
    assert_true(s.blink_rate < 0);
    limner_control_state_step(&s, 3 * HOP);
    assert_true(s.blink_rate == 0.75f);
    limner_control_state_step(&s, 1000 * HOP);
    assert_true(s.blink_rate == LIMNER_CONTROLS_QUEUE / 2.0f);
}

/* 20 crop pixels a centimetre, eyes in the middle of the square, which is the photo's right half;
 * the photo looks 5 degrees to the right. */
static limner_appearance aside(void)
{
    limner_appearance a = {.size_px = 800, .photo_scale = 2, .photo_tx = -800,
                           .photo_width_px = 800, .photo_height_px = 400};

    a.fit.scale = 20;
    a.fit.gaze_yaw = 5;
    a.eye[0].iris_x = 450, a.eye[1].iris_x = 350;
    a.eye[0].iris_y = a.eye[1].iris_y = 400;
    return a;
}

static void gaze_is_where_it_is_asked(void **state)
{
    const limner_appearance a = aside();
    limner_controls c = defaults(), out;

    (void)state;
    c.gaze_yaw = 10, c.gaze_pitch = -4;
    limner_look_resolve(&out, &c, &a, LIMNER_FRAMING_CROP);
    assert_true(out.gaze_yaw == 10 && out.gaze_pitch == -4);
    c.gaze_mode = LIMNER_GAZE_ANGLE;
    limner_look_resolve(&out, &c, &a, LIMNER_FRAMING_CROP);
    assert_true(out.gaze_yaw == 5 && out.gaze_pitch == -4);
    c.gaze_mode = LIMNER_GAZE_CAMERA;
    limner_look_resolve(&out, &c, &a, LIMNER_FRAMING_CROP);
    assert_true(out.gaze_yaw == -5 && out.gaze_pitch == 0);
    c.gaze_mode = LIMNER_GAZE_POINT;
    c.gaze_x = 1, c.gaze_y = 0.5f;      /* 20 cm to the right of the eyes, 60 away */
    limner_look_resolve(&out, &c, &a, LIMNER_FRAMING_CROP);
    assert_true(fabsf(out.gaze_yaw - 13.435f) < 0.01f && fabsf(out.gaze_pitch) < 0.01f);
    c.gaze_x = 0.5f, c.gaze_y = 1;      /* of the whole photo: as far to the left, and below */
    limner_look_resolve(&out, &c, &a, LIMNER_FRAMING_FULL);
    assert_true(fabsf(out.gaze_yaw + 23.435f) < 0.01f && fabsf(out.gaze_pitch - 18.435f) < 0.01f);
}

/* In ten minutes the eyes stay within their small movements; nobody leaves a glance half done. */
static void a_held_gaze_does_not_glance_away(void **state)
{
    const limner_prosody voice = {.is_speech = 1};
    limner_gaze g;

    (void)state;
    limner_gaze_init(&g, 4);
    for (int k = 0; k < 60000; k++) {
        limner_gaze_step(&g, 12, -6, k < 3000 ? 1.0f : 0.0f, &voice);
        if (k > 3100)
            assert_true(fabsf(g.yaw - 12) < 2.1f && fabsf(g.pitch + 6) < 1.4f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(an_older_callers_struct_is_taken),
        cmocka_unit_test(no_step_is_larger_than_a_natural_movement),
        cmocka_unit_test(changes_wait_for_their_sample),
        cmocka_unit_test(gaze_is_where_it_is_asked),
        cmocka_unit_test(a_held_gaze_does_not_glance_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
