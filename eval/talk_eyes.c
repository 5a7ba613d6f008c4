/* SPDX-License-Identifier: Apache-2.0 */
/* Blinks and gaze. Gaze is taken in the head (the eyes' own turning: gaze less head), where it
 * counter-rotates while a person looks into the camera; frames around blinks do not count, for
 * nothing is seen of the eyes there. */
#include "eval/talk_parts.h"

#include <math.h>
#include <stdlib.h>

#define OPEN_SHARE 0.8 /* quantile of the aperture that is the open eye's */
#define BLINK_BELOW 0.72
#define BLINK_LEAST 0.55
#define BLINK_MAX_S 0.6
#define BLINK_AROUND_S 0.08 /* lids still move, and cover the iris in part */
#define JUMP_DEG 4.0
#define JUMP_S 0.08
#define LEAST_FRAMES 30
#define LEAST_TURN_DEG 1.0 /* std of the head's yaw: below it there is nothing to counter */

/* ---- blinks -------------------------------------------------------------------------------- */

static bool is_blink(const double *aperture, const eval_run *run, double open, double fps)
{
    double least = INFINITY;

    for (size_t i = run->first; i < run->end; i++)
        least = fmin(least, aperture[i]);
    return least < BLINK_LEAST * open && (double)(run->end - run->first) < BLINK_MAX_S * fps;
}

/* Lids without gaps into aperture, blinks into out; is_low: room for n. */
static int find_blinks(eval_run *out, size_t max, const eval_take *take, double *aperture,
                       bool *is_low)
{
    const size_t n = take->n_frames;
    size_t n_blinks = 0;

    eval_take_series(aperture, take, EVAL_LIDS);
    if (!eval_fill_gaps(aperture, n))
        return 0;
    const double open = eval_quantile(aperture, n, OPEN_SHARE);
    for (size_t i = 0; i < n; i++)
        is_low[i] = aperture[i] < BLINK_BELOW * open;
    for (size_t at = 0; at < n && n_blinks < max;) {
        eval_run run;
        if (eval_runs(&run, 1, is_low + at, n - at) == 0)
            break;
        run.first += at;
        run.end += at;
        at = run.end;
        if (is_blink(aperture, &run, open, take->fps))
            out[n_blinks++] = run;
    }
    return (int)n_blinks;
}

int eval_blinks(eval_run *out, size_t max, const eval_take *take)
{
    double *aperture = malloc((take->n_frames + 1) * sizeof(*aperture));
    bool *is_low = malloc((take->n_frames + 1) * sizeof(*is_low));
    int n_blinks = -1;

    if (aperture && is_low)
        n_blinks = find_blinks(out, max, take, aperture, is_low);
    free(aperture);
    free(is_low);
    return n_blinks;
}

static void set_blinks(eval_talk *out, const eval_take *take, const eval_run *blink, int n_blinks)
{
    const double seconds = eval_take_seconds(take);
    double sum_s = 0;

    for (int k = 0; k < n_blinks; k++)
        sum_s += (double)(blink[k].end - blink[k].first) / take->fps;
    out->n_blinks = n_blinks;
    if (n_blinks)
        out->blink_ms = 1000 * sum_s / n_blinks;
    if (seconds >= EVAL_RATE_MIN_S)
        out->blinks_per_min = 60 * n_blinks / seconds;
}

/* ---- gaze ---------------------------------------------------------------------------------- */

static void cut_blinks(double *v, size_t n, const eval_run *blink, int n_blinks, double fps)
{
    const size_t around = (size_t)lround(BLINK_AROUND_S * fps);

    for (int k = 0; k < n_blinks; k++) {
        const size_t first = blink[k].first > around ? blink[k].first - around : 0;
        for (size_t i = first; i < blink[k].end + around && i < n; i++)
            v[i] = (double)NAN;
    }
}

/* The middle one of three values; NaN where one of them is not there. */
static double middle(double a, double b, double c)
{
    return isnan(a + b + c) ? (double)NAN : fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Times the gaze moves by more than JUMP_DEG within JUMP_S. jumps: room for n. */
static size_t count_jumps(const double *gaze, bool *jumps, size_t n, double fps)
{
    const size_t step = (size_t)fmax(1, (double)lround(JUMP_S * fps));
    size_t n_jumps = 0;

    for (size_t i = 0; i < n; i++) {
        jumps[i] = false;
        if (i == 0 || i + step + 1 >= n)
            continue;
        const double before = middle(gaze[i - 1], gaze[i], gaze[i + 1]);
        const double *g = gaze + i + step;
        jumps[i] = fabs(middle(g[-1], g[0], g[1]) - before) > JUMP_DEG;
    }
    for (size_t i = 0; i < n; i++)
        n_jumps += jumps[i] && (i == 0 || !jumps[i - 1]);
    return n_jumps;
}

/* The gaze of one axis less the head's angle, without blinks, and the head's angle. */
static void read_gaze(double *gaze, double *head, const eval_take *take, bool is_pitch,
                      const eval_run *blink, int n_blinks)
{
    eval_take_series(gaze, take, is_pitch ? EVAL_GAZE_PITCH : EVAL_GAZE_YAW);
    eval_take_series(head, take, is_pitch ? EVAL_PITCH : EVAL_YAW);
    for (size_t i = 0; i < take->n_frames; i++)
        gaze[i] -= head[i];
    cut_blinks(gaze, take->n_frames, blink, n_blinks, take->fps);
}

/* gaze, head, jumps: room for n each. */
static void set_gaze(eval_talk *out, const eval_take *take, const eval_run *blink, int n_blinks,
                     double *gaze, double *head, bool *jumps)
{
    const size_t n = take->n_frames;
    const double seconds = eval_take_seconds(take);
    size_t n_there = 0;

    read_gaze(gaze, head, take, true, blink, n_blinks);
    out->gaze_pitch_std = eval_std(gaze, n);
    read_gaze(gaze, head, take, false, blink, n_blinks);
    out->gaze_yaw_std = eval_std(gaze, n);
    for (size_t i = 0; i < n; i++)
        n_there += !isnan(gaze[i]);
    if (n_there >= LEAST_FRAMES && eval_std(head, n) >= LEAST_TURN_DEG)
        out->gaze_head_r = eval_pearson(gaze, head, n);
    if (seconds >= EVAL_RATE_MIN_S)
        out->saccades_per_min = 60 * (double)count_jumps(gaze, jumps, n, take->fps) / seconds;
}

int eval_talk_eyes(eval_talk *out, const eval_take *take)
{
    const size_t n = take->n_frames;

    if (!(out->found > 0))
        return 0;
    eval_run *blink = malloc((n + 1) * sizeof(*blink));
    double *gaze = malloc((n + 1) * sizeof(*gaze)), *head = malloc((n + 1) * sizeof(*head));
    bool *jumps = malloc((n + 1) * sizeof(*jumps));
    int st = -1;

    if (blink && gaze && head && jumps) {
        const int n_blinks = find_blinks(blink, n, take, gaze, jumps);
        set_blinks(out, take, blink, n_blinks);
        if (eval_take_seconds(take) >= EVAL_SPREAD_MIN_S)
            set_gaze(out, take, blink, n_blinks, gaze, head, jumps);
        st = 0;
    }
    free(blink);
    free(gaze);
    free(head);
    free(jumps);
    return st;
}
