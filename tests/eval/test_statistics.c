/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of series against values worked out by hand, and spectra of known waves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "eval/statistics.h"

#define PI 3.14159265358979323846
#define NONE ((double)NAN)

static void assert_near(double value, double expected, double slack)
{
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void moments_leave_out_what_is_not_there(void **state)
{
    const double v[] = {1, NONE, 2, 4, NONE, 5};

    (void)state;
    assert_near(eval_mean(v, 6), 3, 1e-12);
    assert_near(eval_std(v, 6), sqrt(10.0 / 4), 1e-12);
    assert_near(eval_rms(v, 6), sqrt(46.0 / 4), 1e-12);
    assert_true(isnan(eval_mean(v + 1, 1)) && isnan(eval_std(v, 0)) && isnan(eval_rms(v, 0)));
}

static void quantiles_lie_between_values(void **state)
{
    const double v[] = {40, 10, NONE, 30, 20};

    (void)state;
    assert_near(eval_quantile(v, 5, 0), 10, 0);
    assert_near(eval_quantile(v, 5, 1), 40, 0);
    assert_near(eval_quantile(v, 5, 0.1), 13, 1e-12);
    assert_near(eval_median(v, 5), 25, 1e-12);
    assert_near(eval_median(v, 1), 40, 0);
    assert_true(isnan(eval_median(v + 2, 1)));
}

static void pearson_is_that_of_the_common_places(void **state)
{
    const double a[] = {1, 2, NONE, 3, 4}, b[] = {2, 1, 9, 4, 3}, flat[] = {.1, .1, .1, .1, .1};

    (void)state;
    assert_near(eval_pearson(a, b, 5), 0.6, 1e-12);
    assert_near(eval_pearson(a, a, 5), 1, 1e-12);
    assert_true(isnan(eval_pearson(a, flat, 5)));
    assert_true(isnan(eval_pearson(a, b, 1)));
}

/* The same bump at 30.0 and at 30.0 + late. */
static void delay_is_found_between_samples(void **state)
{
    const double late[] = {0, 2.4, -3.3};
    double a[80], b[80];

    (void)state;
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 80; i++) {
            a[i] = exp(-0.02 * (i - 40.0) * (i - 40.0));
            b[i] = exp(-0.02 * (i - 40.0 - late[k]) * (i - 40.0 - late[k]));
        }
        const eval_lag lag = eval_best_lag(a, b, 80, 6);
        assert_near(lag.lag, late[k], 0.05);
        assert_near(lag.r, 1, 0.005);
        assert_near(lag.r_at_0, eval_pearson(a, b, 80), 0);
    }
    assert_true(isnan(eval_best_lag(a, b, 1, 6).lag));
}

/* A wave at bin 8 of 100 with power 0.5: Hann spreads it to the bins beside it only. */
static void spectrum_shows_a_wave_at_its_bin_with_its_power(void **state)
{
    double v[450], power[51], sum = 0;

    (void)state;
    for (int i = 0; i < 450; i++)
        v[i] = 7 + cos(2 * PI * 8 * i / 100.0);
    v[33] = NONE;
    assert_int_equal(eval_power_spectrum(power, v, 450, 100), 0);
    for (int k = 0; k <= 50; k++)
        sum += power[k];
    assert_near(sum, 0.5, 0.01);
    assert_near(power[7] + power[8] + power[9], 0.5, 0.01);
    assert_true(power[8] > power[7] && power[8] > power[9]);
}

static void short_series_is_one_window_on_the_same_bins(void **state)
{
    double v[60], power[51];
    int best = 0;

    (void)state;
    for (int i = 0; i < 60; i++)
        v[i] = sin(2 * PI * 20 * i / 100.0);
    assert_int_equal(eval_power_spectrum(power, v, 60, 100), 0);
    for (int k = 0; k <= 50; k++)
        best = power[k] > power[best] ? k : best;
    assert_int_equal(best, 20);
    assert_int_equal(eval_power_spectrum(power, v, 1, 100), -1);
}

/* Gain 1/2 at the cutoff (twice 3 dB), next to 1 below and 0 above, no delay, lines kept. */
static void low_pass_has_its_gain_and_no_delay(void **state)
{
    static const double share[] = {0.02, 0.1, 0.4}, gain[] = {1, 0.5, 0};
    double v[400], out[400];

    (void)state;
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 400; i++)
            v[i] = sin(2 * PI * share[k] * i + 0.5);
        assert_int_equal(eval_low_pass(out, v, 400, 0.1), 0);
        for (int i = 100; i < 300; i++)
            assert_near(out[i], gain[k] * v[i], 0.003);
    }
    for (int i = 0; i < 400; i++)
        v[i] = 3 + 0.2 * i;
    v[10] = v[399] = NONE;
    assert_int_equal(eval_low_pass(out, v, 399, 0.1), 0);
    for (int i = 0; i < 399; i++)
        assert_near(out[i], 3 + 0.2 * i, 0.001);
}

static void gaps_are_filled_by_lines(void **state)
{
    double v[] = {NONE, 2, NONE, NONE, 5, NONE}, nothing[] = {NONE, NONE};
    static const double expected[] = {2, 2, 3, 4, 5, 5};

    (void)state;
    assert_true(eval_fill_gaps(v, 6));
    for (int i = 0; i < 6; i++)
        assert_near(v[i], expected[i], 1e-12);
    assert_false(eval_fill_gaps(nothing, 2));
}

static void runs_are_whole(void **state)
{
    static const bool is_in[] = {true, true, false, true, false, false, true};
    eval_run run[4];

    (void)state;
    assert_int_equal(eval_runs(run, 4, is_in, 7), 3);
    assert_int_equal(run[0].first, 0);
    assert_int_equal(run[0].end, 2);
    assert_int_equal(run[1].first, 3);
    assert_int_equal(run[2].end, 7);
    assert_int_equal(eval_runs(run, 2, is_in, 7), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_leave_out_what_is_not_there),
        cmocka_unit_test(quantiles_lie_between_values),
        cmocka_unit_test(pearson_is_that_of_the_common_places),
        cmocka_unit_test(delay_is_found_between_samples),
        cmocka_unit_test(spectrum_shows_a_wave_at_its_bin_with_its_power),
        cmocka_unit_test(short_series_is_one_window_on_the_same_bins),
        cmocka_unit_test(low_pass_has_its_gain_and_no_delay),
        cmocka_unit_test(gaps_are_filled_by_lines),
        cmocka_unit_test(runs_are_whole),
    };

    return cmocka_run_group_tests_name("eval statistics", tests, NULL, NULL);
}
