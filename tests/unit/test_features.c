/* SPDX-License-Identifier: Apache-2.0 */
/* audio/features and audio/pitch on sounds whose pitch, level and spectrum are known. */
#include "audio/features.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/pitch.h"
#include "core/mem.h"
#include "core/rng.h"

enum { MAX_FRAMES = 1200 };

static limner_feature_frame frame[MAX_FRAMES];

/* All frames of a sound, given in chunks; returns their number. */
static int run(const float *pcm, size_t n, size_t chunk, limner_feature_frame *out)
{
    limner_features *f;
    int n_frames = 0;

    assert_int_equal(limner_features_open(&f), LIMNER_OK);
    for (size_t at = 0; at < n;) {
        size_t give = n - at < chunk ? n - at : chunk, used;

        n_frames += limner_features_push(f, pcm + at, give, &used, &out[n_frames]);
        at += used;
    }
    limner_features_close(&f);
    return n_frames;
}

/* A voice: harmonics of f0 up to 4 kHz, stronger near two formants. */
static void add_vowel(float *pcm, size_t from, size_t to, float f0, float f1, float f2, float size)
{
    for (float hz = f0; hz < 4000.0f; hz += f0) {
        float gain = size * (1.0f / (1.0f + powf((hz - f1) / 120.0f, 2.0f)) +
                             0.4f / (1.0f + powf((hz - f2) / 150.0f, 2.0f)));

        for (size_t i = from; i < to; i++)
            pcm[i] += gain * sinf(6.2831853f * fmodf(hz * (float)i / 16000.0f, 1.0f));
    }
}

static void add_noise(float *pcm, size_t from, size_t to, float size)
{
    limner_rng r;

    limner_rng_init(&r, 9, 9);
    for (size_t i = from; i < to; i++)
        pcm[i] += size * limner_rng_normal(&r);
}

static void pitch_is_right_within_one_percent(void **state)
{
    static const float HZ[] = {70.0f, 100.0f, 147.3f, 220.0f, 311.0f, 440.0f, 700.0f};
    float pcm[LIMNER_PITCH_N_SAMPLES], voicing;

    (void)state;
    for (size_t k = 0; k < sizeof(HZ) / sizeof(HZ[0]); k++) {
        float hz;

        memset(pcm, 0, sizeof(pcm));
        add_vowel(pcm, 0, LIMNER_PITCH_N_SAMPLES, HZ[k], 600.0f, 1400.0f, 0.2f);
        hz = limner_pitch_estimate(pcm, &voicing);
        assert_true(fabsf(hz / HZ[k] - 1.0f) < 0.01f);
        assert_true(voicing > 0.9f);
    }
}

static void noise_and_silence_have_no_voice(void **state)
{
    float pcm[LIMNER_PITCH_N_SAMPLES] = {0}, voicing;

    (void)state;
    assert_true(limner_pitch_estimate(pcm, &voicing) == 0.0f);
    assert_true(voicing == 0.0f);
    add_noise(pcm, 0, LIMNER_PITCH_N_SAMPLES, 0.1f);
    limner_pitch_estimate(pcm, &voicing);
    assert_true(voicing < 0.3f);
}

static void loudness_of_a_tone_is_its_mean_square(void **state)
{
    static float pcm[8000];
    int n;

    (void)state;
    for (int i = 0; i < 8000; i++)
        pcm[i] = 0.1f * sinf(6.2831853f * fmodf(1000.0f * (float)i / 16000.0f, 1.0f));
    n = run(pcm, 8000, 160, frame);
    assert_int_equal(n, (8000 - LIMNER_FEATURES_AHEAD) / LIMNER_FEATURES_HOP + 1);
    for (int k = 3; k < n; k++)
        assert_true(fabsf(frame[k].loudness_db + 23.01f) < 0.1f);
}

static void mel_bands_peak_where_the_tone_is(void **state)
{
    static const float HZ[] = {200.0f, 1000.0f, 3000.0f, 6000.0f};
    static float pcm[4000];

    (void)state;
    for (int k = 0; k < 4; k++) {
        const float *mel = frame[10].mel;
        float low = 2595.0f * log10f(1.0f + 20.0f / 700.0f);
        float high = 2595.0f * log10f(1.0f + 7600.0f / 700.0f);
        float want = (2595.0f * log10f(1.0f + HZ[k] / 700.0f) - low) / (high - low) * 81.0f - 1.0f;
        int best = 0;

        for (int i = 0; i < 4000; i++)
            pcm[i] = 0.1f * sinf(6.2831853f * fmodf(HZ[k] * (float)i / 16000.0f, 1.0f));
        run(pcm, 4000, 4000, frame);
        for (int m = 1; m < LIMNER_FEATURES_N_MEL; m++)
            best = mel[m] > mel[best] ? m : best;
        assert_true(fabsf((float)best - want) <= 1.1f);
    }
}

static void formants_and_hiss_show(void **state)
{
    static float pcm[48000];
    const limner_feature_frame *a, *i, *s;

    (void)state;
    memset(pcm, 0, sizeof(pcm));
    add_vowel(pcm, 0, 16000, 120.0f, 750.0f, 1200.0f, 0.1f);
    add_vowel(pcm, 16000, 32000, 120.0f, 300.0f, 2300.0f, 0.1f);
    add_noise(pcm, 32000, 48000, 0.05f);
    for (size_t k = 47999; k > 32000; k--)      /* first difference twice: high bands only */
        pcm[k] -= pcm[k - 1];
    for (size_t k = 47999; k > 32001; k--)
        pcm[k] -= pcm[k - 1];
    run(pcm, 48000, 48000, frame);
    a = &frame[50];
    i = &frame[150];
    s = &frame[250];
    assert_true(a->f1_hz > i->f1_hz + 200.0f);
    assert_true(i->f2_hz > a->f2_hz + 600.0f);
    assert_true(a->voicing > 0.8f && i->voicing > 0.8f && s->voicing < 0.4f);
    assert_true(s->sibilance > 0.7f && a->sibilance < 0.1f);
    assert_true(fabsf(a->f0_hz - 120.0f) < 2.0f);
}

/* 4 syllables a second in background noise, overall gain `gain`. */
static void make_speech(float *pcm, size_t n, float gain, float noise)
{
    memset(pcm, 0, n * sizeof(float));
    for (size_t at = 0; at + 4000 <= n; at += 4000)
        add_vowel(pcm, at, at + 2600, 130.0f, 600.0f, 1500.0f, 0.1f * gain);
    add_noise(pcm, 0, n, noise * gain);
}

static void level_does_not_depend_on_the_gain(void **state)
{
    static float pcm[64000];
    static limner_feature_frame loud[MAX_FRAMES];
    float sum = 0.0f;
    int n;

    (void)state;
    make_speech(pcm, 64000, 1.0f, 0.001f);
    n = run(pcm, 64000, 1000, loud);
    make_speech(pcm, 64000, 0.03f, 0.001f);     /* 30 dB less */
    run(pcm, 64000, 1000, frame);
    for (int k = 150; k < n; k++) {             /* after 1.5 s of adaptation */
        assert_true(fabsf(frame[k].level - loud[k].level) < 0.2f);
        sum += fabsf(frame[k].activity - loud[k].activity);
    }
    assert_true(sum / (float)(n - 150) < 0.03f);
}

static void steady_noise_is_not_speech(void **state)
{
    static float pcm[64000];
    float sum = 0.0f;
    int n;

    (void)state;
    memset(pcm, 0, sizeof(pcm));
    add_noise(pcm, 0, 64000, 0.1f);
    n = run(pcm, 64000, 64000, frame);
    for (int k = 20; k < n; k++)
        sum += frame[k].activity;
    assert_true(sum / (float)(n - 20) < 0.02f);
}

static void a_long_note_stays_active(void **state)
{
    static float pcm[160000];
    int n;

    (void)state;
    memset(pcm, 0, sizeof(pcm));
    add_vowel(pcm, 0, 160000, 220.0f, 700.0f, 1200.0f, 0.1f);
    n = run(pcm, 160000, 160000, frame);
    for (int k = 20; k < n; k++)
        assert_true(frame[k].activity > 0.9f && frame[k].level > 0.8f);
}

static void chunks_change_nothing(void **state)
{
    static const size_t CHUNKS[] = {1, 7, 160};
    static float pcm[16000];
    static limner_feature_frame other[MAX_FRAMES];
    int n;

    (void)state;
    make_speech(pcm, 16000, 1.0f, 0.01f);
    n = run(pcm, 16000, 16000, frame);
    for (int c = 0; c < 3; c++) {
        assert_int_equal(run(pcm, 16000, CHUNKS[c], other), n);
        assert_memory_equal(other, frame, (size_t)n * sizeof(frame[0]));
    }
}

static void bad_samples_give_finite_features(void **state)
{
    static float pcm[8000];
    int n;

    (void)state;
    for (int i = 0; i < 8000; i++)
        pcm[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30f;
    n = run(pcm, 8000, 100, frame);
    for (int k = 0; k < n; k++) {
        const float *x = (const float *)(const void *)&frame[k];

        for (size_t i = 0; i < sizeof(frame[k]) / sizeof(float); i++)
            assert_true(isfinite(x[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitch_is_right_within_one_percent),
        cmocka_unit_test(noise_and_silence_have_no_voice),
        cmocka_unit_test(loudness_of_a_tone_is_its_mean_square),
        cmocka_unit_test(mel_bands_peak_where_the_tone_is),
        cmocka_unit_test(formants_and_hiss_show),
        cmocka_unit_test(level_does_not_depend_on_the_gain),
        cmocka_unit_test(steady_noise_is_not_speech),
        cmocka_unit_test(a_long_note_stays_active),
        cmocka_unit_test(chunks_change_nothing),
        cmocka_unit_test(bad_samples_give_finite_features),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
