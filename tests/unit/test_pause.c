/* SPDX-License-Identifier: Apache-2.0 */
/* motion/pause on made-up voices: breaths between phrases and none elsewhere, that they end with
 * the next word and never keep a p open, and what a mouth does in a long silence. */
#include "motion/pause.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS_PER_S = 100, MINUTE = 60 * STEPS_PER_S, N_STEPS = 20 * MINUTE };

static float track[N_STEPS], pressed[N_STEPS];
static bool breath[N_STEPS];

/* Runs n steps of `speech` steps of voice and `silence` of none, in turn. */
static void run(int n, int speech, int silence)
{
    limner_articulation mouth;
    limner_prosody voice = {.loud_slow = 0.5f};
    limner_pause p;

    limner_pause_init(&p);
    limner_articulation_init(&mouth);
    for (int k = 0; k < n; k++) {
        const int t = k % (speech + silence) - speech;

        voice.is_speech = t < 0;
        mouth.now.silence = t < 0 ? 0.1f : 0.9f;
        limner_pause_step(&p, &mouth, &voice);
        track[k] = p.open;
        pressed[k] = p.press;
        breath[k] = p.is_breath;
    }
}

static void speakers_breathe_in_through_parted_lips(void **state)
{
    enum { SPEECH = 400, SILENCE = 120, CYCLE = SPEECH + SILENCE };
    int n_late = 0, n = 0;

    (void)state;
    run(N_STEPS, SPEECH, SILENCE);
    for (int k = 0; k + CYCLE <= N_STEPS; k += CYCLE, n++) {
        float most = 0.0f;
        int n_breaths = 0;

        for (int i = 0; i < CYCLE; i++) {
            most = fmaxf(most, track[k + i]);
            n_breaths += breath[k + i];
        }
        assert_true(most > 0.03f && most < 0.165f && n_breaths == 1);
        assert_true(k == 0 || track[k + 40] < 0.005f);      /* gone with the next phrase */
        n_late += track[k + SPEECH + 12] < 0.02f;
    }
    print_message("lips part late in %d of %d\n", n_late, n);
    assert_true(n_late > n / 8 && n_late < n / 2);
    for (int k = 1; k < N_STEPS; k++)
        assert_true(fabsf(track[k] - track[k - 1]) < 0.015f);   /* 10 ms: no snap */
}

/* Few words, a stop of 0.35 s, few words: lips stay apart in most of the stops, breath or none. */
static void lips_stay_apart_in_short_pauses(void **state)
{
    enum { SPEECH = 60, SILENCE = 35, CYCLE = SPEECH + SILENCE };
    int n_apart = 0, n_breaths = 0, n = 0;

    (void)state;
    run(N_STEPS, SPEECH, SILENCE);
    for (int k = 10 * CYCLE; k + CYCLE <= N_STEPS; k += CYCLE, n++) {
        n_apart += track[k + SPEECH + 25] > 0.03f;
        for (int i = 0; i < CYCLE; i++)
            n_breaths += breath[k + i];
    }
    print_message("apart in %d, breaths in %d of %d\n", n_apart, n_breaths, n);
    assert_true(n_apart > 3 * n / 4 && n_apart < n);
    assert_true(n_breaths < 3 * n / 4);
}

static void a_word_or_two_needs_no_breath(void **state)
{
    (void)state;
    run(110, 110, 10);
    for (int k = 0; k < 110; k++)
        assert_true(track[k] == 0.0f && !breath[k]);
    run(MINUTE, 20, 5900);
    for (int k = 0; k < MINUTE; k++)
        assert_true(track[k] == 0.0f && !breath[k]);
}

/* As between the words of a short sentence that is read. */
static void who_has_only_begun_rests_in_short_pauses(void **state)
{
    (void)state;
    run(220, 150, 35);
    for (int k = 0; k < 185; k++)
        assert_true(track[k] == 0.0f && !breath[k]);
}

/* After a breath the mouth rests, however long nothing comes. */
static void long_silence_shuts_the_lips(void **state)
{
    (void)state;
    run(10 * MINUTE, 500, 10 * MINUTE);
    for (int k = 500 + 300; k < 10 * MINUTE; k++)
        assert_true(track[k] < 0.001f);
}

static void listeners_press_their_lips_now_and_then(void **state)
{
    int n = 0, n_steps = 0;

    (void)state;
    run(N_STEPS, 0, N_STEPS);
    for (int k = 1; k < N_STEPS; k++) {
        assert_true(track[k] == 0.0f && !breath[k]);
        assert_true(pressed[k] >= 0.0f && pressed[k] <= 0.8f);
        assert_true(fabsf(pressed[k] - pressed[k - 1]) < 0.05f);
        n += pressed[k] > 0.15f && pressed[k - 1] <= 0.15f;
        n_steps += pressed[k] > 0.15f;
    }
    print_message("%.1f presses a minute, %.0f ms\n", n / 20.0, 10.0 * n_steps / n);
    assert_true(n > 3 * 20 && n < 10 * 20);
    assert_true(n_steps < N_STEPS / 10);
}

static void a_press_ends_with_the_first_word(void **state)
{
    (void)state;
    run(N_STEPS, 300, 1000);
    for (int k = 0; k + 1300 <= N_STEPS; k += 1300)
        assert_true(pressed[k + 50] < 0.02f);
}

static float opening(const limner_motion *m)
{
    return 0.549f * (m->expression[LIMNER_JAW_OPEN] - m->expression[LIMNER_MOUTH_CLOSE]) +
           0.226f * m->expression[LIMNER_MOUTH_FUNNEL] +
           0.122f * m->expression[LIMNER_MOUTH_LOWER_DOWN_LEFT] +
           0.135f * m->expression[LIMNER_MOUTH_UPPER_UP_LEFT];
}

static void a_breath_opens_what_is_shut_and_no_p(void **state)
{
    limner_pause p;
    limner_articulation mouth;
    limner_motion m;

    (void)state;
    limner_pause_init(&p);
    limner_articulation_init(&mouth);
    p.open = 0.1f;
    for (int k = 0; k < 4; k++) {
        static const float OPEN[4] = {-0.02f, 0.0f, 0.2f, -0.02f};

        memset(&m, 0, sizeof(m));
        mouth.now.open = OPEN[k];
        mouth.now.closure = k == 3;
        limner_pause_part(&p, &mouth);
        limner_articulation_apply(&mouth, 1.0f, &m);
        if (k == 3)
            assert_true(fabsf(opening(&m)) < 1e-3f);
        else if (k < 2)
            assert_true(m.expression[LIMNER_JAW_OPEN] > 0.14f);     /* no clenched teeth */
        if (k < 3)
            assert_float_equal(opening(&m), k == 2 ? 0.2f : 0.1f, k == 2 ? 0.005f : 0.001f);
    }
    p.open = 0.0f;
    mouth.now.open = -0.01f;
    limner_pause_part(&p, &mouth);
    assert_true(mouth.now.open == -0.01f);
}

static void presses_close_and_scale(void **state)
{
    limner_pause p;
    limner_motion m = {.yaw = 0.0f};

    (void)state;
    limner_pause_init(&p);
    p.press = 0.5f;
    p.swallow = 1.0f;
    limner_pause_apply(&p, 0.0f, &m);
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        assert_true(m.expression[i] == 0.0f);
    limner_pause_apply(&p, 1.0f, &m);
    assert_true(m.expression[LIMNER_MOUTH_PRESS_LEFT] > 0.1f &&
                m.expression[LIMNER_MOUTH_SHRUG_LOWER] > 0.1f && opening(&m) == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speakers_breathe_in_through_parted_lips),
        cmocka_unit_test(lips_stay_apart_in_short_pauses),
        cmocka_unit_test(a_word_or_two_needs_no_breath),
        cmocka_unit_test(who_has_only_begun_rests_in_short_pauses),
        cmocka_unit_test(long_silence_shuts_the_lips),
        cmocka_unit_test(listeners_press_their_lips_now_and_then),
        cmocka_unit_test(a_press_ends_with_the_first_word),
        cmocka_unit_test(a_breath_opens_what_is_shut_and_no_p),
        cmocka_unit_test(presses_close_and_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
