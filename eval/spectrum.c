/* SPDX-License-Identifier: Apache-2.0 */
/* Power spectrum and low-pass of a series; see statistics.h. Windows are a few seconds of frames,
 * 100 to 250 values, so the transform is the plain sum over a table of one turn: no length is
 * special, and no FFT is needed. */
#include "eval/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

/* v without gaps, with `before` values of room in front of it and behind. To be freed; NULL: no
 * memory, or nothing is there. */
static double *filled(const double *v, size_t n, size_t before)
{
    double *copy = malloc((n + 2 * before + 1) * sizeof(*copy));

    if (!copy)
        return NULL;
    memcpy(copy + before, v, n * sizeof(*v));
    if (!eval_fill_gaps(copy + before, n)) {
        free(copy);
        return NULL;
    }
    return copy;
}

/* ---- spectrum ------------------------------------------------------------------------------ */

/* What the windows of one series share. */
typedef struct spectrum {
    size_t window;     /* of the transform */
    size_t len;        /* values in it, <= window: the rest is 0 */
    double scale;      /* makes the sum over all bins the windowed values' variance */
    double (*turn)[2]; /* [window]: cosine and sine of one turn */
    double *hann;      /* [len] */
    double *windowed;  /* [len] */
} spectrum;

static void close_spectrum(spectrum *s)
{
    free(s->turn);
    free(s->hann);
    free(s->windowed);
}

static int open_spectrum(spectrum *s, size_t window, size_t len)
{
    double sum = 0;

    *s = (spectrum){.window = window, .len = len};
    s->turn = malloc(window * sizeof(*s->turn));
    s->hann = malloc(len * sizeof(*s->hann));
    s->windowed = malloc(len * sizeof(*s->windowed));
    if (!s->turn || !s->hann || !s->windowed) {
        close_spectrum(s);
        return -1;
    }
    for (size_t i = 0; i < window; i++) {
        s->turn[i][0] = cos(2 * PI * (double)i / (double)window);
        s->turn[i][1] = sin(2 * PI * (double)i / (double)window);
    }
    for (size_t i = 0; i < len; i++) {
        s->hann[i] = 0.5 - 0.5 * cos(2 * PI * ((double)i + 0.5) / (double)len);
        sum += s->hann[i] * s->hann[i];
    }
    s->scale = 1 / ((double)window * sum);
    return 0;
}

static double power_of_bin(const spectrum *s, size_t k)
{
    const bool has_twin = k != 0 && 2 * k != s->window; /* the bin of the negative frequency */
    double re = 0, im = 0;

    for (size_t i = 0; i < s->len; i++) {
        const double *turn = s->turn[i * k % s->window];
        re += s->windowed[i] * turn[0];
        im += s->windowed[i] * turn[1];
    }
    return (has_twin ? 2 : 1) * s->scale * (re * re + im * im);
}

static void add_window(const spectrum *s, double *power, const double *v)
{
    const double mean = eval_mean(v, s->len);

    for (size_t i = 0; i < s->len; i++)
        s->windowed[i] = (v[i] - mean) * s->hann[i];
    for (size_t k = 0; k <= s->window / 2; k++)
        power[k] += power_of_bin(s, k);
}

int eval_power_spectrum(double *power, const double *v, size_t n, size_t window)
{
    const size_t len = n < window ? n : window;
    size_t n_windows = 0;
    spectrum s;

    if (len < 2)
        return -1;
    double *whole = filled(v, n, 0);
    if (!whole)
        return -1;
    if (open_spectrum(&s, window, len) < 0) {
        free(whole);
        return -1;
    }
    memset(power, 0, (window / 2 + 1) * sizeof(*power));
    for (size_t at = 0; at + len <= n; at += (len + 1) / 2, n_windows++)
        add_window(&s, power, whole + at);
    for (size_t k = 0; k <= window / 2; k++)
        power[k] /= (double)n_windows;
    close_spectrum(&s);
    free(whole);
    return 0;
}

/* ---- low-pass ------------------------------------------------------------------------------ */

/* Second-order Butterworth by the bilinear transform (Oppenheim and Schafer, Discrete-Time Signal
 * Processing, 1989, ch. 7): y[i] = b (x[i] + 2 x[i-1] + x[i-2]) - a1 y[i-1] - a2 y[i-2]. */
typedef struct low_pass {
    double b, a1, a2;
} low_pass;

static low_pass design(double cutoff)
{
    const double k = tan(PI * cutoff), root = sqrt(2) * k, norm = 1 + root + k * k;

    return (low_pass){
        .b = k * k / norm, .a1 = 2 * (k * k - 1) / norm, .a2 = (1 - root + k * k) / norm};
}

/* In place, from the state in which the first value has lasted for ever. step -1: backwards. */
static void run_filter(const low_pass *f, double *v, size_t n, int step)
{
    double *at = step > 0 ? v : v + n - 1;
    double x1 = *at, x2 = *at, y1 = *at, y2 = *at;

    for (size_t i = 0; i < n; i++, at += step) {
        const double x = *at;
        *at = f->b * (x + 2 * x1 + x2) - f->a1 * y1 - f->a2 * y2;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = *at;
    }
}

int eval_low_pass(double *out, const double *v, size_t n, double cutoff)
{
    const low_pass f = design(cutoff);
    size_t edge = (size_t)(1.5 / cutoff) + 1; /* the filter's memory, as good as faded */

    if (n == 0)
        return -1;
    edge = edge < n ? edge : n - 1;
    double *padded = filled(v, n, edge);
    if (!padded)
        return -1;
    double *first = padded + edge, *last = first + n - 1;
    for (size_t i = 1; i <= edge; i++) {
        first[-(ptrdiff_t)i] = 2 * first[0] - first[i];
        last[i] = 2 * last[0] - last[-(ptrdiff_t)i];
    }
    run_filter(&f, padded, n + 2 * edge, 1);
    run_filter(&f, padded, n + 2 * edge, -1);
    memcpy(out, first, n * sizeof(*out));
    free(padded);
    return 0;
}
