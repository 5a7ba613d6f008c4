/* SPDX-License-Identifier: Apache-2.0 */
/* Interpolation and neutral face of a take; see motion_take.h. A motion is floats only, and is
 * handled as an array of them. */
#include "io/motion_take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"

enum { N_VALUES = sizeof(limner_motion) / sizeof(float) };

#define REST_SHARE 0.2   /* of the frames lies below the neutral coefficient */
#define LEAST_RANGE 0.2f /* of a coefficient above its neutral value */

int limner_io_motion_reserve(limner_io_motion_take *take, size_t n)
{
    limner_motion *motion = realloc(take->motion, n * sizeof(*motion));

    if (motion)
        take->motion = motion;
    double *time_s = realloc(take->time_s, n * sizeof(*time_s));
    if (time_s)
        take->time_s = time_s;
    return motion && time_s ? 0 : -1;
}

double limner_io_motion_duration_s(const limner_io_motion_take *take)
{
    const double last = take->time_s[take->n_frames - 1];

    return take->fps > 0 ? last + 1 / take->fps : last;
}

/* The last frame that starts at or before time_s, 0 when there is none. */
static size_t frame_at(const limner_io_motion_take *take, double time_s)
{
    size_t low = 0, high = take->n_frames;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (take->time_s[middle] <= time_s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double value_of(const limner_io_motion_take *take, size_t frame, size_t value)
{
    float v;

    memcpy(&v, (const char *)&take->motion[frame] + value * sizeof(v), sizeof(v));
    return (double)v;
}

/* Change per second from frame i to the next. */
static double secant(const limner_io_motion_take *take, size_t i, size_t value)
{
    return (value_of(take, i + 1, value) - value_of(take, i, value)) /
           (take->time_s[i + 1] - take->time_s[i]);
}

/* Slope of the curve at frame i. */
static double slope(const limner_io_motion_take *take, size_t i, size_t value)
{
    if (i == 0 || i + 1 == take->n_frames)
        return 0;
    const double before = secant(take, i - 1, value), after = secant(take, i, value);
    if (before * after <= 0)
        return 0;
    const double dt0 = take->time_s[i] - take->time_s[i - 1];
    const double dt1 = take->time_s[i + 1] - take->time_s[i];
    const double mean = (dt1 * before + dt0 * after) / (dt0 + dt1);
    const double most = 3 * fmin(fabs(before), fabs(after));
    return fmax(-most, fmin(most, mean));
}

void limner_io_motion_at(limner_motion *out, const limner_io_motion_take *take, double time_s)
{
    const size_t i = frame_at(take, time_s + LIMNER_IO_SAME_S);
    float values[N_VALUES];

    *out = take->motion[i];
    if (i + 1 == take->n_frames || !(time_s > take->time_s[i] + LIMNER_IO_SAME_S))
        return;
    const double dt = take->time_s[i + 1] - take->time_s[i];
    const double u = (time_s - take->time_s[i]) / dt, w = 1 - u;
    for (size_t k = 0; k < N_VALUES; k++) {
        const double from = value_of(take, i, k), to = value_of(take, i + 1, k);
        values[k] = (float)(w * w * ((1 + 2 * u) * from + u * dt * slope(take, i, k)) +
                            u * u * ((1 + 2 * w) * to - w * dt * slope(take, i + 1, k)));
    }
    memcpy(out, values, sizeof(values));
}

bool limner_io_motion_is_known(const limner_io_motion_take *take, double time_s)
{
    if (take->n_frames == 0)
        return false;
    const size_t i = frame_at(take, time_s + LIMNER_IO_SAME_S);
    const bool is_met = !(fabs(time_s - take->time_s[i]) > LIMNER_IO_SAME_S);
    return is_met || time_s < take->time_s[0] || i + 2 < take->n_frames;
}

void limner_io_motion_drop(limner_io_motion_take *take, double time_s)
{
    const size_t i = take->n_frames ? frame_at(take, time_s) : 0;

    if (i < 2) /* the frame before is needed for the slope */
        return;
    take->n_frames -= i - 1;
    memmove(take->motion, take->motion + i - 1, take->n_frames * sizeof(*take->motion));
    memmove(take->time_s, take->time_s + i - 1, take->n_frames * sizeof(*take->time_s));
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int limner_io_motion_find_gaps(limner_io_motion_gaps *out, const limner_io_motion_take *take,
                               char *err)
{
    const size_t n = take->n_frames > 1 ? take->n_frames - 1 : 0;
    double *step = malloc((n + 1) * sizeof(*step));

    memset(out, 0, sizeof(*out));
    if (!step)
        return limner_io_fail(err, "motion", "not enough memory");
    for (size_t i = 0; i < n; i++)
        step[i] = take->time_s[i + 1] - take->time_s[i];
    qsort(step, n, sizeof(*step), compare_doubles);
    const double usual = n ? step[n / 2] : 1;
    for (size_t i = n; i > 0 && step[i - 1] > 1.5 * usual; i--) {
        out->n_gaps++;
        out->n_missing += (size_t)lround(step[i - 1] / usual - 1);
        out->longest_s = fmax(out->longest_s, step[i - 1]);
    }
    free(step);
    return 0;
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

int limner_io_motion_neutral(limner_motion *out, const limner_io_motion_take *take, double until_s,
                             char *err)
{
    const size_t n_coefficients = LIMNER_N_EXPRESSION + 1; /* tongue_up follows them */
    float *sorted = malloc(take->n_frames * sizeof(*sorted));
    float values[N_VALUES];
    size_t n = 1;

    memset(out, 0, sizeof(*out));
    if (!sorted)
        return limner_io_fail(err, "motion", "not enough memory");
    while (n < take->n_frames && take->time_s[n] < until_s)
        n++;
    for (size_t k = 0; k < N_VALUES; k++) {
        const double share = k < n_coefficients ? REST_SHARE : 0.5;
        for (size_t i = 0; i < n; i++)
            sorted[i] = (float)value_of(take, i, k);
        qsort(sorted, n, sizeof(*sorted), compare_floats);
        values[k] = sorted[(size_t)(share * (double)(n - 1))];
    }
    memcpy(out, values, sizeof(values));
    free(sorted);
    return 0;
}

static float risen(float v, float neutral)
{
    const float range = fmaxf(1 - neutral, LEAST_RANGE);

    return fminf(fmaxf(v - neutral, 0) / range, 1);
}

void limner_io_motion_make_one_relative(limner_motion *m, const limner_motion *neutral)
{
    for (int k = 0; k < LIMNER_N_EXPRESSION; k++)
        m->expression[k] = risen(m->expression[k], neutral->expression[k]);
    m->tongue_up = risen(m->tongue_up, neutral->tongue_up);
    m->yaw -= neutral->yaw;
    m->pitch -= neutral->pitch;
    m->roll -= neutral->roll;
    m->x -= neutral->x;
    m->y -= neutral->y;
    m->z -= neutral->z;
    m->distance /= neutral->distance;
    m->gaze_yaw -= neutral->gaze_yaw;
    m->gaze_pitch -= neutral->gaze_pitch;
    m->breath -= neutral->breath;
    m->sway -= neutral->sway;
}

void limner_io_motion_make_relative(limner_io_motion_take *take, const limner_motion *neutral)
{
    for (size_t i = 0; i < take->n_frames; i++)
        limner_io_motion_make_one_relative(&take->motion[i], neutral);
    take->is_relative = true;
}
