/* SPDX-License-Identifier: Apache-2.0 */
/* How lips and brows move, and the opening beside the loudness. Lengths are eye distances, but for
 * lip dynamics, which is in pixels of a face EVAL_FACE_PX high. */
#include "eval/talk_parts.h"

#include <math.h>
#include <stdlib.h>

#define SILENCE_MIN_S 0.3
#define SILENCE_TRIM_S 0.1 /* at both ends: lips close after the voice and open before it */
#define LEAST_FRAMES 3     /* of a silence, once trimmed */

/* Mean distance from its mean, over the frames of the silences, each with its own mean. */
static double silent_lip(const double *opening, const bool *is_silent, eval_run *run, size_t n,
                         double fps)
{
    const size_t n_runs = eval_runs(run, n, is_silent, n), trim = (size_t)(SILENCE_TRIM_S * fps);
    double sum = 0;
    size_t n_there = 0;

    for (size_t k = 0; k < n_runs; k++) {
        if ((double)(run[k].end - run[k].first) < SILENCE_MIN_S * fps ||
            run[k].end - run[k].first < 2 * trim + LEAST_FRAMES)
            continue;
        const size_t first = run[k].first + trim, end = run[k].end - trim;
        const double mean = eval_mean(opening + first, end - first);
        for (size_t i = first; i < end; i++) {
            if (!isnan(opening[i])) {
                sum += fabs(opening[i] - mean);
                n_there++;
            }
        }
    }
    return n_there ? sum / (double)n_there : (double)NAN;
}

/* v to 0..1 between its least and largest value; what does not vary is not there. */
static void normalise(double *v, size_t n)
{
    const double low = eval_quantile(v, n, 0), high = eval_quantile(v, n, 1);

    for (size_t i = 0; i < n; i++)
        v[i] = high > low ? (v[i] - low) / (high - low) : (double)NAN;
}

/* THEval's lip-sync: mean |opening - amplitude| outside of silences, each scaled to 0..1 there.
 * Both are spoilt: only the frames that count are left in them. */
static double loudness_sync(double *opening, double *amplitude, const bool *is_silent, size_t n)
{
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++) {
        if (is_silent[i] || isnan(opening[i]) || isnan(amplitude[i]))
            opening[i] = amplitude[i] = (double)NAN;
    }
    normalise(opening, n);
    normalise(amplitude, n);
    for (size_t i = 0; i < n; i++) {
        if (!isnan(opening[i]) && !isnan(amplitude[i])) {
            sum += fabs(opening[i] - amplitude[i]);
            n_there++;
        }
    }
    return n_there ? sum / (double)n_there : (double)NAN;
}

/* opening is spoilt. */
static int set_sound_figures(eval_talk *out, const eval_take *take, double *opening)
{
    const size_t n = take->n_frames;
    double *amplitude = malloc(n * sizeof(*amplitude));
    bool *is_silent = malloc(n * sizeof(*is_silent));
    eval_run *run = malloc(n * sizeof(*run));
    int st = -1;

    if (amplitude && is_silent && run && eval_take_loudness(NULL, is_silent, take, 0) == 0)
        st = eval_take_amplitude(amplitude, take);
    if (st == 0) {
        out->silent_lip = silent_lip(opening, is_silent, run, n, take->fps);
        out->loudness_sync = loudness_sync(opening, amplitude, is_silent, n);
    }
    free(amplitude);
    free(is_silent);
    free(run);
    return st;
}

static double lip_distance_px(const eval_take *take, size_t frame, int a, int b)
{
    const limner_tracked *k = &take->tracked[frame];
    const float *p = k->landmarks[eval_lips[a]], *q = k->landmarks[eval_lips[b]];

    return k->is_found ? hypot((double)p[0] - (double)q[0], (double)p[1] - (double)q[1])
                       : (double)NAN;
}

/* v: room for n values. */
static double lip_dynamics(const eval_take *take, double *v)
{
    const size_t n = take->n_frames;
    double sum = 0;
    int n_pairs = 0;

    for (size_t i = 0; i < n; i++)
        v[i] = take->measures[i].face_height_px;
    const double scale = EVAL_FACE_PX / eval_median(v, n);
    for (int a = 0; a < EVAL_N_LIPS; a++) {
        for (int b = a + 1; b < EVAL_N_LIPS; b++, n_pairs++) {
            for (size_t i = 0; i < n; i++)
                v[i] = lip_distance_px(take, i, a, b);
            sum += scale * eval_std(v, n);
        }
    }
    return sum / n_pairs;
}

static double mean_step(const double *v, size_t n)
{
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        if (!isnan(v[i]) && !isnan(v[i + 1])) {
            sum += fabs(v[i + 1] - v[i]);
            n_there++;
        }
    }
    return n_there ? sum / (double)n_there : (double)NAN;
}

int eval_talk_lips(eval_talk *out, const eval_take *take)
{
    const size_t n = take->n_frames;
    int st = 0;

    if (!(out->found > 0))
        return 0;
    double *v = calloc(n, sizeof(*v));
    if (!v)
        return -1;
    for (size_t i = 0; i < n; i++)
        v[i] = take->tracked[i].is_found ? (double)take->tracked[i].lip_error : (double)NAN;
    out->lip_error = eval_median(v, n);
    eval_take_series(v, take, EVAL_BROW);
    out->brow_motion = mean_step(v, n);
    if (eval_take_seconds(take) >= EVAL_SPREAD_MIN_S) {
        out->lip_dynamics = lip_dynamics(take, v);
        eval_take_series(v, take, EVAL_WIDTH);
        out->width_std = eval_std(v, n);
        eval_take_series(v, take, EVAL_OPENING);
        out->opening_std = eval_std(v, n);
        out->opening_p95 = eval_quantile(v, n, 0.95);
        if (take->pcm)
            st = set_sound_figures(out, take, v);
    }
    free(v);
    return st;
}
