/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of two takes' lips; see sync.h. A frame's time is its number over the frame rate. */
#include "eval/sync.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LAG_S 0.2
#define CLOSED_SHARE 0.15
#define TOLERANCE_S 0.04
enum { N_CHANCES = 200 };

#define FIELD(member, title, digits) {#member, title, offsetof(eval_sync, member), digits}
const eval_talk_field eval_sync_fields[] = {
    FIELD(opening_r, "opening r", 3),
    FIELD(width_r, "width r", 3),
    FIELD(best_r, "best opening r", 3),
    FIELD(lag_ms, "at a lag of, ms", 0),
    FIELD(sound_r, "opening and loudness, best r", 3),
    FIELD(sound_lag_ms, "at a lag of, ms", 0),
    FIELD(amplitude, "amplitude over real", 2),
    FIELD(n_closures, "p b m", 0),
    FIELD(closed, "closed", 2),
    FIELD(closed_real, "closed, real", 2),
    FIELD(closed_by_chance, "closed by chance", 2),
    FIELD(n_labiodental, "f v", 0),
    FIELD(labiodental, "lip at the teeth", 2),
};
const int eval_n_sync_fields = sizeof(eval_sync_fields) / sizeof(eval_sync_fields[0]);

static bool is_one_of(const eval_phone *p, const char *letters)
{
    return p->name[0] && !p->name[1] && strchr(letters, p->name[0]);
}

/* The frames of the time from start_s to end_s, tolerance added, as a run within n_frames. */
static eval_run frames_between(double start_s, double end_s, double fps, size_t n_frames)
{
    const double first = ceil((start_s - TOLERANCE_S) * fps - 1e-6);
    const double last = floor((end_s + TOLERANCE_S) * fps + 1e-6);
    eval_run run = {first > 0 ? (size_t)first : 0, last >= 0 ? (size_t)last + 1 : 0};

    if (run.end > n_frames)
        run.end = n_frames;
    if (run.first > run.end)
        run.first = run.end;
    return run;
}

/* From the first spoken phone to the last. */
static void find_speech(double *start_s, double *span_s, const eval_phone *phones, size_t n_phones)
{
    size_t first = 0, end = n_phones;

    while (first < end && !strcmp(phones[first].name, "SIL"))
        first++;
    while (end > first && !strcmp(phones[end - 1].name, "SIL"))
        end--;
    *start_s = end > first ? phones[first].start_s : 0;
    *span_s = end > first ? phones[end - 1].end_s - *start_s : 0;
}

double eval_closed_share(size_t *n, const eval_take *take, const eval_phone *phones,
                         size_t n_phones, double shift_s)
{
    double *opening = malloc((take->n_frames + 1) * sizeof(*opening));
    double from_s, span_s;
    size_t n_closed = 0;

    *n = 0;
    if (!opening)
        return (double)NAN;
    eval_take_series(opening, take, EVAL_OPENING);
    find_speech(&from_s, &span_s, phones, n_phones);
    const double bound = CLOSED_SHARE * eval_quantile(opening, take->n_frames, 0.95);
    for (size_t i = 0; i < n_phones; i++) {
        if (!is_one_of(&phones[i], "PBM"))
            continue;
        const double start_s = from_s + fmod(phones[i].start_s - from_s + shift_s, span_s);
        const eval_run run = frames_between(start_s, start_s + phones[i].end_s - phones[i].start_s,
                                            take->fps, take->n_frames);
        double least = (double)INFINITY;
        for (size_t f = run.first; f < run.end; f++)
            least = fmin(least, opening[f]);
        *n += isfinite(least);
        n_closed += least < bound;
    }
    free(opening);
    return *n ? (double)n_closed / (double)*n : (double)NAN;
}

/* splitmix64, public domain (Vigna): the next number of the sequence, 0..1. */
static double next_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((x ^ x >> 31) >> 11) * 0x1p-53;
}

static double closed_by_chance(const eval_take *take, const eval_phone *phones, size_t n_phones)
{
    uint64_t state = 1;
    double share[N_CHANCES], from_s, span_s;
    size_t n;

    find_speech(&from_s, &span_s, phones, n_phones);
    for (int i = 0; i < N_CHANCES; i++)
        share[i] = eval_closed_share(&n, take, phones, n_phones, span_s * next_random(&state));
    return eval_mean(share, N_CHANCES);
}

static bool is_lip_at_teeth(const limner_motion *m)
{
    const float *e = m->expression;
    const float in = e[LIMNER_MOUTH_ROLL_LOWER] + e[LIMNER_MOUTH_SHRUG_LOWER];
    const float down = (e[LIMNER_MOUTH_LOWER_DOWN_LEFT] + e[LIMNER_MOUTH_LOWER_DOWN_RIGHT]) / 2;

    return in >= 0.1f &&
           e[LIMNER_JAW_OPEN] - e[LIMNER_MOUTH_CLOSE] + (down - in) / 3 <= 0.08f;
}

double eval_labiodental_share(size_t *n, const limner_motion *motions, size_t n_frames, double fps,
                              const eval_phone *phones, size_t n_phones)
{
    size_t n_raised = 0;

    *n = 0;
    for (size_t i = 0; i < n_phones; i++) {
        if (!is_one_of(&phones[i], "FV"))
            continue;
        const eval_run run = frames_between(phones[i].start_s, phones[i].end_s, fps, n_frames);
        bool is_raised = false;
        for (size_t f = run.first; f < run.end; f++)
            is_raised |= is_lip_at_teeth(&motions[f]);
        *n += run.end > run.first;
        n_raised += is_raised;
    }
    return *n ? (double)n_raised / (double)*n : (double)NAN;
}

/* The four series of the comparison, [n] each in one block: opening and width of both. */
static double *series_of(const eval_take *made, const eval_take *real, size_t n)
{
    const size_t room = made->n_frames > real->n_frames ? made->n_frames : real->n_frames;
    double *v = malloc((4 * n + room + 1) * sizeof(*v)), *whole = v ? v + 4 * n : NULL;

    for (size_t i = 0; v && i < 4; i++) {
        eval_take_series(whole, i % 2 ? real : made, i < 2 ? EVAL_OPENING : EVAL_WIDTH);
        memcpy(v + i * n, whole, n * sizeof(*v));
    }
    return v;
}

/* NaN at the end of the range: the best r lies beyond, if anywhere. */
static double lag_ms(const eval_lag *lag, int most, double fps)
{
    return fabs(lag->lag) < most ? 1000 * lag->lag / fps : (double)NAN;
}

static int compare_sound(eval_sync *out, const eval_take *made, const double *opening, size_t n,
                         int most)
{
    double *loudness = malloc((made->n_frames + 1) * sizeof(*loudness));
    const int bad = !loudness || (made->pcm && eval_take_loudness(loudness, NULL, made, 0));

    if (!bad && made->pcm) {
        const eval_lag lag = eval_best_lag(loudness, opening, n, most);
        out->sound_lag_ms = lag_ms(&lag, most, made->fps);
        out->sound_r = lag.r;
    }
    free(loudness);
    return bad ? -1 : 0;
}

static void clear(eval_sync *out)
{
    for (int i = 0; i < eval_n_sync_fields; i++)
        *(double *)((char *)out + eval_sync_fields[i].offset) = (double)NAN;
}

int eval_sync_of(eval_sync *out, const eval_take *made, const eval_take *real,
                 const eval_phone *phones, size_t n_phones)
{
    const size_t n = made->n_frames < real->n_frames ? made->n_frames : real->n_frames;
    const int most = (int)lrint(MOST_LAG_S * made->fps);
    double *v = series_of(made, real, n);

    clear(out);
    if (!v)
        return -1;
    const double *opening = v, *real_opening = v + n, *width = v + 2 * n, *real_width = v + 3 * n;
    const eval_lag lag = eval_best_lag(real_opening, opening, n, most);
    out->opening_r = eval_pearson(opening, real_opening, n);
    out->width_r = eval_pearson(width, real_width, n);
    out->lag_ms = lag_ms(&lag, most, made->fps);
    out->best_r = lag.r;
    out->amplitude = eval_std(opening, n) / eval_std(real_opening, n);
    const int bad = compare_sound(out, made, opening, n, most);
    free(v);
    if (phones) {
        size_t n_closures;
        out->closed_real = eval_closed_share(&n_closures, real, phones, n_phones, 0);
        out->closed = eval_closed_share(&n_closures, made, phones, n_phones, 0);
        out->closed_by_chance = closed_by_chance(made, phones, n_phones);
        out->n_closures = (double)n_closures;
    }
    return bad;
}
