/* SPDX-License-Identifier: Apache-2.0 */
/* Means over seeds, then over clips; see speech_report.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/speech_report.h"

#define LONG_S 4.0

/* EVALUATION's medians: 35 clips of about 30 people, 653 s. */
const eval_talk eval_speech_people = {
    .silent_lip = 0.018,
    .lip_dynamics = 2.1,
    .head_motion = 1.12,
    .band = {0.08, 0.18, 0.26, 0.28, 0.09},
    .brow_motion = 0.0061,
    .loudness_sync = 0.265,
    .blinks_per_min = 25,
};

static double value(const void *base, const eval_talk_field *field)
{
    return *(const double *)(const void *)((const char *)base + field->offset);
}

static void set(void *base, const eval_talk_field *field, double v)
{
    *(double *)(void *)((char *)base + field->offset) = v;
}

/* One field of n structs `stride` bytes apart, where wanted (NULL: all). */
static double mean_field(const void *first, size_t stride, size_t n, const bool *is_wanted,
                         const eval_talk_field *field)
{
    double sum = 0;
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++) {
        const double v = value((const char *)first + i * stride, field);
        if ((is_wanted && !is_wanted[i]) || isnan(v))
            continue;
        sum += v;
        n_there++;
    }
    return n_there ? sum / (double)n_there : (double)NAN;
}

static void mean_talk(eval_talk *out, const void *first, size_t stride, size_t n,
                      const bool *is_wanted)
{
    memset(out, 0, sizeof(*out));
    for (int f = 0; f < eval_n_talk_fields; f++)
        set(out, &eval_talk_fields[f],
            mean_field(first, stride, n, is_wanted, &eval_talk_fields[f]));
}

/* Shares weigh by their number of moments, and the numbers add up. */
static double pool(const void *first, size_t stride, size_t n, const bool *is_wanted,
                   size_t share, size_t number, double *total)
{
    double sum = 0;

    *total = 0;
    for (size_t i = 0; i < n; i++) {
        const char *one = (const char *)first + i * stride;
        const double s = *(const double *)(const void *)(one + share);
        const double m = *(const double *)(const void *)(one + number);
        if ((is_wanted && !is_wanted[i]) || isnan(s) || isnan(m))
            continue;
        sum += s * m;
        *total += m;
    }
    return *total > 0 ? sum / *total : (double)NAN;
}

static void mean_sync(eval_sync *out, const void *first, size_t stride, size_t n,
                      const bool *is_wanted)
{
    const size_t n_closures = offsetof(eval_sync, n_closures);

    for (int f = 0; f < eval_n_sync_fields; f++)
        set(out, &eval_sync_fields[f],
            mean_field(first, stride, n, is_wanted, &eval_sync_fields[f]));
    out->closed = pool(first, stride, n, is_wanted, offsetof(eval_sync, closed), n_closures,
                       &out->n_closures);
    out->closed_real = pool(first, stride, n, is_wanted, offsetof(eval_sync, closed_real),
                            n_closures, &out->n_closures);
    out->closed_by_chance = pool(first, stride, n, is_wanted,
                                 offsetof(eval_sync, closed_by_chance), n_closures,
                                 &out->n_closures);
    out->labiodental = pool(first, stride, n, is_wanted, offsetof(eval_sync, labiodental),
                            offsetof(eval_sync, n_labiodental), &out->n_labiodental);
}

void eval_speech_clip_mean(eval_talk *made, eval_sync *sync, const eval_speech_clip *clip)
{
    mean_talk(made, clip->made, sizeof(clip->made[0]), clip->n_seeds, NULL);
    mean_sync(sync, clip->sync, sizeof(clip->sync[0]), clip->n_seeds, NULL);
    sync->n_closures /= (double)clip->n_seeds;
    sync->n_labiodental /= (double)clip->n_seeds;
}

typedef struct clip_means {
    eval_talk made, real;
    eval_sync sync, baseline[EVAL_N_BASELINES];
    double score_takes, same_opening_r, same_yaw_r;
} clip_means;

static void mean_clip(clip_means *out, const eval_speech_clip *clip)
{
    eval_speech_clip_mean(&out->made, &out->sync, clip);
    out->real = clip->real;
    memcpy(out->baseline, clip->baseline, sizeof(out->baseline));
    out->score_takes = 0;
    for (size_t i = 0; i < clip->n_seeds; i++)
        out->score_takes +=
            eval_talk_score(&clip->made[i], &eval_speech_people) / (double)clip->n_seeds;
    out->same_opening_r = clip->same_opening_r;
    out->same_yaw_r = clip->same_yaw_r;
}

static double mean_of(const clip_means *all, size_t n, const bool *is_wanted, size_t offset)
{
    const eval_talk_field field = {"", "", offset, 0};

    return mean_field(all, sizeof(*all), n, is_wanted, &field);
}

static double blinks_per_min(const void *first, size_t n, const bool *is_wanted)
{
    double n_blinks = 0, minutes = 0;

    for (size_t i = 0; i < n; i++) {
        const eval_talk *t =
            (const void *)((const char *)first + i * sizeof(clip_means));
        if (!is_wanted[i] || isnan(t->n_blinks))
            continue;
        n_blinks += t->n_blinks;
        minutes += t->seconds / 60;
    }
    return minutes > 0 ? n_blinks / minutes : (double)NAN;
}

static void mean_long(eval_speech_means *out, const clip_means *all, size_t n, const bool *is_long)
{
    mean_talk(&out->made, &all->made, sizeof(*all), n, is_long);
    mean_talk(&out->real, &all->real, sizeof(*all), n, is_long);
    out->made.blinks_per_min = blinks_per_min(&all->made, n, is_long);
    out->real.blinks_per_min = blinks_per_min(&all->real, n, is_long);
    out->score = eval_talk_score(&out->made, &out->real);
    out->score_takes = mean_of(all, n, is_long, offsetof(clip_means, score_takes));
}

int eval_speech_mean(eval_speech_means *out, const eval_speech_clip *clips, size_t n)
{
    clip_means *all = calloc(n + 1, sizeof(*all));
    bool *is_used = calloc(2 * n + 1, sizeof(*is_used)), *is_long = is_used ? is_used + n : NULL;

    memset(out, 0, sizeof(*out));
    if (!all || !is_used) {
        free(all);
        free(is_used);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        is_used[i] = !clips[i].why[0];
        if (!is_used[i])
            continue;
        mean_clip(&all[i], &clips[i]);
        is_long[i] = clips[i].real.seconds >= LONG_S;
        out->n_clips++;
        out->n_long += is_long[i];
        out->seconds += clips[i].real.seconds;
    }
    mean_sync(&out->sync, &all->sync, sizeof(*all), n, is_used);
    for (int b = 0; b < EVAL_N_BASELINES; b++)
        mean_sync(&out->baseline[b], &all->baseline[b], sizeof(*all), n, is_used);
    mean_long(out, all, n, out->n_long ? is_long : is_used);
    out->same_opening_r = mean_of(all, n, is_used, offsetof(clip_means, same_opening_r));
    out->same_yaw_r = mean_of(all, n, is_used, offsetof(clip_means, same_yaw_r));
    free(all);
    free(is_used);
    return 0;
}
