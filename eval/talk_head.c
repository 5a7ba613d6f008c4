/* SPDX-License-Identifier: Apache-2.0 */
/* How the head moves: spread and speed of its angles, THEval's head motion, the spectrum of its
 * turning, and how much of the angles is jitter; degrees throughout. */
#include "eval/talk_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_AXES = 3, N_SERIES = 2 * N_AXES + 2 };

/* Heads hardly move faster; what is above is the tracker. Narrow rates keep below the middle. */
#define MOVE_HZ 6.0
#define MOST_OF_RATE 0.45

/* Each [n]. */
typedef struct head {
    size_t n;
    double fps;
    double *angle[N_AXES];  /* yaw, pitch, roll as tracked */
    double *smooth[N_AXES]; /* below MOVE_HZ, gaps filled */
    double *centre[2];      /* of the face, px of a face EVAL_FACE_PX high */
    double *memory;
} head;

static int read_head(head *h, const eval_take *take)
{
    static const eval_quantity angles[N_AXES] = {EVAL_YAW, EVAL_PITCH, EVAL_ROLL};
    const size_t n = take->n_frames;
    const double cutoff = fmin(MOVE_HZ, MOST_OF_RATE * take->fps) / take->fps;

    *h = (head){.n = n, .fps = take->fps, .memory = malloc((N_SERIES * n + 1) * sizeof(double))};
    if (!h->memory)
        return -1;
    for (size_t k = 0; k < N_AXES; k++) {
        h->angle[k] = h->memory + k * n;
        h->smooth[k] = h->memory + (N_AXES + k) * n;
        eval_take_series(h->angle[k], take, angles[k]);
        if (eval_low_pass(h->smooth[k], h->angle[k], n, cutoff) < 0)
            return -1;
    }
    for (size_t k = 0; k < 2; k++) {
        h->centre[k] = h->memory + (2 * N_AXES + k) * n;
        eval_take_series(h->centre[k], take, k ? EVAL_CENTRE_Y : EVAL_CENTRE_X);
    }
    return 0;
}

/* d[i] = v[i + 1] - v[i], times scale; n - 1 values. */
static void differences(double *d, const double *v, size_t n, double scale)
{
    for (size_t i = 0; i + 1 < n; i++)
        d[i] = (v[i + 1] - v[i]) * scale;
}

static double squared(double v)
{
    return v * v;
}

/* THEval's head motion: mean std of the angles times mean variance of their steps from frame to
 * frame (not a speed: it depends on the frame rate), with and without the face's own place. */
static void set_head_motion(eval_talk *out, const head *h, double *step)
{
    double spread = 0, change = 0, place = 0;

    for (int k = 0; k < N_AXES; k++) {
        differences(step, h->angle[k], h->n, 1);
        change += squared(eval_std(step, h->n - 1)) / N_AXES;
        spread += eval_std(h->angle[k], h->n) / N_AXES;
    }
    for (int k = 0; k < 2; k++)
        place += squared(eval_std(h->centre[k], h->n)) / 2;
    out->head_motion = sqrt(spread * change);
    out->head_motion_place = sqrt(spread * change + place);
}

static void set_speeds(eval_talk *out, const head *h, double *step)
{
    double *const speed[N_AXES] = {&out->yaw_speed, &out->pitch_speed, &out->roll_speed};
    double *const spread[N_AXES] = {&out->yaw_std, &out->pitch_std, &out->roll_std};
    double jitter = 0;

    for (int k = 0; k < N_AXES; k++) {
        *spread[k] = eval_std(h->angle[k], h->n);
        differences(step, h->smooth[k], h->n, h->fps);
        *speed[k] = eval_rms(step, h->n - 1);
        for (size_t i = 0; i < h->n; i++)
            step[i] = h->angle[k][i] - h->smooth[k][i];
        jitter += squared(eval_rms(step, h->n)) / N_AXES;
    }
    out->jitter_deg = sqrt(jitter);
}

int eval_head_spectrum(double power[EVAL_N_BINS], const eval_take *take)
{
    static const eval_quantity angles[N_AXES] = {EVAL_YAW, EVAL_PITCH, EVAL_ROLL};
    const size_t n = take->n_frames;
    const size_t window = (size_t)lround(EVAL_BINS_PER_HZ * take->fps);
    double *v = malloc((n + window + 1) * sizeof(*v));
    double *bins = v + n;
    int st = v ? 0 : -1;

    memset(power, 0, EVAL_N_BINS * sizeof(*power));
    for (int k = 0; k < N_AXES && st == 0; k++) {
        eval_take_series(v, take, angles[k]);
        if (n < 2 || !eval_fill_gaps(v, n))
            break;
        differences(v, v, n, take->fps);
        st = eval_power_spectrum(bins, v, n - 1, window);
        for (size_t i = 0; i < EVAL_N_BINS && i <= window / 2 && st == 0; i++)
            power[i] += bins[i];
    }
    free(v);
    return st;
}

void eval_band_shares(double share[EVAL_N_BANDS], const double power[EVAL_N_BINS])
{
    static const int end[EVAL_N_BANDS] = {EVAL_BINS_PER_HZ / 2, EVAL_BINS_PER_HZ,
                                          2 * EVAL_BINS_PER_HZ, 4 * EVAL_BINS_PER_HZ,
                                          8 * EVAL_BINS_PER_HZ};
    double whole = 0;

    for (int i = 0; i < end[EVAL_N_BANDS - 1]; i++)
        whole += power[i];
    for (int k = 0, i = 0; k < EVAL_N_BANDS; k++) {
        share[k] = whole > 0 ? 0 : (double)NAN;
        for (; i < end[k] && whole > 0; i++)
            share[k] += power[i] / whole;
    }
}

int eval_talk_head(eval_talk *out, const eval_take *take)
{
    double power[EVAL_N_BINS];
    double *step = NULL;
    head h = {0};
    int st = 0;

    if (eval_take_seconds(take) < EVAL_SPREAD_MIN_S || !(out->found > 0))
        return 0;
    if (read_head(&h, take) < 0 || !(step = malloc(h.n * sizeof(*step)))) {
        st = -1;
    } else {
        set_speeds(out, &h, step);
        set_head_motion(out, &h, step);
    }
    if (st == 0 && eval_take_seconds(take) >= EVAL_RATE_MIN_S) {
        st = eval_head_spectrum(power, take);
        eval_band_shares(out->band, power);
    }
    free(step);
    free(h.memory);
    return st;
}
