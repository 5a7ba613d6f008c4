/* SPDX-License-Identifier: Apache-2.0 */
/* Brows, lower lids, cheeks and passing smiles of a talker over many minutes, against what was
 * measured on real people; emotions beside speech. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "motion/brow.h"
#include "motion/emotion.h"
#include "motion/smile.h"
#include "talking_voice.h"

static float track[N_STEPS];

static void brows_rise_now_and_then(void **state)
{
    limner_brow b;
    int raises = 0, was = 0;

    (void)state;
    limner_brow_init(&b, 1);
    for (int k = 0; k < N_STEPS; k++) {
        limner_prosody v = voice_at(k);

        limner_brow_step(&b, &v);
        assert_true(b.inner_up >= 0.0f && b.inner_up < 1.2f && b.down >= 0.0f && b.down < 0.6f);
        raises += b.inner_up > 0.25f && !was;
        was = was ? b.inner_up > 0.15f : b.inner_up > 0.25f;
    }
    print_message("raises a minute %.1f\n", (double)raises / MINUTES);
    assert_true(raises > 6 * MINUTES && raises < 22 * MINUTES);
}

/* The largest of a minute and more of silence, and the spread, of how far eyes are narrowed. */
static void eyes_narrow_in_talk_alone(void **state)
{
    limner_motion m = {.yaw = 0.0f};
    limner_brow b;
    int n = 0, was = 0;
    double sd;

    (void)state;
    limner_brow_init(&b, 2);
    for (int k = 0; k < N_STEPS; k++) {
        const limner_prosody v = voice_at(k);

        limner_brow_step(&b, &v);
        track[k] = b.squint;
        assert_true(b.squint >= 0.0f && b.squint < 0.3f);
        assert_true(k == 0 || fabsf(b.squint - track[k - 1]) < 0.03f);
        n += b.squint > 0.06f && !was;
        was = was ? b.squint > 0.03f : b.squint > 0.06f;
    }
    sd = deviation(track, N_STEPS);
    print_message("narrowed %.1f times a minute, +-%.3f\n", (double)n / MINUTES, sd);
    assert_true(n > 7 * MINUTES && n < 25 * MINUTES && sd > 0.02 && sd < 0.06);
    b.squint = 0.2f;
    limner_brow_apply(&b, 0.5f, &m);
    assert_float_equal(m.expression[LIMNER_EYE_SQUINT_LEFT], 0.1f, 1e-6f);
    assert_true(m.expression[LIMNER_CHEEK_SQUINT_LEFT] > 0.02f);
    limner_brow_init(&b, 2);
    for (int k = 0; k < N_STEPS; k++) {
        const limner_prosody v = silence_at(k);

        limner_brow_step(&b, &v);
        assert_true(b.squint < 1e-6f);
    }
}

/* People raise brows at words that stand out rather than elsewhere, but not with every one, and
 * frown besides: of all raises at most two thirds begin at an accent of this voice. */
static void brows_go_with_words_but_not_with_each(void **state)
{
    limner_brow b;
    int at_accents = 0, raises = 0, frowns = 0, since = 1000;
    float was_up = 0.0f, was_down = 0.0f;

    (void)state;
    limner_brow_init(&b, 3);
    for (int k = 0; k < N_STEPS; k++) {
        limner_prosody v = voice_at(k);

        v.stress = 0.3f;
        since = v.is_accent ? 0 : since + 1;
        limner_brow_step(&b, &v);
        if (b.raise.left_s > was_up) {
            raises++;
            at_accents += since == 0;
        }
        frowns += b.frown.left_s > was_down;
        was_up = b.raise.left_s;
        was_down = b.frown.left_s;
    }
    print_message("%.1f raises a minute, %.2f at accents; %.1f frowns\n",
                  (double)raises / MINUTES, (double)at_accents / raises,
                  (double)frowns / MINUTES);
    assert_true(at_accents > 0.2 * raises && at_accents < 0.67 * raises);
    assert_true(frowns > 8 * MINUTES && frowns < 30 * MINUTES);
}

/* Cheeks and the wings of the nose go with lips that speech spreads. */
static void spread_lips_lift_the_cheeks(void **state)
{
    static const float NEUTRAL[LIMNER_N_EMOTION];
    limner_motion m = {.yaw = 0.0f};
    limner_smile s;

    (void)state;
    limner_smile_init(&s);
    m.expression[LIMNER_MOUTH_SMILE_LEFT] = m.expression[LIMNER_MOUTH_SMILE_RIGHT] = 0.2f;
    limner_smile_apply(&s, NEUTRAL, 1.0f, &m);
    assert_float_equal(m.expression[LIMNER_MOUTH_SMILE_LEFT], 0.2f, 1e-6f);
    assert_true(m.expression[LIMNER_CHEEK_SQUINT_LEFT] > 0.03f);
    assert_true(m.expression[LIMNER_NOSE_SNEER_RIGHT] > 0.015f);
}

static void smiles_pass_and_give_way(void **state)
{
    static const float GLAD[LIMNER_N_EMOTION], GRIM[LIMNER_N_EMOTION] = {[LIMNER_SAD] = 0.7f};
    limner_motion m = {.yaw = 0.0f};
    limner_smile s;
    double sd;

    (void)state;
    limner_smile_init(&s);
    for (int k = 0; k < N_STEPS; k++) {
        const limner_prosody v = voice_at(k);

        limner_smile_step(&s, &v);
        track[k] = s.size;
        assert_true(s.size >= 0.0f && s.size < 0.3f);
        assert_true(k == 0 || fabsf(s.size - track[k - 1]) < 0.01f);
    }
    sd = deviation(track, N_STEPS);
    print_message("smile %.3f, +-%.3f\n", mean(track, N_STEPS), sd);
    assert_true(sd > 0.025 && sd < 0.06);
    s.size = 0.1f;
    limner_smile_apply(&s, GRIM, 1.0f, &m);
    assert_true(m.expression[LIMNER_MOUTH_SMILE_LEFT] == 0.0f);
    limner_smile_apply(&s, GLAD, 1.0f, &m);
    assert_float_equal(m.expression[LIMNER_MOUTH_SMILE_LEFT], 0.1f, 1e-6f);
    assert_float_equal(m.expression[LIMNER_CHEEK_SQUINT_RIGHT], 0.045f, 1e-6f);
}

/* What an emotion adds to coefficient `index` of a mouth whose jaw is open by `jaw`. */
static float added_in(limner_emotion e, int index, float talk, float jaw, float closure)
{
    float emotion[LIMNER_N_EMOTION] = {0};
    limner_motion m = {.yaw = 0.0f};
    float before;

    emotion[e] = 0.7f;
    m.expression[LIMNER_JAW_OPEN] = jaw;
    before = m.expression[index];
    limner_emotion_apply(emotion, 1.0f, talk, closure, &m);
    return m.expression[index] - before;
}

static float added(limner_emotion e, int index, float jaw, float closure)
{
    return added_in(e, index, 0.0f, jaw, closure);
}

static void emotions_leave_the_mouth_to_speech(void **state)
{
    const float frown = added(LIMNER_SAD, LIMNER_MOUTH_FROWN_LEFT, 0.0f, 0.0f);
    const float wide = added(LIMNER_SURPRISED, LIMNER_JAW_OPEN, 0.0f, 0.0f);

    (void)state;
    assert_true(added(LIMNER_SAD, LIMNER_MOUTH_SHRUG_LOWER, 0.0f, 0.0f) > 0.25f);
    assert_true(added(LIMNER_SAD, LIMNER_MOUTH_SHRUG_LOWER, 0.1f, 0.0f) < 0.05f);
    assert_true(frown > 0.5f);
    assert_true(added(LIMNER_SAD, LIMNER_MOUTH_FROWN_LEFT, 0.3f, 0.0f) < 0.7f * frown);
    assert_true(added(LIMNER_SAD, LIMNER_MOUTH_FROWN_LEFT, 0.3f, 0.0f) > 0.5f * frown);
    assert_true(wide > 0.1f && added(LIMNER_SURPRISED, LIMNER_JAW_OPEN, 0.3f, 0.0f) < 0.4f * wide);
    assert_true(added(LIMNER_SURPRISED, LIMNER_JAW_OPEN, 0.0f, 1.0f) == 0.0f);
    assert_true(added_in(LIMNER_SURPRISED, LIMNER_JAW_OPEN, 1.0f, 0.0f, 0.0f) == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brows_rise_now_and_then),
        cmocka_unit_test(brows_go_with_words_but_not_with_each),
        cmocka_unit_test(eyes_narrow_in_talk_alone),
        cmocka_unit_test(spread_lips_lift_the_cheeks),
        cmocka_unit_test(smiles_pass_and_give_way),
        cmocka_unit_test(emotions_leave_the_mouth_to_speech),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
