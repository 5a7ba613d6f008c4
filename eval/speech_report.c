/* SPDX-License-Identifier: Apache-2.0 */
/* What eval_speech found, on paper; see speech_report.h. Worst, middle and best clip are by the r
 * of the opening. */
#include "eval/speech_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 64, N_SHOWN = 3 };

static const char *const baseline_names[EVAL_N_BASELINES] = {
    "the real clip itself",          "the real clip 1 frame late",
    "the real clip 2 frames late",   "the real clip 3 frames late",
    "the real clip 4 frames late",   "loudness alone as opening",
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Columns of the fields, then of the others (n_others of them), the end mark added. */
static void list_columns(eval_column columns[MAX_COLUMNS], const eval_talk_field *fields,
                         int n_fields, const eval_column *others, int n_others)
{
    int n = 0;

    for (int i = 0; i < n_fields && n < MAX_COLUMNS - 1; i++)
        columns[n++] = (eval_column){fields[i].key, fields[i].title, fields[i].digits};
    for (int i = 0; i < n_others && n < MAX_COLUMNS - 1; i++)
        columns[n++] = others[i];
    columns[n] = (eval_column){0};
}

static void add_fields(eval_table *t, const void *base, const eval_talk_field *fields, int n)
{
    for (int i = 0; i < n; i++)
        eval_table_number(t, *(const double *)(const void *)((const char *)base +
                                                             fields[i].offset));
}

static void add_lips(const eval_job *job, const eval_speech_clip *clips)
{
    static const eval_column others[] = {{"offset_ms", "picture after sound by, ms", 0},
                                         {"no_closures", "why no closures", 0}};
    eval_column columns[MAX_COLUMNS];

    list_columns(columns, eval_sync_fields, eval_n_sync_fields, others, 2);
    eval_table *t = eval_report_table(job->report, "lips", "Lips beside the real ones", columns);
    for (size_t i = 0; i < job->n_paths; i++) {
        eval_talk made;
        eval_sync sync;
        if (clips[i].why[0])
            continue;
        eval_speech_clip_mean(&made, &sync, &clips[i]);
        eval_table_row(t, name_of(job->paths[i]));
        add_fields(t, &sync, eval_sync_fields, eval_n_sync_fields);
        eval_table_number(t, clips[i].offset_ms);
        if (clips[i].no_phones[0])
            eval_table_text(t, clips[i].no_phones);
    }
    eval_table_medians(t);
}

static void add_baselines(const eval_job *job, const eval_speech_means *means)
{
    eval_column columns[MAX_COLUMNS];

    list_columns(columns, eval_sync_fields, eval_n_sync_fields, NULL, 0);
    eval_table *t = eval_report_table(job->report, "baselines",
                                      "What the figures of the lips tell: means over clips",
                                      columns);
    eval_table_row(t, "generated");
    add_fields(t, &means->sync, eval_sync_fields, eval_n_sync_fields);
    for (int b = 0; b < EVAL_N_BASELINES; b++) {
        eval_table_row(t, baseline_names[b]);
        add_fields(t, &means->baseline[b], eval_sync_fields, eval_n_sync_fields);
    }
}

/* Of the generated takes, or of the real ones. */
static void add_talk(const eval_job *job, const eval_speech_clip *clips, bool is_real)
{
    static const eval_column others[] = {{"score", "score", 3},
                                         {"score_own", "score beside the clip", 3},
                                         {"same_opening_r", "opening r of seeds", 3},
                                         {"same_yaw_r", "yaw r of seeds", 2}};
    eval_column columns[MAX_COLUMNS];

    list_columns(columns, eval_talk_fields, eval_n_talk_fields, others, is_real ? 1 : 4);
    eval_table *t = eval_report_table(job->report, is_real ? "real" : "generated",
                                      is_real ? "How the real people move"
                                              : "How the generated takes move", columns);
    for (size_t i = 0; i < job->n_paths; i++) {
        const eval_speech_clip *clip = &clips[i];
        eval_talk talk = clip->real;
        eval_sync sync;
        if (clip->why[0])
            continue;
        if (!is_real)
            eval_speech_clip_mean(&talk, &sync, clip);
        eval_table_row(t, name_of(job->paths[i]));
        add_fields(t, &talk, eval_talk_fields, eval_n_talk_fields);
        eval_table_number(t, eval_talk_score(&talk, &eval_speech_people));
        if (is_real)
            continue;
        eval_table_number(t, eval_talk_score(&talk, &clip->real));
        eval_table_number(t, clip->same_opening_r);
        eval_table_number(t, clip->same_yaw_r);
    }
    eval_table_medians(t);
}

static void add_left_out(const eval_job *job, const eval_speech_clip *clips)
{
    static const eval_column columns[] = {{"why", "why", 0}, {0}};
    eval_table *t = NULL;

    for (size_t i = 0; i < job->n_paths; i++) {
        if (!clips[i].why[0])
            continue;
        if (!t)
            t = eval_report_table(job->report, "left_out", "Left out", columns);
        eval_table_row(t, name_of(job->paths[i]));
        eval_table_text(t, clips[i].why);
    }
}

/* ---- goals --------------------------------------------------------------------------------- */

#define AT_LEAST(key, title, must, aim, digits) \
    {key, title, "", EVAL_AT_LEAST, must, aim, 0, 0, digits}
#define AT_MOST(key, title, unit, must, aim, digits) \
    {key, title, unit, EVAL_AT_MOST, must, aim, 0, 0, digits}
#define WITHIN(key, title, unit, must_low, must_high, aim_low, aim_high, digits) \
    {key, title, unit, EVAL_WITHIN, must_low, aim_low, must_high, aim_high, digits}

static void add_lip_goals(eval_report *r, const eval_speech_means *m)
{
    const struct {
        eval_goal goal;
        double value;
    } goals[] = {
        {AT_LEAST("opening_r", "mouth opening r", 0.45, 0.55, 3), m->sync.opening_r},
        {AT_LEAST("width_r", "mouth width r", 0.38, 0.5, 3), m->sync.width_r},
        {WITHIN("lag", "audio-visual lag", "ms", -40, 40, -20, 20, 0), m->sync.lag_ms},
        {WITHIN("amplitude", "amplitude over real", "", 0.8, 1.25, 0.9, 1.1, 2),
         m->sync.amplitude},
        {AT_LEAST("closures", "closed in p b m, over real", 0.85, 1, 2),
         m->sync.closed / m->sync.closed_real},
        {AT_LEAST("labiodental", "lip at the teeth in f v", 0.8, 0.95, 2), m->sync.labiodental},
        {AT_MOST("silent_lip", "silent-lip stability", "eye distances", 0.035, 0.027, 4),
         m->made.silent_lip},
        {WITHIN("lip_dynamics", "lip dynamics", "px", 1.7, 4.6, 0.85 * m->real.lip_dynamics,
                1.15 * m->real.lip_dynamics, 2), m->made.lip_dynamics},
        {WITHIN("loudness_sync", "loudness sync over real", "", 0.8, 1.2, 0.9, 1.1, 2),
         m->made.loudness_sync / m->real.loudness_sync},
    };

    for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++)
        eval_report_goal(r, &goals[i].goal, goals[i].value);
}

/* The band that is farthest from the people's. */
static double worst_band(const eval_talk *made)
{
    double worst = (double)NAN;

    for (int b = 0; b < EVAL_N_BANDS; b++)
        worst = fmax(worst, fabs(made->band[b] - eval_speech_people.band[b]));
    return worst;
}

static void add_head_goals(eval_report *r, const eval_speech_means *m)
{
    const eval_talk *people = &eval_speech_people;
    const struct {
        eval_goal goal;
        double value;
    } goals[] = {
        {WITHIN("head_motion", "head motion", "degrees", 1.1, 3.1, 0.85 * people->head_motion,
                1.15 * people->head_motion, 2), m->made.head_motion},
        {AT_MOST("head_spectrum", "head spectrum, worst band", "", 0.08, 0.04, 3),
         worst_band(&m->made)},
        {WITHIN("brow_motion", "brow motion", "eye distances", 0.004, 0.0072,
                0.85 * people->brow_motion, 1.15 * people->brow_motion, 4), m->made.brow_motion},
        {WITHIN("blinks", "blinks", "per minute", 10, 33, 15, 26, 1), m->made.blinks_per_min},
        {WITHIN("blink_length", "length of a blink", "ms", 130, 270, (double)NAN, (double)NAN, 0),
         m->made.blink_ms},
        {AT_MOST("gaze_head_r", "r of gaze and head yaw", "", -0.6, -0.8, 2),
         m->made.gaze_head_r},
        {AT_LEAST("score", "THEval-style score", 0.8, 0.9, 3), m->score},
    };

    for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++)
        eval_report_goal(r, &goals[i].goal, goals[i].value);
}

/* ---- plots and pictures -------------------------------------------------------------------- */

static void plot_opening(eval_report *r, const eval_speech_clip *clip)
{
    const double step = 1 / clip->fps;
    const eval_curve curves[] = {
        {"real", clip->real_curve[EVAL_CURVE_OPENING], clip->n_frames, 0, step},
        {"generated", clip->made_curve[EVAL_CURVE_OPENING], clip->n_frames, 0, step},
    };
    const eval_curve loudness = {"loudness", clip->loudness, clip->n_frames, 0, step};

    eval_report_plot(r, "Opening of the mouth", "s", "eye distances", curves, 2);
    eval_report_plot(r, "Loudness of the sound", "s", "share of its range", &loudness, 1);
}

static void plot_head(eval_report *r, const eval_speech_clip *clip)
{
    static const char *const title[EVAL_N_CURVES] = {"", "Yaw", "Pitch", "Roll"};
    const double step = 1 / clip->fps;

    for (int i = EVAL_CURVE_YAW; i < EVAL_N_CURVES; i++) {
        const eval_curve curves[] = {
            {"real", clip->real_curve[i], clip->n_frames, 0, step},
            {"generated", clip->made_curve[i], clip->n_frames, 0, step},
        };
        eval_report_plot(r, title[i], "s", "degrees", curves, 2);
    }
}

static void show_clip(const eval_job *job, const eval_speech_clip *clip, const char *rank,
                      const char *name)
{
    char heading[256];
    eval_talk made;
    eval_sync sync;

    eval_speech_clip_mean(&made, &sync, clip);
    snprintf(heading, sizeof(heading), "%s clip: %s", rank, name);
    eval_report_heading(job->report, heading);
    eval_report_text(job->report, "Opening r %.3f at no lag, %.3f at %.0f ms; amplitude %.2f.",
                     sync.opening_r, sync.best_r, sync.lag_ms, sync.amplitude);
    eval_report_picture(job->report, "Real above, generated below, at the same moments",
                        clip->strip, EVAL_STRIP_FRAMES * EVAL_STRIP_PX, 2 * EVAL_STRIP_PX);
    plot_opening(job->report, clip);
    plot_head(job->report, clip);
}

static double opening_r(const eval_speech_clip *clip)
{
    eval_talk made;
    eval_sync sync;

    eval_speech_clip_mean(&made, &sync, clip);
    return isnan(sync.opening_r) ? -2 : sync.opening_r;
}

/* The clip that has `rank` used clips below it. */
static size_t clip_of_rank(const eval_speech_clip *clips, size_t n, size_t rank)
{
    for (size_t i = 0; i < n; i++) {
        size_t n_below = 0;
        for (size_t k = 0; !clips[i].why[0] && k < n; k++) {
            const double r = clips[k].why[0] ? 3 : opening_r(&clips[k]), own = opening_r(&clips[i]);
            n_below += r < own || (r == own && k < i);
        }
        if (!clips[i].why[0] && n_below == rank)
            return i;
    }
    return 0;
}

static void show_some(const eval_job *job, const eval_speech_clip *clips, size_t n_used)
{
    static const char *const rank_name[N_SHOWN] = {"Worst", "Middle", "Best"};
    const size_t rank[N_SHOWN] = {0, n_used / 2, n_used - 1};

    for (int k = 0; k < N_SHOWN; k++) {
        const size_t i = clip_of_rank(clips, job->n_paths, rank[k]);
        if (k == 0 || rank[k] != rank[k - 1])
            show_clip(job, &clips[i], rank_name[k], name_of(job->paths[i]));
    }
}

static void tell_bands(eval_report *r, const char *of, const eval_talk *t)
{
    eval_report_text(r, "Turning of the head at 0-0.5, 0.5-1, 1-2, 2-4, 4-8 Hz, %s: %.3f, %.3f, "
                     "%.3f, %.3f, %.3f.", of, t->band[0], t->band[1], t->band[2], t->band[3],
                     t->band[4]);
}

int eval_speech_report(const eval_job *job, const eval_speech_clip *clips)
{
    eval_speech_means *means = malloc(sizeof(*means));

    if (!means || eval_speech_mean(means, clips, job->n_paths)) {
        free(means);
        return -1;
    }
    eval_report_text(job->report,
                     "%zu clips, %.0f s, up to %u takes of each; %zu of at least 4 s, from which "
                     "come silent lip, lip dynamics, loudness sync, head, brows, blinks, gaze and "
                     "score. Figures are of rendered frames read back by the tracker.",
                     means->n_clips, means->seconds, job->n_seeds, means->n_long);
    eval_report_text(job->report,
                     "Takes of other seeds beside the first: opening r %.3f, yaw r %.2f.",
                     means->same_opening_r, means->same_yaw_r);
    tell_bands(job->report, "generated", &means->made);
    tell_bands(job->report, "in these clips", &means->real);
    tell_bands(job->report, "medians over real people, the goal", &eval_speech_people);
    eval_report_text(job->report,
                     "THEval-style score: of the means of the generated set beside those of the "
                     "real one, the goal, %.3f; of the generated means beside medians over real "
                     "people %.3f, of each take by itself beside these %.3f.",
                     means->score, eval_talk_score(&means->made, &eval_speech_people),
                     means->score_takes);
    add_lip_goals(job->report, means);
    add_head_goals(job->report, means);
    add_baselines(job, means);
    add_lips(job, clips);
    add_talk(job, clips, false);
    add_talk(job, clips, true);
    add_left_out(job, clips);
    show_some(job, clips, means->n_clips);
    free(means);
    return 0;
}
