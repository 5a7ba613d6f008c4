/* SPDX-License-Identifier: Apache-2.0 */
/* Takes from pictures, files and by hand; loudness and silences of sounds with known pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../io/files.h"
#include "eval/take.h"
#include "fixture.h"
#include "io/media.h"

#define PI 3.14159265358979323846

enum { FPS = 25, N_FRAMES = 100, N_SAMPLES = 4 * EVAL_RATE_HZ };

static void assert_near(double value, double expected, double slack)
{
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* ---- by hand ---- */

/* Four seconds of a tone of full scale with a hum 60 dB below it from from_s to end_s. */
static eval_take sounding(double from_s, double end_s)
{
    static float pcm[N_SAMPLES];
    static limner_tracked tracked[N_FRAMES];
    static eval_measures measures[N_FRAMES];

    for (int i = 0; i < N_SAMPLES; i++) {
        const double t = (double)i / EVAL_RATE_HZ;
        const double gain = t >= from_s && t < end_s ? 0.001 : 1;
        pcm[i] = (float)(gain * sin(2 * PI * 400 * t));
    }
    memset(tracked, 0, sizeof(tracked));
    return (eval_take){.fps = FPS,
                       .n_frames = N_FRAMES,
                       .tracked = tracked,
                       .measures = measures,
                       .pcm = pcm,
                       .n_samples = N_SAMPLES};
}

static void pauses_of_300_ms_are_silences(void **state)
{
    bool is_silent[N_FRAMES];
    double loudness[N_FRAMES];

    (void)state;
    eval_take take = sounding(1.0, 1.6);
    assert_int_equal(eval_take_loudness(loudness, is_silent, &take, 0), 0);
    for (int i = 0; i < N_FRAMES; i++) {
        const double t = (i + 0.5) / FPS;
        if (fabs(t - 1.0) > 0.05 && fabs(t - 1.6) > 0.05) {
            assert_int_equal(is_silent[i], t > 1.0 && t < 1.6);
            assert_near(loudness[i], t > 1.0 && t < 1.6 ? 0 : 1, 1e-6);
        }
    }
    take = sounding(1.0, 1.25);
    assert_int_equal(eval_take_loudness(NULL, is_silent, &take, 0), 0);
    for (int i = 0; i < N_FRAMES; i++)
        assert_false(is_silent[i]);
}

static void amplitude_is_the_root_mean_square(void **state)
{
    double amplitude[N_FRAMES];

    (void)state;
    eval_take take = sounding(1.0, 2.0);
    assert_int_equal(eval_take_amplitude(amplitude, &take), 0);
    assert_near(amplitude[10], sqrt(0.5), 1e-4);
    assert_near(amplitude[37], 0.001 * sqrt(0.5), 1e-6);
    take.n_samples /= 2;
    assert_int_equal(eval_take_amplitude(amplitude, &take), 0);
    assert_true(isnan(amplitude[60]));
}

/* Sound that is late is read later, and what lies beyond it is not there. */
static void sound_is_shifted(void **state)
{
    bool is_silent[N_FRAMES];
    double loudness[N_FRAMES];

    (void)state;
    const eval_take take = sounding(2.0, 3.0);
    assert_int_equal(eval_take_loudness(loudness, is_silent, &take, 0.4), 0);
    assert_true(is_silent[42] && is_silent[62] && !is_silent[38] && !is_silent[67]);
    assert_true(isnan(loudness[95]) && !isnan(loudness[85]));
    assert_int_equal(eval_take_loudness(loudness, is_silent, &take, -0.4), 0);
    assert_true(isnan(loudness[5]) && !is_silent[5] && is_silent[62]);
}

static void without_sound_nothing_is_loud_or_silent(void **state)
{
    bool is_silent[N_FRAMES];
    double loudness[N_FRAMES];

    (void)state;
    eval_take take = sounding(0, 4);
    take.pcm = NULL;
    take.n_samples = 0;
    assert_int_equal(eval_take_loudness(loudness, is_silent, &take, 0), 0);
    for (int i = 0; i < N_FRAMES; i++)
        assert_true(isnan(loudness[i]) && !is_silent[i]);
}

static void series_have_gaps_where_the_face_is_lost(void **state)
{
    double v[N_FRAMES];

    (void)state;
    eval_take take = sounding(0, 4);
    for (int i = 0; i < N_FRAMES; i++) {
        take.tracked[i].is_found = i != 7;
        take.tracked[i].motion.yaw = (float)i;
        take.measures[i] = (eval_measures){.lid = {0.1, 0.3},
                                           .centre_px = {2.0 * i, 5},
                                           .face_height_px = i != 7 ? 80 : (double)NAN};
    }
    eval_take_series(v, &take, EVAL_YAW);
    assert_true(isnan(v[7]));
    assert_near(v[8], 8, 0);
    eval_take_series(v, &take, EVAL_LIDS);
    assert_near(v[3], 0.2, 1e-12);
    eval_take_series(v, &take, EVAL_CENTRE_X); /* 80 px of face become 160 */
    assert_near(v[3], 12, 1e-12);
}

/* ---- from pictures and files ---- */

static void each_picture_becomes_a_frame(void **state)
{
    const fixture *fix = *state;
    uint8_t *black = calloc(256 * 256, 3);
    const limner_photo nothing = {black, 3 * 256, 256, 256};
    eval_taker *t;
    eval_take take;

    assert_non_null(black);
    assert_int_equal(eval_taker_open(&t, fix->model, 30), LIMNER_OK);
    for (int i = 0; i < 12; i++) {
        const limner_photo *photo = i < 8 ? &fix->photo : &nothing;
        assert_int_equal(eval_taker_push(t, photo), LIMNER_OK);
    }
    assert_int_equal(eval_taker_finish(&t, &take), LIMNER_OK);
    assert_null(t);
    assert_int_equal(take.n_frames, 12);
    assert_near(take.fps, 30, 0);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(take.tracked[i].pts, i);
        assert_int_equal(take.tracked[i].is_found, i < 8);
        assert_int_equal(isnan(take.measures[i].opening) != 0, i >= 8);
    }
    assert_true(take.measures[3].eye_distance_px > 20 && take.measures[3].opening < 0.2);
    eval_take_close(&take);
    eval_take_close(&take);
    free(black);
}

static void given_up_taker_leaves_nothing(void **state)
{
    const fixture *fix = *state;
    eval_taker *t;

    assert_int_equal(eval_taker_open(&t, fix->model, 25), LIMNER_OK);
    assert_int_equal(eval_taker_push(t, &fix->photo), LIMNER_OK);
    eval_taker_close(&t);
    assert_null(t);
    eval_taker_close(&t);
}

static void photo_is_a_silent_video_of_one_frame(void **state)
{
    const fixture *fix = *state;
    const char *source = getenv("LIMNER_SOURCE");
    char path[4096], err[LIMNER_IO_ERROR_SIZE];
    eval_take take;

    snprintf(path, sizeof(path), "%s/assets/demo.jpg", source ? source : ".");
    assert_int_equal(eval_take_of_video(&take, fix->model, path, 0, err), 0);
    assert_int_equal(take.n_frames, 1);
    assert_true(take.tracked[0].is_found);
    assert_null(take.pcm);
    eval_take_close(&take);
    assert_int_equal(eval_take_of_video(&take, fix->model, test_path("absent.mp4"), 0, err), -1);
    assert_non_null(strstr(err, "absent.mp4"));
}

static void sound_comes_at_the_rate_and_no_longer(void **state)
{
    char err[LIMNER_IO_ERROR_SIZE];
    const char *path = test_path("tone.wav");
    eval_take take = {0};

    (void)state;
    test_wav(path, TEST_PCM, 16, 44100, 2, 2, -1);
    assert_int_equal(eval_take_sound(&take, path, 0, err), 0);
    assert_near((double)take.n_samples, 2 * EVAL_RATE_HZ, 32);
    assert_int_equal(eval_take_sound(&take, path, 0.5, err), 0);
    assert_int_equal(take.n_samples, EVAL_RATE_HZ / 2);
    test_write(path, "no sound", 8);
    assert_int_equal(eval_take_sound(&take, path, 0, err), -1);
    assert_null(take.pcm);
    eval_take_close(&take);
    test_remove_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_of_300_ms_are_silences),
        cmocka_unit_test(amplitude_is_the_root_mean_square),
        cmocka_unit_test(sound_is_shifted),
        cmocka_unit_test(without_sound_nothing_is_loud_or_silent),
        cmocka_unit_test(series_have_gaps_where_the_face_is_lost),
        cmocka_unit_test(each_picture_becomes_a_frame),
        cmocka_unit_test(given_up_taker_leaves_nothing),
        cmocka_unit_test(photo_is_a_silent_video_of_one_frame),
        cmocka_unit_test(sound_comes_at_the_rate_and_no_longer),
    };

    return cmocka_run_group_tests_name("eval take", tests, fixture_open, fixture_close);
}
