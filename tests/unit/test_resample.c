/* SPDX-License-Identifier: Apache-2.0 */
/* audio/resample: tones keep place and size, what cannot be kept is gone, chunks change nothing. */
#include "audio/resample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

static const uint32_t RATES[] = {8000, 11025, 16000, 22050, 24000, 32000, 44100, 44101, 48000,
                                 96000, 191999, 192000};
enum { N_RATES = sizeof(RATES) / sizeof(RATES[0]) };

/* Resamples all of `in` in chunks; returns the number of samples in out [n_out]. */
static size_t run(uint32_t rate_hz, const float *in, size_t n_in, size_t chunk, float *out,
                  size_t n_out)
{
    limner_resampler *r;
    size_t at = 0, n = 0, used, written;

    assert_int_equal(limner_resampler_open(&r, rate_hz), LIMNER_OK);
    while (at < n_in) {
        size_t give = n_in - at < chunk ? n_in - at : chunk;

        limner_resampler_process(r, in + at, give, &used, out + n,
                                 n_out - n < chunk ? n_out - n : chunk, &written);
        at += used;
        n += written;
        assert_true(used || written);
    }
    do {
        limner_resampler_flush(r, out + n, n_out - n < chunk ? n_out - n : chunk, &written);
        n += written;
    } while (written);
    limner_resampler_close(&r);
    return n;
}

static double tone(double hz, double t)
{
    return 0.5 * sin(2.0 * 3.14159265358979323846 * hz * t + 0.3);
}

static float *make_tone(double hz, uint32_t rate_hz, size_t n)
{
    float *x = limner_alloc(n, sizeof(float));

    for (size_t i = 0; i < n; i++)
        x[i] = (float)tone(hz, (double)i / rate_hz);
    return x;
}

/* Largest difference from the wanted tone (0 Hz: from silence), 10 ms of both ends left out. */
static double tone_error(uint32_t rate_hz, double hz, double want_hz)
{
    size_t n_in = rate_hz / 2 + 3, n_out;
    float *in = make_tone(hz, rate_hz, n_in);
    static float out[9000];
    double worst = 0.0;

    n_out = run(rate_hz, in, n_in, 1000, out, 9000);
    for (size_t i = 160; i + 160 < n_out; i++) {
        double want = want_hz > 0.0 ? tone(want_hz, (double)i / 16000.0) : 0.0;

        worst = fmax(worst, fabs(out[i] - want));
    }
    limner_mem_free(in);
    return worst;
}

static void tones_keep_their_place_and_size(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        assert_true(tone_error(RATES[k], 440.0, 440.0) < 5e-4);
        assert_true(tone_error(RATES[k], 3000.0, 3000.0) < 5e-4);
        if (RATES[k] >= 16000)
            assert_true(tone_error(RATES[k], 6500.0, 6500.0) < 1e-3);
    }
}

static void tones_above_the_band_vanish(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++)
        if (RATES[k] > 20000)
            assert_true(tone_error(RATES[k], 9000.0, 0.0) < 5e-4);
}

static void same_rate_is_an_exact_copy(void **state)
{
    float *in = make_tone(7900.0, 16000, 5000);
    static float out[6000];

    (void)state;
    assert_int_equal(run(16000, in, 5000, 333, out, 6000), 5000);
    for (size_t i = 0; i < 5000; i++)
        assert_true(fabsf(out[i] - in[i]) < 1e-6f);
    limner_mem_free(in);
}

static void length_is_exact(void **state)
{
    static float out[7000];
    static const size_t LENGTHS[] = {0, 1, 2, 159, 441, 3001};

    (void)state;
    for (int k = 0; k < N_RATES; k++)
        for (size_t j = 0; j < sizeof(LENGTHS) / sizeof(LENGTHS[0]); j++) {
            float *in = make_tone(100.0, RATES[k], LENGTHS[j] + 1);
            uint64_t want = ((uint64_t)LENGTHS[j] * 16000 + RATES[k] - 1) / RATES[k];

            assert_int_equal(run(RATES[k], in, LENGTHS[j], 500, out, 7000), want);
            limner_mem_free(in);
        }
}

static void chunks_change_nothing(void **state)
{
    static const size_t CHUNKS[] = {1, 7, 160, 100000};
    static const uint32_t SOME[] = {8000, 44100, 44101, 192000};
    static float out[4][9000];

    (void)state;
    for (int k = 0; k < 4; k++) {
        size_t n_in = SOME[k] / 4, n[4];
        float *in = make_tone(700.0, SOME[k], n_in);

        for (int c = 0; c < 4; c++)
            n[c] = run(SOME[k], in, n_in, CHUNKS[c], out[c], 9000);
        for (int c = 1; c < 4; c++) {
            assert_int_equal(n[c], n[0]);
            assert_memory_equal(out[c], out[0], n[0] * sizeof(float));
        }
        limner_mem_free(in);
    }
}

static void bad_samples_are_tamed(void **state)
{
    static float out[3000];
    float in[1000];
    size_t n;

    (void)state;
    for (int i = 0; i < 1000; i++)
        in[i] = i % 4 == 0 ? NAN : i % 4 == 1 ? INFINITY : i % 4 == 2 ? -INFINITY : 1e30f;
    n = run(8000, in, 1000, 100, out, 3000);
    assert_int_equal(n, 2000);
    for (size_t i = 0; i < n; i++)
        assert_true(fabsf(out[i]) < 2.0f);
}

static void rates_beyond_the_limits_are_refused(void **state)
{
    static const uint32_t BAD[] = {0, 1, 7999, 192001, 4000000000u};
    limner_resampler *r;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(limner_resampler_open(&r, BAD[i]), LIMNER_E_ARG);
        assert_null(r);
    }
    limner_resampler_close(&r);
    limner_resampler_close(NULL);
}

static void open_survives_lack_of_memory(void **state)
{
    const size_t live = limner_mem_live();
    limner_resampler *r;

    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        limner_mem_fail_after(n);
        assert_int_equal(limner_resampler_open(&r, 48000), LIMNER_E_NOMEM);
        assert_null(r);
    }
    limner_mem_fail_after(0);
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_keep_their_place_and_size),
        cmocka_unit_test(tones_above_the_band_vanish),
        cmocka_unit_test(same_rate_is_an_exact_copy),
        cmocka_unit_test(length_is_exact),
        cmocka_unit_test(chunks_change_nothing),
        cmocka_unit_test(bad_samples_are_tamed),
        cmocka_unit_test(rates_beyond_the_limits_are_refused),
        cmocka_unit_test(open_survives_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
