/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of series of numbers. NaN marks a value that is not there: it is left out, and where
 * nothing is left the result is NaN. No function keeps or changes its input. Any thread. */
#ifndef LIMNER_EVAL_STATISTICS_H
#define LIMNER_EVAL_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

double eval_mean(const double *v, size_t n);
double eval_std(const double *v, size_t n); /* of the population: divided by n */
/* share 0..1, interpolated between the values beside it; NaN too when memory is out. */
double eval_quantile(const double *v, size_t n, double share);
double eval_median(const double *v, size_t n);
double eval_rms(const double *v, size_t n);
/* Pearson's r over the places where both are there; NaN where either does not vary. */
double eval_pearson(const double *a, const double *b, size_t n);

/* Place of the best r of two series at the same rate, with a's sample i beside b's sample i + lag,
 * |lag| <= most, refined by the parabola through its neighbours; > 0: b comes later. */
typedef struct eval_lag {
    double lag;  /* samples */
    double r;    /* there */
    double r_at_0;
} eval_lag;
eval_lag eval_best_lag(const double *a, const double *b, size_t n, int most);

/* Power spectrum by Welch's method (IEEE Trans. Audio Electroacoust. 15, 1967): Hann windows of
 * `window` samples, half overlapping, their means removed; a series shorter than a window is one
 * window. power [window / 2 + 1], bin k at k * rate / window Hz. 0, or -1: no memory or no window.
 * NaN is filled by interpolation. */
int eval_power_spectrum(double *power, const double *v, size_t n, size_t window);

/* What changes more slowly than `cutoff`, a share of the sampling rate (0..0.5): a second-order
 * Butterworth run forwards and backwards, so that nothing is delayed (at the cutoff a quarter of
 * the power is left); ends are continued by point reflection. out may be v. 0, or -1: no memory or
 * no values. NaN is filled by interpolation. */
int eval_low_pass(double *out, const double *v, size_t n, double cutoff);

/* Fills gaps (NaN) linearly, ends by the nearest value. false: there is nothing but gaps. */
bool eval_fill_gaps(double *v, size_t n);

/* Longest runs of true values. */
typedef struct eval_run {
    size_t first, end; /* one past the last */
} eval_run;
/* At most max runs into out; their number. */
size_t eval_runs(eval_run *out, size_t max, const bool *is_in, size_t n);

#endif
