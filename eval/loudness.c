/* SPDX-License-Identifier: Apache-2.0 */
/* Loudness and silences of a take's frames. Levels are mean squares in decibels, over 60 ms around
 * the middle of a frame for loudness, over 30 ms at every 10 ms for silences. */
#include "eval/take.h"

#include <math.h>
#include <stdlib.h>

#include "eval/statistics.h"

#define LEAST_POWER 1e-10 /* -100 dB of full scale: rounding of 16-bit sound */
#define LOUDNESS_RADIUS_S 0.030
#define SILENCE_RADIUS_S 0.015
#define SILENCE_BELOW_DB 25.0 /* the loud parts, the 95th percentile */
#define SILENCE_MIN_S 0.3

static double hops_s(double seconds)
{
    return seconds * EVAL_RATE_HZ / EVAL_HOP;
}

/* Mean of the hops whose middles lie within radius_s of time_s; NaN outside of the sound. */
static double mean_power(const double *power, size_t n_hops, double time_s, double radius_s)
{
    const double first = ceil(hops_s(time_s - radius_s) - 0.5);
    const double last = floor(hops_s(time_s + radius_s) - 0.5);
    double sum = 0;

    if (time_s < 0 || hops_s(time_s) > (double)n_hops)
        return (double)NAN;
    const size_t from = first > 0 ? (size_t)first : 0;
    const size_t end = last + 1 < (double)n_hops ? (size_t)(last + 1) : n_hops;
    for (size_t i = from; i < end; i++)
        sum += power[i];
    return end > from ? sum / (double)(end - from) : (double)NAN;
}

static double level_db(const double *power, size_t n_hops, double time_s, double radius_s)
{
    return 10 * log10(mean_power(power, n_hops, time_s, radius_s) + LEAST_POWER);
}

/* Mean square of each hop; to be freed. */
static double *hop_powers(const eval_take *take, size_t *n_hops)
{
    *n_hops = take->n_samples / EVAL_HOP;
    double *power = malloc((*n_hops + 1) * sizeof(*power));

    for (size_t i = 0; power && i < *n_hops; i++) {
        const float *pcm = take->pcm + i * EVAL_HOP;
        power[i] = 0;
        for (int k = 0; k < EVAL_HOP; k++)
            power[i] += (double)pcm[k] * (double)pcm[k] / EVAL_HOP;
    }
    return power;
}

static double frame_middle_s(const eval_take *take, size_t i, double shift_s)
{
    return ((double)i + 0.5) / take->fps + shift_s;
}

static void set_loudness(double *loudness, const eval_take *take, double shift_s,
                         const double *power, size_t n_hops)
{
    const size_t n = take->n_frames;

    for (size_t i = 0; i < n; i++)
        loudness[i] = level_db(power, n_hops, frame_middle_s(take, i, shift_s), LOUDNESS_RADIUS_S);
    const double low = eval_quantile(loudness, n, 0.05), high = eval_quantile(loudness, n, 0.95);
    for (size_t i = 0; i < n; i++) {
        if (!isnan(loudness[i]))
            loudness[i] = high > low ? fmin(fmax((loudness[i] - low) / (high - low), 0), 1) : 0;
    }
}

/* Marks quiet hops that belong to a silence. level: room for n_hops values. */
static void find_silences(bool *is_silent, double *level, const double *power, size_t n_hops)
{
    for (size_t i = 0; i < n_hops; i++)
        level[i] =
            level_db(power, n_hops, ((double)i + 0.5) * EVAL_HOP / EVAL_RATE_HZ, SILENCE_RADIUS_S);
    const double loud = eval_quantile(level, n_hops, 0.95);
    for (size_t i = 0, first = 0; i <= n_hops; i++) {
        const bool is_quiet = i < n_hops && level[i] < loud - SILENCE_BELOW_DB;
        if (is_quiet)
            continue;
        const bool is_long = (double)(i - first) >= hops_s(SILENCE_MIN_S);
        for (size_t k = first; k < i; k++)
            is_silent[k] = is_long;
        if (i < n_hops)
            is_silent[i] = false;
        first = i + 1;
    }
}

static int set_silences(bool *is_silent, const eval_take *take, double shift_s, const double *power,
                        size_t n_hops)
{
    bool *is_silent_hop = malloc((n_hops + 1) * sizeof(*is_silent_hop));
    double *level = malloc((n_hops + 1) * sizeof(*level));
    const bool has_memory = is_silent_hop && level;

    if (has_memory)
        find_silences(is_silent_hop, level, power, n_hops);
    for (size_t i = 0; has_memory && i < take->n_frames; i++) {
        const double hop = hops_s(frame_middle_s(take, i, shift_s));
        is_silent[i] = hop >= 0 && hop < (double)n_hops && is_silent_hop[(size_t)hop];
    }
    free(is_silent_hop);
    free(level);
    return has_memory ? 0 : -1;
}

int eval_take_amplitude(double *amplitude, const eval_take *take)
{
    size_t n_hops;
    double *power = hop_powers(take, &n_hops);

    if (!power)
        return -1;
    for (size_t i = 0; i < take->n_frames; i++)
        amplitude[i] =
            sqrt(mean_power(power, n_hops, frame_middle_s(take, i, 0), LOUDNESS_RADIUS_S));
    free(power);
    return 0;
}

int eval_take_loudness(double *loudness, bool *is_silent, const eval_take *take, double shift_s)
{
    size_t n_hops;
    double *power = hop_powers(take, &n_hops);
    int st = power ? 0 : -1;

    if (power && loudness)
        set_loudness(loudness, take, shift_s, power, n_hops);
    if (power && is_silent)
        st = set_silences(is_silent, take, shift_s, power, n_hops);
    free(power);
    return st;
}
