/* SPDX-License-Identifier: Apache-2.0 */
/* Moments, quantiles, correlation, runs and gaps of series of numbers; see statistics.h. NaN is
 * "not there" throughout. Sums run in double over at most some hundred thousand values, two passes
 * where a mean is taken away, so that rounding never shows. */
#include "eval/statistics.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_VARIATION 1e-12 /* std over the rms below which a series counts as constant */
#define LEAST_OVERLAP 0.5     /* of the series that a lag leaves beside each other */

double eval_mean(const double *v, size_t n)
{
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(v[i])) {
            sum += v[i];
            n_there++;
        }
    }
    return n_there ? sum / (double)n_there : (double)NAN;
}

double eval_std(const double *v, size_t n)
{
    const double mean = eval_mean(v, n);
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(v[i])) {
            sum += (v[i] - mean) * (v[i] - mean);
            n_there++;
        }
    }
    return n_there ? sqrt(sum / (double)n_there) : (double)NAN;
}

double eval_rms(const double *v, size_t n)
{
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(v[i])) {
            sum += v[i] * v[i];
            n_there++;
        }
    }
    return n_there ? sqrt(sum / (double)n_there) : (double)NAN;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double eval_quantile(const double *v, size_t n, double share)
{
    double *sorted = malloc((n + 1) * sizeof(*sorted));
    size_t n_there = 0;
    double value = (double)NAN;

    if (!sorted)
        return value;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(v[i]))
            sorted[n_there++] = v[i];
    }
    if (n_there) {
        qsort(sorted, n_there, sizeof(*sorted), compare);
        sorted[n_there] = sorted[n_there - 1];
        const double place = fmin(fmax(share, 0), 1) * (double)(n_there - 1);
        const size_t below = (size_t)place;
        const double part = place - (double)below;
        value = sorted[below] + part * (sorted[below + 1] - sorted[below]);
    }
    free(sorted);
    return value;
}

double eval_median(const double *v, size_t n)
{
    return eval_quantile(v, n, 0.5);
}

/* Means of a and b over the places where both are there; their number. */
static size_t common_means(const double *a, const double *b, size_t n, double mean[2])
{
    size_t n_there = 0;

    mean[0] = mean[1] = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(a[i]) && !isnan(b[i])) {
            mean[0] += a[i];
            mean[1] += b[i];
            n_there++;
        }
    }
    if (n_there) {
        mean[0] /= (double)n_there;
        mean[1] /= (double)n_there;
    }
    return n_there;
}

/* Whether a sum of squared deviations is more than rounding beside the mean. */
static bool varies(double sum, double mean, size_t n)
{
    return sum > (double)n * LEAST_VARIATION * LEAST_VARIATION * mean * mean && sum > 0;
}

double eval_pearson(const double *a, const double *b, size_t n)
{
    double mean[2], aa = 0, bb = 0, ab = 0;
    const size_t n_there = common_means(a, b, n, mean);

    for (size_t i = 0; i < n; i++) {
        if (!isnan(a[i]) && !isnan(b[i])) {
            const double x = a[i] - mean[0], y = b[i] - mean[1];
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
    }
    if (!varies(aa, mean[0], n_there) || !varies(bb, mean[1], n_there))
        return (double)NAN;
    return ab / (sqrt(aa) * sqrt(bb));
}

/* r of a's sample i with b's sample i + lag; NaN where too little of them lies side by side. */
static double pearson_at(const double *a, const double *b, size_t n, int lag)
{
    const size_t shift = (size_t)(lag < 0 ? -lag : lag);

    if ((double)shift > (1 - LEAST_OVERLAP) * (double)n)
        return (double)NAN;
    return lag < 0 ? eval_pearson(a + shift, b, n - shift) : eval_pearson(a, b + shift, n - shift);
}

eval_lag eval_best_lag(const double *a, const double *b, size_t n, int most)
{
    eval_lag best = {.lag = (double)NAN, .r = (double)NAN, .r_at_0 = eval_pearson(a, b, n)};
    int place = 0;

    for (int lag = -most; lag <= most; lag++) {
        const double r = pearson_at(a, b, n, lag);
        if (r > best.r || (isnan(best.r) && !isnan(r))) {
            best.r = r;
            place = lag;
        }
    }
    if (isnan(best.r))
        return best;
    best.lag = place;
    if (abs(place) == most)
        return best;
    const double before = pearson_at(a, b, n, place - 1), after = pearson_at(a, b, n, place + 1);
    const double bend = before - 2 * best.r + after;
    if (bend < 0) { /* not where a neighbour is NaN */
        const double shift = (before - after) / (2 * bend);
        best.lag += shift;
        best.r -= (before - after) * shift / 4;
    }
    return best;
}

bool eval_fill_gaps(double *v, size_t n)
{
    size_t last = n; /* the last place that is there; n: none yet */

    for (size_t i = 0; i < n; i++) {
        if (isnan(v[i]))
            continue;
        const size_t first = last == n ? 0 : last + 1;
        const double from = last == n ? v[i] : v[last];
        for (size_t k = first; k < i; k++)
            v[k] = from + (v[i] - from) * (double)(k + 1 - first) / (double)(i + 1 - first);
        last = i;
    }
    if (last == n)
        return false;
    for (size_t k = last + 1; k < n; k++)
        v[k] = v[last];
    return true;
}

size_t eval_runs(eval_run *out, size_t max, const bool *is_in, size_t n)
{
    size_t n_runs = 0;

    for (size_t i = 0; i < n && n_runs < max; i++) {
        if (!is_in[i])
            continue;
        out[n_runs].first = i;
        while (i < n && is_in[i])
            i++;
        out[n_runs++].end = i;
    }
    return n_runs;
}
