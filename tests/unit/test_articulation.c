/* SPDX-License-Identifier: Apache-2.0 */
/* motion/articulation on made-up hearings: what each class does to lips, jaw and tongue, that
 * closures hold among vowels, and how a mouth comes to rest. */
#include "motion/articulation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N_HEARD = 200, N_STEPS = 2 * (N_HEARD - LIMNER_ARTICULATION_AHEAD) };

static limner_speech_frame heard[N_HEARD];
static limner_motion mouth[N_STEPS];

static void hear(int from, int to, limner_speech_class c)
{
    for (int k = from; k < to; k++) {
        memset(&heard[k], 0, sizeof(heard[k]));
        heard[k].share[c] = 1;
        heard[k].closure = c == LIMNER_SPEECH_CLOSURE;
        heard[k].level = c == LIMNER_SPEECH_SILENCE ? 0.0f : 0.9f;
    }
}

/* The mouth in steps of 10 ms. */
static void move(float gain)
{
    limner_articulation a;
    int k = 0;

    limner_articulation_init(&a);
    memset(mouth, 0, sizeof(mouth));
    for (int n = 0; n < N_STEPS; n++) {
        while (k < N_HEARD && 2 * k + 1 <= n + LIMNER_ARTICULATION_AHEAD)
            limner_articulation_push(&a, &heard[k++]);
        limner_articulation_step(&a, n);
        limner_articulation_apply(&a, gain, &mouth[n]);
    }
}

static float at(int n, int index)
{
    return mouth[n].expression[index];
}

/* Of the inner lips, as drawn: eye distances (see articulation.c). */
static float opening(int n)
{
    return 0.549f * (at(n, LIMNER_JAW_OPEN) - at(n, LIMNER_MOUTH_CLOSE)) +
           0.226f * at(n, LIMNER_MOUTH_FUNNEL) + 0.122f * at(n, LIMNER_MOUTH_LOWER_DOWN_LEFT) +
           0.135f * at(n, LIMNER_MOUTH_UPPER_UP_LEFT);
}

static float width(int n)
{
    return 0.15f * at(n, LIMNER_MOUTH_STRETCH_LEFT) + 0.19f * at(n, LIMNER_MOUTH_SMILE_LEFT) -
           0.11f * at(n, LIMNER_MOUTH_FUNNEL) - 0.14f * at(n, LIMNER_MOUTH_PUCKER);
}

static float least_opening(int from, int to)
{
    float least = 1;

    for (int n = from; n < to; n++)
        least = fminf(least, opening(n));
    return least;
}

static void vowels_have_their_shapes(void **state)
{
    (void)state;
    hear(0, N_HEARD, LIMNER_SPEECH_SILENCE);
    hear(20, 40, LIMNER_SPEECH_OPEN);
    hear(40, 60, LIMNER_SPEECH_SPREAD);
    hear(60, 80, LIMNER_SPEECH_ROUNDED_CLOSE);
    move(1);
    assert_true(opening(30) < 0.02f);                   /* before the first word */
    assert_true(opening(60) > 0.12f);
    assert_true(opening(60) > opening(100) + 0.02f && opening(60) > opening(140) + 0.02f);
    assert_true(width(100) > width(140) + 0.05f);
    assert_true(at(140, LIMNER_MOUTH_PUCKER) > 0.2f && at(60, LIMNER_MOUTH_PUCKER) < 0.1f);
    for (int n = 1; n < N_STEPS; n++)                   /* 10 ms: no hard snap */
        assert_true(fabsf(opening(n) - opening(n - 1)) < 0.05f);
}

static void closures_hold_among_vowels(void **state)
{
    (void)state;
    hear(0, N_HEARD, LIMNER_SPEECH_OPEN);
    hear(50, 54, LIMNER_SPEECH_CLOSURE);                /* 80 ms */
    hear(100, 102, LIMNER_SPEECH_CLOSURE);              /* 40 ms */
    move(1);
    assert_true(opening(80) > 0.12f && opening(150) > 0.12f);
    assert_true(least_opening(95, 110) < 0.005f);
    assert_true(least_opening(195, 210) < 0.02f);
    assert_true(at(103, LIMNER_MOUTH_PRESS_LEFT) > 0.05f);
    move(2);                                            /* a strong mouth closes as well */
    assert_true(least_opening(95, 110) < 0.01f);
}

static void f_brings_the_lip_to_the_teeth(void **state)
{
    (void)state;
    hear(0, N_HEARD, LIMNER_SPEECH_OPEN);
    hear(50, 55, LIMNER_SPEECH_LABIODENTAL);
    move(1);
    assert_true(at(104, LIMNER_MOUTH_ROLL_LOWER) > 0.2f);
    assert_true(at(104, LIMNER_MOUTH_UPPER_UP_LEFT) > 0.05f);
    assert_true(opening(104) < 0.06f && opening(80) > 0.12f);
    assert_true(at(80, LIMNER_MOUTH_ROLL_LOWER) < 0.02f);
}

/* As heard in s: the same opening with the chin up is one of the lips, which bare the teeth. */
static void a_raised_chin_leaves_the_opening_to_the_lips(void **state)
{
    static const float CHIN[3] = { 0.0f, -0.03f, 0.05f };
    limner_articulation a;

    (void)state;
    memset(mouth, 0, sizeof(mouth));
    for (int n = 0; n < 3; n++) {
        limner_articulation_init(&a);
        a.now.open = 0.12f;
        a.now.chin = CHIN[n];
        limner_articulation_apply(&a, 1, &mouth[n]);
        assert_true(fabsf(opening(n) - 0.12f) < 1e-4f);
    }
    assert_true(at(0, LIMNER_JAW_OPEN) > 0.05f && at(0, LIMNER_MOUTH_UPPER_UP_LEFT) > 0.15f);
    assert_true(at(1, LIMNER_JAW_OPEN) < at(0, LIMNER_JAW_OPEN) - 0.05f);
    assert_true(at(1, LIMNER_MOUTH_UPPER_UP_LEFT) > at(0, LIMNER_MOUTH_UPPER_UP_LEFT) + 0.1f);
    assert_true(at(1, LIMNER_MOUTH_LOWER_DOWN_LEFT) > at(0, LIMNER_MOUTH_LOWER_DOWN_LEFT) + 0.1f);
    assert_true(at(2, LIMNER_JAW_OPEN) > at(0, LIMNER_JAW_OPEN) + 0.1f);
}

static void tongues_rise_for_t_and_l(void **state)
{
    (void)state;
    hear(0, N_HEARD, LIMNER_SPEECH_OPEN);
    hear(50, 55, LIMNER_SPEECH_ALVEOLAR);
    hear(100, 105, LIMNER_SPEECH_LATERAL);
    move(1);
    assert_true(mouth[104].tongue_up > 0.5f && mouth[204].tongue_up > 0.5f);
    assert_true(mouth[80].tongue_up < 0.1f);
}

/* Lips stay apart for a moment, then rest; nothing jumps. */
static void pauses_come_to_rest_slowly(void **state)
{
    (void)state;
    hear(0, 60, LIMNER_SPEECH_OPEN);
    hear(60, N_HEARD, LIMNER_SPEECH_SILENCE);
    move(1);
    assert_true(opening(145) > 0.02f && opening(145) < 0.1f);
    assert_true(opening(350) < 0.012f);
    for (int n = 150; n < N_STEPS; n++)
        assert_true(opening(n) <= opening(n - 1) + 1e-4f);
}

/* What a net says at even steps: odd ones lie between, closures are made sure, and the trace that a
 * net leaves in long silence goes. */
static void a_net_takes_the_place_of_gestures(void **state)
{
    const limner_gesture open = { .open = 0.2f, .width = 0.05f };
    const limner_gesture shut = { .open = 0.1f, .closure = 0.4f };
    const limner_gesture quiet = { .open = 0.01f, .width = 0.02f, .silence = 0.97f };
    limner_articulation a;
    float before;

    (void)state;
    limner_articulation_init(&a);
    for (int n = 0; n < 60; n++) {
        if (n % 2 == 0)
            limner_articulation_learn(&a, &open, 0.0f);
        limner_articulation_step(&a, n);
    }
    assert_float_equal(a.now.open, 0.2f, 1e-3f);
    limner_articulation_learn(&a, &shut, 0.0f);         /* comes before the odd step */
    limner_articulation_step(&a, 61);
    assert_float_equal(a.now.open, 0.15f, 1e-3f);
    limner_articulation_step(&a, 62);
    assert_float_equal(a.now.open, 0.1f, 1e-3f);
    assert_true(a.now.closure == 1.0f);
    memset(&mouth[0], 0, sizeof(mouth[0]));
    limner_articulation_apply(&a, 1.0f, &mouth[0]);
    assert_true(opening(0) < 1e-3f);
    limner_articulation_learn(&a, &quiet, 0.97f);
    limner_articulation_step(&a, 64);
    before = a.now.width;
    limner_articulation_learn(&a, &quiet, 0.97f);
    for (int n = 65; n < 400; n++)
        limner_articulation_step(&a, n);
    assert_true(a.now.width < 0.2f * before && a.now.open <= 0.0f);
}

/* Notes that the net takes for vowels while the encoder hears no speech leave the mouth at rest
 * after a while; the first word finds it awake. */
static void music_is_not_sung_along(void **state)
{
    const limner_gesture note = { .open = 0.1f, .silence = 0.4f };
    limner_articulation a;
    int k = 0;

    (void)state;
    limner_articulation_init(&a);
    for (; k < 500; k++) {
        if (k % 2 == 0)
            limner_articulation_learn(&a, &note, k % 50 ? 0.95f : 0.7f);
        limner_articulation_step(&a, k);
    }
    assert_true(a.now.open < 0.01f);
    for (; k < 520; k++) {
        if (k % 2 == 0)
            limner_articulation_learn(&a, &note, 0.1f);
        limner_articulation_step(&a, k);
    }
    assert_true(a.now.open > 0.09f);
    for (; k < 540; k++) {              /* a trace of doubt is none: words end like this */
        if (k % 2 == 0)
            limner_articulation_learn(&a, &note, 0.95f);
        limner_articulation_step(&a, k);
    }
    assert_true(a.now.open > 0.08f);
}

static void gain_scales(void **state)
{
    float whole;

    (void)state;
    hear(0, N_HEARD, LIMNER_SPEECH_OPEN);
    move(1);
    whole = opening(100);
    move(0.5f);
    assert_true(opening(100) > 0.4f * whole && opening(100) < 0.6f * whole);
    move(0);
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        assert_true(at(100, i) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vowels_have_their_shapes),
        cmocka_unit_test(closures_hold_among_vowels),
        cmocka_unit_test(f_brings_the_lip_to_the_teeth),
        cmocka_unit_test(a_raised_chin_leaves_the_opening_to_the_lips),
        cmocka_unit_test(tongues_rise_for_t_and_l),
        cmocka_unit_test(pauses_come_to_rest_slowly),
        cmocka_unit_test(a_net_takes_the_place_of_gestures),
        cmocka_unit_test(music_is_not_sung_along),
        cmocka_unit_test(gain_scales),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
