/* SPDX-License-Identifier: Apache-2.0 */
/* audio/fft against a slow transform in double. */
#include "audio/fft.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"

static double worst_error(uint32_t n)
{
    const double turn = 2.0 * 3.14159265358979323846 / n;
    float *x = limner_alloc(n, sizeof(float));
    float *re = limner_alloc(n / 2 + 1, sizeof(float));
    float *im = limner_alloc(n / 2 + 1, sizeof(float));
    double worst = 0.0;
    limner_fft *f;
    limner_rng r;

    assert_int_equal(limner_fft_open(&f, n), LIMNER_OK);
    limner_rng_init(&r, n, 0);
    for (uint32_t i = 0; i < n; i++)
        x[i] = limner_rng_normal(&r);
    limner_fft_forward(f, x, re, im);
    for (uint32_t k = 0; k <= n / 2; k++) {
        double a = 0.0, b = 0.0;

        for (uint32_t i = 0; i < n; i++) {
            a += x[i] * cos(turn * (k * i % n));
            b -= x[i] * sin(turn * (k * i % n));
        }
        worst = fmax(worst, hypot(re[k] - a, im[k] - b));
    }
    limner_fft_close(&f);
    limner_mem_free(x);
    limner_mem_free(re);
    limner_mem_free(im);
    return worst / sqrt(n);
}

static void fft_equals_the_slow_transform(void **state)
{
    (void)state;
    for (uint32_t n = 4; n <= 1024; n *= 2)
        assert_true(worst_error(n) < 2e-6);
}

static void fft_refuses_other_lengths(void **state)
{
    static const uint32_t BAD[] = {0, 1, 2, 3, 6, 100, 131072};
    limner_fft *f;

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        assert_int_equal(limner_fft_open(&f, BAD[i]), LIMNER_E_ARG);
        assert_null(f);
    }
    limner_fft_close(&f);
}

static void fft_open_survives_lack_of_memory(void **state)
{
    const size_t live = limner_mem_live();
    limner_fft *f;

    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        limner_mem_fail_after(n);
        assert_int_equal(limner_fft_open(&f, 64), LIMNER_E_NOMEM);
        assert_null(f);
    }
    limner_mem_fail_after(0);
    assert_int_equal(limner_mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fft_equals_the_slow_transform),
        cmocka_unit_test(fft_refuses_other_lengths),
        cmocka_unit_test(fft_open_survives_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
