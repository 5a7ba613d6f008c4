/* SPDX-License-Identifier: Apache-2.0 */
/* What a fit mixes up, told apart: the map of the weights, and where it holds its hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "face/fit_prior.h"
#include "face/unmix.h"

enum {
    N_OUT = LIMNER_FACE_N_UNMIX,
    N_IN = LIMNER_FACE_N_UNMIX_IN,
    N_CLUE = LIMNER_FACE_N_UNMIX_CLUE,
    N_FRAMES = LIMNER_FACE_N_UNMIX_FRAMES
};

static float weight[N_IN * N_OUT], bias[N_OUT];
static float answer[LIMNER_FACE_N_ANSWER * 2 * LIMNER_FACE_N_LANDMARKS];
static limner_unmix_clue clue[N_FRAMES];
static const limner_unmix_clue *const window[N_FRAMES] = {&clue[0], &clue[1], &clue[2], &clue[3],
                                                          &clue[4]};
static limner_face face;

static int open_weights(void **state)
{
    (void)state;
    face.unmix.weight = weight;
    face.unmix.bias = bias;
    face.answer.shape = answer;
    for (size_t i = 0; i < 3; i++) {
        static const int upper[] = {82, 13, 312};

        answer[(2 * LIMNER_JAW_OPEN + 1) * LIMNER_FACE_N_LANDMARKS + upper[i]] = 3;
        answer[(2 * LIMNER_MOUTH_UPPER_UP_LEFT + 1) * LIMNER_FACE_N_LANDMARKS + upper[i]] = 0.5f;
    }
    memset(weight, 0, sizeof(weight));
    memset(bias, 0, sizeof(bias));
    memset(clue, 0, sizeof(clue));
    return 0;
}

/* The active expression of a shape. */
static int column(int shape)
{
    int c = 0;

    while (limner_fit_active(c) != shape)
        c++;
    return c;
}

/* Every frame's mouth speaks with so much of a shape. */
static void speak(int shape, float v)
{
    for (int i = 0; i < N_FRAMES; i++)
        clue[i].v[column(shape)] = v;
}

static float change_of(int shape, float before)
{
    limner_motion m = {.expression = {0}};

    m.expression[shape] = before;
    limner_unmix(&m, &face, window);
    return m.expression[shape] - before;
}

/* Input i of output `to` counts w. */
static void set(int i, int to, float w)
{
    weight[i * N_OUT + column(to)] = w;
}

static void inputs_are_where_training_has_them(void **state)
{
    const int jaw = column(LIMNER_JAW_OPEN), to = LIMNER_MOUTH_SMILE_LEFT;

    (void)state;
    speak(LIMNER_JAW_OPEN, 0.5f);
    clue[0].v[jaw] = 0.6f;
    clue[4].v[jaw] = 0.7f;
    speak(LIMNER_MOUTH_FUNNEL, 0.4f);
    assert_float_equal(change_of(to, 0.3f), 0, 1e-6);
    set(jaw, to, 0.1f);
    assert_float_equal(change_of(to, 0.3f), 0.06, 1e-6);
    set(jaw, to, 0);
    set(4 * N_CLUE + jaw, to, 0.1f);
    assert_float_equal(change_of(to, 0.3f), 0.07, 1e-6);
    set(4 * N_CLUE + jaw, to, 0);
    set(N_FRAMES * N_CLUE + 1, to, 1);          /* jawOpen mouthFunnel */
    assert_float_equal(change_of(to, 0.3f), 0.2, 1e-6);
    set(N_FRAMES * N_CLUE + 1, to, 0);
    set(N_IN - N_OUT + jaw, to, 1);             /* jawOpen squared */
    assert_float_equal(change_of(to, 0.3f), 0.25, 1e-6);
}

static void changes_are_bounded(void **state)
{
    (void)state;
    speak(LIMNER_JAW_OPEN, 0.6f);
    bias[column(LIMNER_MOUTH_FUNNEL)] = 5;
    bias[column(LIMNER_MOUTH_PUCKER)] = -5;
    bias[column(LIMNER_MOUTH_CLOSE)] = 0.2f;
    assert_float_equal(change_of(LIMNER_MOUTH_FUNNEL, 0.2f), 0.3, 1e-6);
    assert_float_equal(change_of(LIMNER_MOUTH_FUNNEL, 0.9f), 0.1, 1e-6);
    assert_float_equal(change_of(LIMNER_MOUTH_PUCKER, 0.1f), -0.1, 1e-6);
    assert_float_equal(change_of(LIMNER_MOUTH_CLOSE, 0), 0, 1e-6);      /* the jaw is shut */
}

static void a_mouth_at_rest_keeps_what_was_found(void **state)
{
    (void)state;
    bias[column(LIMNER_MOUTH_FUNNEL)] = 0.1f;
    speak(LIMNER_JAW_OPEN, 0.1f);
    assert_true(change_of(LIMNER_MOUTH_FUNNEL, 0.2f) == 0);
    speak(LIMNER_BROW_INNER_UP, 1);     /* brows are not speech */
    assert_true(change_of(LIMNER_MOUTH_FUNNEL, 0.2f) == 0);
    speak(LIMNER_JAW_OPEN, 0.15f);
    assert_float_equal(change_of(LIMNER_MOUTH_FUNNEL, 0.2f), 0.05, 1e-6);
}

static void lips_stay_as_far_apart(void **state)
{
    limner_motion m = {.expression = {0}};

    (void)state;
    speak(LIMNER_JAW_OPEN, 0.6f);
    bias[column(LIMNER_MOUTH_UPPER_UP_LEFT)] = 0.12f;
    bias[column(LIMNER_MOUTH_FUNNEL)] = 0.1f;       /* parts nothing here */
    m.expression[LIMNER_JAW_OPEN] = 0.6f;
    limner_unmix(&m, &face, window);
    assert_float_equal(m.expression[LIMNER_MOUTH_UPPER_UP_LEFT], 0.12, 1e-6);
    assert_float_equal(m.expression[LIMNER_JAW_OPEN], 0.58, 1e-6);
}

static void shut_lids_stay_shut(void **state)
{
    (void)state;
    speak(LIMNER_JAW_OPEN, 0.6f);
    bias[column(LIMNER_EYE_BLINK_LEFT)] = -0.1f;
    assert_float_equal(change_of(LIMNER_EYE_BLINK_LEFT, 0.4f), -0.1, 1e-6);
    assert_true(change_of(LIMNER_EYE_BLINK_LEFT, 0.95f) == 0);
    bias[column(LIMNER_EYE_BLINK_LEFT)] = 0.1f;
    assert_float_equal(change_of(LIMNER_EYE_BLINK_LEFT, 0.95f), 0.05, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(inputs_are_where_training_has_them, open_weights),
        cmocka_unit_test_setup(changes_are_bounded, open_weights),
        cmocka_unit_test_setup(a_mouth_at_rest_keeps_what_was_found, open_weights),
        cmocka_unit_test_setup(lips_stay_as_far_apart, open_weights),
        cmocka_unit_test_setup(shut_lids_stay_shut, open_weights)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
