/* SPDX-License-Identifier: Apache-2.0 */
/* motion/emotion beyond the mouth: how the head is held, where gaze, pose and a still head stay as
 * asked, one-sided contempt, brows in anger; all of it approached as people move. */
#include "motion/emotion.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "motion/generator.h"
#include "motion/smile.h"
#include "shipped_file.h"

enum { RATE_HZ = LIMNER_GENERATOR_RATE_HZ, FPS = 25, SECONDS = 5, N_FRAMES = FPS * SECONDS };

static void *net_bytes;
static limner_speech_net *net;
static limner_motion neutral[N_FRAMES + 1], moody[N_FRAMES + 1];

static int open_net(void **state)
{
    size_t len;

    (void)state;
    net_bytes = read_shipped_file("models/speech.limner", &len);
    return net_bytes && limner_speech_net_open(&net, net_bytes, len) == LIMNER_OK ? 0 : -1;
}

static int close_net(void **state)
{
    (void)state;
    limner_speech_net_close(&net);
    limner_mem_free(net_bytes);
    return 0;
}

/* A take of silence with `c` from its first second on. */
static void take(limner_motion frame[N_FRAMES + 1], const limner_controls *c)
{
    static const float SILENCE[RATE_HZ / 10];
    limner_generator *g;
    size_t used;
    int n = 0;

    assert_int_equal(limner_generator_open(&g, net, NULL, FPS, 1, 7), LIMNER_OK);
    for (int k = 0; k < 10 * SECONDS; k++) {
        if (k == 10)
            assert_int_equal(limner_generator_control(g, c), LIMNER_OK);
        assert_int_equal(limner_generator_send(g, SILENCE, RATE_HZ / 10, &used), LIMNER_OK);
        while (limner_generator_receive(g, &frame[n]) == LIMNER_OK)
            assert_true(++n <= N_FRAMES);
    }
    assert_int_equal(limner_generator_finish(g), LIMNER_OK);
    while (limner_generator_receive(g, &frame[n]) == LIMNER_OK)
        assert_true(++n <= N_FRAMES);
    assert_int_equal(n, N_FRAMES);
    limner_generator_close(&g);
}

/* The same take without an emotion and with one of 0.7. */
static void take_both(limner_emotion e, uint32_t is_still)
{
    limner_controls c;

    limner_controls_init(&c, sizeof(c));
    c.is_still = is_still;
    take(neutral, &c);
    c.emotion[e] = 0.7f;
    take(moody, &c);
}

static void assert_gaze_is_the_same(void)
{
    for (int k = 0; k < N_FRAMES; k++) {
        assert_true(moody[k].gaze_yaw == neutral[k].gaze_yaw);
        assert_true(moody[k].gaze_pitch == neutral[k].gaze_pitch);
    }
}

static void contempt_holds_the_chin_up_and_anger_down(void **state)
{
    (void)state;
    take_both(LIMNER_CONTEMPT, 0);
    assert_gaze_is_the_same();
    for (int k = 2 * FPS + FPS / 2; k < N_FRAMES; k++) {
        const float up = neutral[k].pitch - moody[k].pitch;

        assert_true(up > 4.0f && up < 6.0f);
        assert_true(fabsf(moody[k].yaw - neutral[k].yaw) < 4.0f);
        assert_true(fabsf(moody[k].roll - neutral[k].roll) < 4.0f);
    }
    take_both(LIMNER_ANGRY, 0);
    assert_gaze_is_the_same();
    for (int k = 2 * FPS + FPS / 2; k < N_FRAMES; k++) {
        const float down = moody[k].pitch - neutral[k].pitch;

        assert_true(down > 4.0f && down < 6.0f);
        assert_true(moody[k].yaw == neutral[k].yaw && moody[k].roll == neutral[k].roll);
    }
}

/* Heads that talk pitch at 18 degrees/s rms (head.c); a mood's turn adds about half of that. */
static void moods_come_as_people_move(void **state)
{
    static const limner_emotion WHICH[2] = {LIMNER_ANGRY, LIMNER_CONTEMPT};

    (void)state;
    for (int i = 0; i < 2; i++) {
        float before = 0.0f, most = 0.0f;

        take_both(WHICH[i], 0);
        for (int k = 0; k < N_FRAMES; k++) {
            const float turned = moody[k].pitch - neutral[k].pitch;

            most = fmaxf(most, fabsf(turned - before));
            before = turned;
        }
        print_message("%.1f degrees/s\n", (double)(most * FPS));
        assert_true(most * FPS > 2.0f && most * FPS < 20.0f);
    }
}

static void a_still_head_stays_still(void **state)
{
    (void)state;
    take_both(LIMNER_CONTEMPT, 1);
    for (int k = 2 * FPS + FPS / 2; k < N_FRAMES; k++)
        assert_true(fabsf(moody[k].pitch) < 0.05f && fabsf(moody[k].yaw) < 0.05f);
}

static void other_moods_and_gains_leave_the_pose(void **state)
{
    limner_motion once = {.pitch = 3.0f}, thrice = once, none = once, happy = once;
    float emotion[LIMNER_N_EMOTION] = {[LIMNER_CONTEMPT] = 1.0f};

    (void)state;
    limner_emotion_hold(emotion, 1.0f, &once);
    limner_emotion_hold(emotion, 3.0f, &thrice);
    limner_emotion_hold(emotion, 0.0f, &none);
    assert_true(once.pitch < -3.0f && once.pitch == thrice.pitch && none.pitch == 3.0f);
    emotion[LIMNER_CONTEMPT] = 0.0f;
    for (int e = 0; e < LIMNER_N_EMOTION; e++)
        emotion[e] = e == LIMNER_ANGRY || e == LIMNER_CONTEMPT ? 0.0f : 1.0f;
    limner_emotion_hold(emotion, 1.0f, &happy);
    assert_true(happy.yaw == 0.0f && happy.pitch == 3.0f && happy.roll == 0.0f);
}

static void contempt_is_one_sided_and_does_not_smile(void **state)
{
    const float emotion[LIMNER_N_EMOTION] = {[LIMNER_CONTEMPT] = 0.7f};
    limner_motion m = {.yaw = 0.0f}, open = {.yaw = 0.0f}, smiling = {.yaw = 0.0f};
    limner_smile s;

    (void)state;
    limner_emotion_apply(emotion, 1.0f, 1.0f, 0.0f, &m);
    assert_true(m.expression[LIMNER_MOUTH_DIMPLE_LEFT] > 0.6f);
    assert_true(m.expression[LIMNER_MOUTH_DIMPLE_RIGHT] == 0.0f);
    assert_true(m.expression[LIMNER_MOUTH_SMILE_LEFT] > 0.15f);
    assert_true(m.expression[LIMNER_MOUTH_SMILE_RIGHT] == 0.0f);
    assert_true(m.expression[LIMNER_MOUTH_FROWN_RIGHT] > 0.45f);    /* the photo's smile is gone */
    assert_true(m.expression[LIMNER_BROW_OUTER_UP_RIGHT] > 0.5f);
    assert_true(m.expression[LIMNER_BROW_OUTER_UP_LEFT] == 0.0f);
    assert_true(m.expression[LIMNER_MOUTH_PRESS_RIGHT] > 0.3f);
    open.expression[LIMNER_JAW_OPEN] = 0.3f;
    limner_emotion_apply(emotion, 1.0f, 1.0f, 0.0f, &open);
    assert_true(open.expression[LIMNER_MOUTH_PRESS_RIGHT] == 0.0f);
    limner_smile_init(&s);
    s.size = 0.2f;
    limner_smile_apply(&s, emotion, 1.0f, &smiling);
    assert_true(smiling.expression[LIMNER_MOUTH_SMILE_RIGHT] == 0.0f);
}

static void anger_keeps_the_brows_down(void **state)
{
    float emotion[LIMNER_N_EMOTION] = {[LIMNER_ANGRY] = 0.7f};
    limner_motion m = {.yaw = 0.0f}, sad = {.yaw = 0.0f};

    (void)state;
    m.expression[LIMNER_BROW_INNER_UP] = m.expression[LIMNER_BROW_OUTER_UP_LEFT] = 0.6f;
    sad = m;
    limner_emotion_apply(emotion, 1.0f, 1.0f, 0.0f, &m);
    assert_true(m.expression[LIMNER_BROW_DOWN_LEFT] > 0.9f);
    assert_true(m.expression[LIMNER_BROW_INNER_UP] < 0.15f);
    assert_true(m.expression[LIMNER_BROW_OUTER_UP_LEFT] < 0.15f);
    emotion[LIMNER_ANGRY] = 0.0f;
    emotion[LIMNER_SAD] = 0.7f;
    limner_emotion_apply(emotion, 1.0f, 1.0f, 0.0f, &sad);
    assert_true(sad.expression[LIMNER_BROW_OUTER_UP_LEFT] == 0.6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contempt_holds_the_chin_up_and_anger_down),
        cmocka_unit_test(moods_come_as_people_move),
        cmocka_unit_test(a_still_head_stays_still),
        cmocka_unit_test(other_moods_and_gains_leave_the_pose),
        cmocka_unit_test(contempt_is_one_sided_and_does_not_smile),
        cmocka_unit_test(anger_keeps_the_brows_down),
    };

    return cmocka_run_group_tests(tests, open_net, close_net);
}
