/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of takes made by hand, whose motion is known: each figure is what it should be, and what
 * is made wrong shows in the figure that is meant to tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/speech_report.h"
#include "eval/talk.h"

#define PI 3.14159265358979323846

enum { FPS = 25, SECONDS = 20, N = FPS * SECONDS, N_SAMPLES = SECONDS * EVAL_RATE_HZ };

static void assert_near(double value, double expected, double slack)
{
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* 2 s of voice, 1 s of silence, over and over. */
static bool has_voice(double t)
{
    return fmod(t, 3) < 2;
}

/* Syllables: 3 a second, opening and loudness together. */
static double syllable(double t)
{
    return 0.5 - 0.5 * cos(2 * PI * 3 * t);
}

static void place_lips(limner_tracked *k, double opening)
{
    for (int i = 0; i < EVAL_N_LIPS; i++) {
        const double turn = 2 * PI * i / EVAL_N_LIPS;
        k->landmarks[eval_lips[i]][0] = (float)(128 + 20 * cos(turn));
        k->landmarks[eval_lips[i]][1] = (float)(180 + 40 * opening * sin(turn));
    }
}

/* A talker: yaw 6 degrees at 0.75 Hz, pitch 3 at 3 Hz, gaze on the camera, no blinks. */
static int open_take(void **state)
{
    static eval_take take;

    take = (eval_take){.fps = FPS, .n_frames = N, .n_samples = N_SAMPLES};
    take.tracked = calloc(N, sizeof(*take.tracked));
    take.measures = calloc(N, sizeof(*take.measures));
    take.pcm = calloc(N_SAMPLES, sizeof(*take.pcm));
    if (!take.tracked || !take.measures || !take.pcm)
        return -1;
    for (int i = 0; i < N; i++) {
        const double t = (i + 0.5) / FPS, opening = has_voice(t) ? 0.3 * syllable(t) : 0.02;
        take.tracked[i].is_found = 1;
        take.tracked[i].motion.yaw = (float)(6 * sin(2 * PI * 0.75 * t));
        take.tracked[i].motion.pitch = (float)(3 * sin(2 * PI * 3 * t));
        place_lips(&take.tracked[i], opening);
        take.measures[i] = (eval_measures){.eye_distance_px = 60,
                                           .opening = opening,
                                           .width = 0.8,
                                           .lid = {0.3, 0.3},
                                           .brow = 0.3,
                                           .centre_px = {128, 128},
                                           .face_height_px = 160};
    }
    for (int i = 0; i < N_SAMPLES; i++) {
        const double t = (double)i / EVAL_RATE_HZ;
        const double gain = has_voice(t) ? pow(10, 2 * syllable(t) - 2) : 1e-4;
        take.pcm[i] = (float)(gain * sin(2 * PI * 300 * t));
    }
    *state = &take;
    return 0;
}

static int close_take(void **state)
{
    eval_take *take = *state;

    free(take->tracked);
    free(take->measures);
    free(take->pcm);
    return 0;
}

static eval_talk talk_of(const eval_take *take)
{
    eval_talk t;

    assert_int_equal(eval_talk_of(&t, take), 0);
    return t;
}

/* ---- head ---- */

static void head_figures_are_those_of_its_waves(void **state)
{
    const eval_talk t = talk_of(*state);
    const double step_yaw = 2 * sin(PI * 0.75 / FPS) * 6 / sqrt(2);
    const double step_pitch = 2 * sin(PI * 3.0 / FPS) * 3 / sqrt(2);

    assert_near(t.yaw_std, 6 / sqrt(2), 0.01);
    assert_near(t.pitch_std, 3 / sqrt(2), 0.01);
    assert_near(t.roll_std, 0, 1e-6);
    assert_near(t.yaw_speed, 6 / sqrt(2) * 2 * PI * 0.75, 0.3);
    assert_near(t.band[1] + t.band[2] + t.band[3], 1, 0.01); /* the window reaches 1 Hz */
    assert_near(t.band[3] / (t.band[1] + t.band[2]), pow(step_pitch / step_yaw, 2), 0.1);
    assert_near(
        t.head_motion,
        sqrt((t.yaw_std + t.pitch_std) / 3 * (step_yaw * step_yaw + step_pitch * step_pitch) / 3),
        0.01);
    assert_near(t.head_motion_place, t.head_motion, 1e-9);
    assert_true(t.jitter_deg < 0.1);
}

static void place_counts_in_thevals_form_only(void **state)
{
    eval_take *take = *state;
    const double before = talk_of(take).head_motion;

    for (int i = 0; i < N; i++)
        take->measures[i].centre_px[0] += i % 2 ? 4 : -4;
    const eval_talk t = talk_of(take);
    assert_near(t.head_motion, before, 1e-9);
    assert_near(t.head_motion_place, sqrt(before * before + 8), 1e-6);
}

static void trembling_is_jitter_and_lost_frames_are_not(void **state)
{
    eval_take *take = *state;

    for (int i = 200; i < 220; i++)
        take->tracked[i].is_found = 0;
    assert_true(talk_of(take).jitter_deg < 0.1);
    assert_near(talk_of(take).found, 1 - 20.0 / N, 1e-12);
    for (int i = 0; i < N; i++)
        take->tracked[i].motion.roll += i % 2 ? 0.5f : -0.5f;
    assert_near(talk_of(take).jitter_deg, 0.5 / sqrt(3), 0.06);
}

/* ---- lips ---- */

static void lips_that_follow_the_sound_are_told(void **state)
{
    eval_take *take = *state;
    const eval_talk good = talk_of(take);

    assert_near(good.opening_p95, 0.3, 0.01);
    assert_near(good.silent_lip, 0, 1e-6);
    const size_t late = EVAL_RATE_HZ * 4 / 25;
    memmove(take->pcm, take->pcm + late, (N_SAMPLES - late) * sizeof(*take->pcm));
    take->n_samples -= late;
    assert_true(talk_of(take).loudness_sync > good.loudness_sync + 0.1);
}

static void restless_silence_is_told(void **state)
{
    eval_take *take = *state;

    for (int i = 0; i < N; i++)
        take->measures[i].opening += i % 2 ? 0.01 : -0.01;
    assert_near(talk_of(take).silent_lip, 0.01, 0.0005);
}

static void frozen_mouth_is_told(void **state)
{
    eval_take *take = *state;

    assert_true(talk_of(take).lip_dynamics > 1);
    for (int i = 0; i < N; i++) {
        place_lips(&take->tracked[i], 0.1);
        take->measures[i].opening = 0.1;
    }
    const eval_talk t = talk_of(take);
    assert_near(t.lip_dynamics, 0, 1e-6);
    assert_near(t.opening_std, 0, 1e-9);
    assert_true(isnan(t.loudness_sync));
}

static void lip_dynamics_do_not_know_the_size(void **state)
{
    eval_take *take = *state;
    const double before = talk_of(take).lip_dynamics;

    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 478; k++) {
            take->tracked[i].landmarks[k][0] *= 3;
            take->tracked[i].landmarks[k][1] *= 3;
        }
        take->measures[i].face_height_px *= 3;
    }
    assert_near(talk_of(take).lip_dynamics, before, 1e-4);
}

static void without_sound_only_sound_is_missing(void **state)
{
    eval_take *take = *state;

    free(take->pcm);
    take->pcm = NULL;
    take->n_samples = 0;
    const eval_talk t = talk_of(take);
    assert_true(isnan(t.silent_lip) && isnan(t.loudness_sync));
    assert_false(isnan(t.opening_std) || isnan(t.head_motion) || isnan(t.brow_motion));
}

/* ---- eyes ---- */

/* Closes the lids to `share` of open from frame `first` on for n frames. */
static void blink(eval_take *take, int first, int n, double share)
{
    for (int i = first; i < first + n; i++)
        take->measures[i].lid[0] = take->measures[i].lid[1] = 0.3 * share;
}

static void blinks_are_counted_and_squints_are_not(void **state)
{
    eval_take *take = *state;
    eval_run run[4];

    blink(take, 40, 4, 0.2);
    blink(take, 100, 6, 0.5);
    blink(take, 150, 5, 0.6);  /* not shut */
    blink(take, 200, 30, 0.1); /* shut for too long */
    take->tracked[102].is_found = 0;
    assert_int_equal(eval_blinks(run, 4, take), 2);
    assert_int_equal(run[1].first, 100);
    assert_int_equal(run[1].end, 106);
    assert_int_equal(eval_blinks(run, 1, take), 1);
    const eval_talk t = talk_of(take);
    assert_near(t.n_blinks, 2, 0);
    assert_near(t.blinks_per_min, 6, 1e-9);
    assert_near(t.blink_ms, 200, 1e-9);
}

static void gaze_on_the_camera_counter_rotates(void **state)
{
    eval_take *take = *state;

    assert_near(talk_of(take).gaze_head_r, -1, 1e-6);
    assert_near(talk_of(take).gaze_yaw_std, 6 / sqrt(2), 0.01);
    for (int i = 0; i < N; i++) /* eyes fixed in the head, but for a wave of their own */
        take->tracked[i].motion.gaze_yaw =
            take->tracked[i].motion.yaw + (float)sin(2 * PI * 0.45 * i / FPS);
    assert_true(fabs(talk_of(take).gaze_head_r) < 0.1);
    for (int i = 0; i < N; i++)
        take->tracked[i].motion.yaw *= 0.1f;
    assert_true(isnan(talk_of(take).gaze_head_r));
}

static void gaze_jumps_are_counted_but_not_in_blinks(void **state)
{
    eval_take *take = *state;

    for (int i = 0; i < N; i++) {
        take->tracked[i].motion.yaw = 0;
        take->tracked[i].motion.gaze_yaw = i >= 100 && i < 250 ? 8 : i >= 400 ? 9 : 0;
    }
    assert_near(talk_of(take).saccades_per_min, 9, 1e-9);
    blink(take, 398, 4, 0.2);
    assert_near(talk_of(take).saccades_per_min, 6, 1e-9);
}

/* ---- all ---- */

static void short_takes_say_less(void **state)
{
    eval_take *take = *state;

    take->n_frames = 3 * FPS;
    const eval_talk three = talk_of(take);
    assert_true(isnan(three.band[0]) && isnan(three.blinks_per_min));
    assert_false(isnan(three.yaw_std));
    take->n_frames = FPS;
    const eval_talk one = talk_of(take);
    assert_true(isnan(one.yaw_std) && isnan(one.lip_dynamics) && isnan(one.gaze_yaw_std));
    assert_false(isnan(one.brow_motion));
    take->n_frames = 0;
    assert_near(talk_of(take).found, 0, 0);
}

static void takes_without_a_face_say_nothing(void **state)
{
    eval_take *take = *state;

    for (int i = 0; i < N; i++)
        take->tracked[i].is_found = 0;
    const eval_talk t = talk_of(take);
    assert_near(t.found, 0, 0);
    for (int i = 2; i < eval_n_talk_fields; i++) {
        const double v = eval_talk_value(&t, &eval_talk_fields[i]);
        if (!isnan(v))
            fail_msg("%s is %g", eval_talk_fields[i].key, v);
    }
}

static void score_is_the_mean_closeness(void **state)
{
    eval_talk real, other;

    (void)state;
    memset(&real, 0, sizeof(real));
    real.silent_lip = 0.03;
    real.lip_dynamics = 3;
    real.head_motion = 1.4;
    real.brow_motion = 0.005;
    real.loudness_sync = 0.25;
    real.blinks_per_min = 20;
    assert_near(eval_talk_score(&real, &real), 1, 1e-12);
    other = real;
    other.lip_dynamics = 4.5; /* 0.5 */
    other.head_motion = 14;   /* 0 */
    assert_near(eval_talk_score(&other, &real), 4.5 / 6, 1e-12);
    other.silent_lip = (double)NAN;
    real.blinks_per_min = 0;
    assert_near(eval_talk_score(&other, &real), 2.5 / 4, 1e-12);
}

/* Two takes that miss in opposite directions are right as a set. */
static void a_set_is_scored_by_its_means(void **state)
{
    static eval_speech_clip clips[2];
    eval_speech_means means;

    (void)state;
    for (int i = 0; i < 2; i++) {
        eval_talk *real = &clips[i].real;
        real->seconds = 10;
        real->silent_lip = 0.02;
        real->lip_dynamics = 2;
        real->head_motion = 1.4;
        real->brow_motion = 0.005;
        real->loudness_sync = 0.25;
        real->n_blinks = 3;
        clips[i].n_seeds = 1;
        clips[i].made[0] = *real;
        clips[i].made[0].lip_dynamics = i ? 3 : 1;
        clips[i].made[0].n_blinks = i ? 6 : 0;
    }
    assert_int_equal(eval_speech_mean(&means, clips, 2), 0);
    assert_near(means.score, 1, 1e-12);
    assert_true(means.score_takes < 0.9);
    clips[0].made[0].lip_dynamics = 3; /* 0.5 of one of six */
    assert_int_equal(eval_speech_mean(&means, clips, 2), 0);
    assert_near(means.score, 5.5 / 6, 1e-12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_take, close_take)
    const struct CMUnitTest tests[] = {
        TEST(head_figures_are_those_of_its_waves),
        TEST(place_counts_in_thevals_form_only),
        TEST(trembling_is_jitter_and_lost_frames_are_not),
        TEST(lips_that_follow_the_sound_are_told),
        TEST(restless_silence_is_told),
        TEST(frozen_mouth_is_told),
        TEST(lip_dynamics_do_not_know_the_size),
        TEST(without_sound_only_sound_is_missing),
        TEST(blinks_are_counted_and_squints_are_not),
        TEST(gaze_on_the_camera_counter_rotates),
        TEST(gaze_jumps_are_counted_but_not_in_blinks),
        TEST(short_takes_say_less),
        TEST(takes_without_a_face_say_nothing),
        TEST(score_is_the_mean_closeness),
        TEST(a_set_is_scored_by_its_means),
    };

    return cmocka_run_group_tests_name("eval talk", tests, NULL, NULL);
}
