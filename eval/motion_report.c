/* SPDX-License-Identifier: Apache-2.0 */
/* What eval motion found: for all clips of some length together, and for each source, the median
 * and the range of every figure over its clips; blinks and spectra pooled. */
#include "eval/motion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/talk_parts.h"

enum { MAX_GROUPS = 16, N_BLINK_BINS = 16 };

#define BLINK_BIN_MS 40.0 /* one frame at 25 a second; blinks are shorter than 600 ms */

/* Clips that are looked at together; they stay in the array of all. */
typedef struct motion_group {
    char name[EVAL_MAX_SOURCE];
    const eval_motion_clip **clips;
    size_t n;
} motion_group;

typedef struct motion_tables {
    eval_report *report;
    const eval_motion_clip *clips;
    size_t n_clips;
    motion_group groups[MAX_GROUPS]; /* the first: all of EVAL_RATE_MIN_S and more */
    size_t n_groups;
    double *pool; /* room for one value of each clip, or all blinks */
} motion_tables;

/* ---- groups -------------------------------------------------------------------------------- */

static int add_group(motion_tables *t, const char *name)
{
    motion_group *g = &t->groups[t->n_groups];

    g->clips = malloc((t->n_clips + 1) * sizeof(const eval_motion_clip *));
    if (!g->clips)
        return -1;
    snprintf(g->name, sizeof(g->name), "%s", name);
    t->n_groups++;
    return 0;
}

/* The group of a clip's source, new where there is room for one; NULL: there is none. */
static motion_group *group_of(motion_tables *t, const eval_motion_clip *clip)
{
    for (size_t i = 1; i < t->n_groups; i++) {
        if (strcmp(t->groups[i].name, clip->source) == 0)
            return &t->groups[i];
    }
    if (t->n_groups == MAX_GROUPS || add_group(t, clip->source) < 0)
        return NULL;
    return &t->groups[t->n_groups - 1];
}

static int sort_into_groups(motion_tables *t)
{
    size_t n_blinks = 0;

    if (add_group(t, "all") < 0)
        return -1;
    for (size_t i = 0; i < t->n_clips; i++) {
        const eval_motion_clip *clip = &t->clips[i];
        motion_group *own = *clip->reason ? NULL : group_of(t, clip);

        n_blinks += clip->n_blinks;
        if (own)
            own->clips[own->n++] = clip;
        if (own && clip->talk.seconds >= EVAL_RATE_MIN_S)
            t->groups[0].clips[t->groups[0].n++] = clip;
    }
    t->pool = malloc((t->n_clips + n_blinks + 1) * sizeof(*t->pool));
    return t->pool ? 0 : -1;
}

static void close_tables(motion_tables *t)
{
    for (size_t i = 0; i < t->n_groups; i++)
        free(t->groups[i].clips);
    free(t->pool);
}

/* ---- figures of a group -------------------------------------------------------------------- */

static double field_of(const eval_motion_clip *clip, const eval_talk_field *field)
{
    return eval_talk_value(&clip->talk, field);
}

static size_t pool_blinks(motion_tables *t, const motion_group *g)
{
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++) {
        for (size_t k = 0; k < g->clips[i]->n_blinks; k++)
            t->pool[n++] = g->clips[i]->blink_ms[k];
    }
    return n;
}

/* Mean over the clips, each with as much weight, of what lies below 8 Hz; per Hz. */
static void mean_spectrum(double density[EVAL_N_BINS], const motion_group *g)
{
    double n_there = 0;

    memset(density, 0, EVAL_N_BINS * sizeof(*density));
    for (size_t i = 0; i < g->n; i++) {
        double whole = 0;

        for (int k = 0; k < EVAL_N_BINS - 1; k++)
            whole += g->clips[i]->power[k];
        for (int k = 0; k < EVAL_N_BINS && whole > 0; k++)
            density[k] += EVAL_BINS_PER_HZ * g->clips[i]->power[k] / whole;
        n_there += whole > 0;
    }
    for (int k = 0; k < EVAL_N_BINS; k++)
        density[k] = n_there > 0 ? density[k] / n_there : (double)NAN;
}

double eval_lips_behind_ms(double *r, const eval_motion_clip *const *clips, size_t n)
{
    double mean[EVAL_N_SHIFTS] = {0};
    size_t n_there = 0;
    int best = 0;

    for (size_t i = 0; i < n; i++) {
        if (isnan(eval_std(clips[i]->sound_r, EVAL_N_SHIFTS)))
            continue;
        for (int k = 0; k < EVAL_N_SHIFTS; k++)
            mean[k] += isnan(clips[i]->sound_r[k]) ? 0 : clips[i]->sound_r[k];
        n_there++;
    }
    for (int k = 0; k < EVAL_N_SHIFTS; k++) {
        mean[k] /= (double)n_there;
        best = mean[k] > mean[best] ? k : best;
    }
    *r = (double)NAN;
    if (n_there == 0 || best == 0 || best == EVAL_N_SHIFTS - 1)
        return (double)NAN;
    *r = mean[best];
    const double bend = mean[best - 1] - 2 * mean[best] + mean[best + 1];
    const double place =
        best - EVAL_N_SHIFTS / 2 + (bend < 0 ? (mean[best - 1] - mean[best + 1]) / (2 * bend) : 0);
    return -1000 * EVAL_SHIFT_S * place;
}

/* ---- tables -------------------------------------------------------------------------------- */

static void report_sources(motion_tables *t)
{
    static const eval_column columns[] = {
        {"clips", "clips", 0},
        {"seconds", "length, s", 1},
        {"lost", "frames without a face, share", 4},
        {"blinks", "blinks", 0},
        {"blinks_per_min", "blinks a minute", 1},
        {"blink_ms_10", "blink length, ms: 10 %", 0},
        {"blink_ms", "median", 0},
        {"blink_ms_90", "90 %", 0},
        {"lips_behind_ms", "lips behind loudness, ms", 0},
        {"lips_behind_r", "r there", 2},
        {NULL, NULL, 0},
    };
    eval_table *table =
        eval_report_table(t->report, "sources", "Sources, their clips pooled", columns);

    for (size_t i = 0; i < t->n_groups; i++) {
        const motion_group *g = &t->groups[i];
        const size_t n_blinks = pool_blinks(t, g);
        double seconds = 0, lost = 0, r;

        for (size_t k = 0; k < g->n; k++) {
            seconds += g->clips[k]->talk.seconds;
            lost += (1 - g->clips[k]->talk.found) * g->clips[k]->talk.seconds;
        }
        eval_table_row(table, g->name);
        eval_table_number(table, (double)g->n);
        eval_table_number(table, seconds);
        eval_table_number(table, lost / seconds);
        eval_table_number(table, (double)n_blinks);
        eval_table_number(table, 60 * (double)n_blinks / seconds);
        eval_table_number(table, eval_quantile(t->pool, n_blinks, 0.1));
        eval_table_number(table, eval_median(t->pool, n_blinks));
        eval_table_number(table, eval_quantile(t->pool, n_blinks, 0.9));
        eval_table_number(table, eval_lips_behind_ms(&r, g->clips, g->n));
        eval_table_number(table, r);
    }
}

/* A row of one group: its figures at `share` of its clips, or how many clips tell them (< 0). */
static void report_range(motion_tables *t, eval_table *table, const motion_group *g,
                         const char *what, double share)
{
    char name[EVAL_MAX_SOURCE + 32];

    snprintf(name, sizeof(name), "%s: %s", g->name, what);
    eval_table_row(table, name);
    for (int f = 0; f < eval_n_talk_fields; f++) {
        size_t n = 0;

        for (size_t i = 0; i < g->n; i++) {
            const double v = field_of(g->clips[i], &eval_talk_fields[f]);
            if (!isnan(v))
                t->pool[n++] = v;
        }
        eval_table_number(table, share < 0 ? (double)n : eval_quantile(t->pool, n, share));
    }
}

static void talk_columns(eval_column *columns)
{
    for (int f = 0; f < eval_n_talk_fields; f++)
        columns[f] = (eval_column){eval_talk_fields[f].key, eval_talk_fields[f].title,
                                   eval_talk_fields[f].digits};
}

static void report_people(motion_tables *t, eval_column *columns)
{
    talk_columns(columns);
    columns[eval_n_talk_fields] = (eval_column){NULL, NULL, 0};
    eval_table *table =
        eval_report_table(t->report, "people", "Figures: median and range over the clips", columns);
    for (size_t g = 0; g < t->n_groups; g++) {
        report_range(t, table, &t->groups[g], "clips", -1);
        report_range(t, table, &t->groups[g], "10 %", 0.1);
        report_range(t, table, &t->groups[g], "median", 0.5);
        report_range(t, table, &t->groups[g], "90 %", 0.9);
    }
}

/* Rows of n places, a column of each group: place i of group g is values[g * n + i]. */
static void report_curves(motion_tables *t, const char *key, const char *title, const char *x_title,
                          const char *y_title, const double *values, size_t n, double start,
                          double step)
{
    eval_column columns[MAX_GROUPS + 1] = {{NULL, NULL, 0}};
    eval_curve curves[MAX_GROUPS];

    for (size_t g = 0; g < t->n_groups; g++) {
        columns[g] = (eval_column){t->groups[g].name, t->groups[g].name, 3};
        curves[g] = (eval_curve){t->groups[g].name, values + g * n, n, start, step};
    }
    eval_report_plot(t->report, title, x_title, y_title, curves, t->n_groups);
    eval_table *table = eval_report_table(t->report, key, title, columns);
    for (size_t i = 0; i < n; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%g", start + step * (double)i);
        eval_table_row(table, name);
        for (size_t g = 0; g < t->n_groups; g++)
            eval_table_number(table, values[g * n + i]);
    }
}

static void report_spectra(motion_tables *t)
{
    double density[MAX_GROUPS * EVAL_N_BINS];

    for (size_t g = 0; g < t->n_groups; g++)
        mean_spectrum(density + g * EVAL_N_BINS, &t->groups[g]);
    report_curves(t, "spectrum", "Power of the head's turning, share of what is below 8 Hz, per Hz",
                  "Hz", "share per Hz", density, EVAL_N_BINS, 0, 1.0 / EVAL_BINS_PER_HZ);
}

static void report_blinks(motion_tables *t)
{
    double share[MAX_GROUPS * N_BLINK_BINS] = {0};

    for (size_t g = 0; g < t->n_groups; g++) {
        const size_t n = pool_blinks(t, &t->groups[g]);

        for (size_t i = 0; i < n; i++) {
            const size_t bin = (size_t)lround(t->pool[i] / BLINK_BIN_MS);
            share[g * N_BLINK_BINS + bin] += 1 / (double)n;
        }
    }
    report_curves(t, "blinks", "Blinks by their length, share of all", "ms (+-20)", "share", share,
                  N_BLINK_BINS, 0, BLINK_BIN_MS);
}

/* A row of each clip, with every figure. */
static void report_clips(motion_tables *t, eval_column *columns)
{
    int n = eval_n_talk_fields;

    talk_columns(columns);
    columns[n++] = (eval_column){"lips_behind_ms", "lips behind loudness, ms", 0};
    columns[n++] = (eval_column){"lips_behind_r", "r there", 2};
    columns[n++] = (eval_column){"reason", "why not used", 0};
    columns[n] = (eval_column){NULL, NULL, 0};
    eval_table *table = eval_report_table(t->report, "clips", "Clips", columns);
    for (size_t i = 0; i < t->n_clips; i++) {
        const eval_motion_clip *clip = &t->clips[i];
        const bool is_used = !*clip->reason;
        double r = (double)NAN;

        eval_table_row(table, clip->name);
        for (int f = 0; f < eval_n_talk_fields; f++)
            eval_table_number(table, is_used ? field_of(clip, &eval_talk_fields[f]) : (double)NAN);
        eval_table_number(table, is_used ? eval_lips_behind_ms(&r, &clip, 1) : (double)NAN);
        eval_table_number(table, r);
        eval_table_text(table, clip->reason);
    }
    eval_table_medians(table);
}

int eval_motion_report(eval_report *report, const eval_motion_clip *clips, size_t n)
{
    motion_tables t = {.report = report, .clips = clips, .n_clips = n};
    eval_column *columns = calloc((size_t)eval_n_talk_fields + 4, sizeof(*columns));
    const int st = columns ? sort_into_groups(&t) : -1;

    if (st == 0) {
        eval_report_text(report,
                         "A clip counts as a person. \"all\" are the clips of %g s and "
                         "more; figures that a clip is too short or too silent to tell are left "
                         "out (doc/evaluation.md).",
                         EVAL_RATE_MIN_S);
        report_sources(&t);
        report_people(&t, columns);
        report_spectra(&t);
        report_blinks(&t);
        report_clips(&t, columns);
    }
    close_tables(&t);
    free(columns);
    return st;
}
