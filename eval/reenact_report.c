/* SPDX-License-Identifier: Apache-2.0 */
/* What eval reenact found, as tables, summary, plots and pictures. Long clips are those
 * of which the goals speak. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/reenact.h"
#include "eval/statistics.h"

#define LONG_S 4.0
#define PERCENT 100.0

typedef struct reenact_results {
    eval_report *report;
    const char *const *paths;
    const eval_reenacted *clips;
    size_t n;
    double *pool; /* [n] */
} reenact_results;

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_judged(const eval_reenacted *clip)
{
    return clip->status == LIMNER_OK;
}

static bool is_long(const eval_reenacted *clip)
{
    const double half_a_frame = 0.5 / clip->fps;

    return is_judged(clip) && clip->seconds > LONG_S - half_a_frame;
}

static bool beats_both(const eval_reenacted *clip)
{
    return clip->psnr[EVAL_OURS] > clip->psnr[EVAL_STILL] &&
           clip->psnr[EVAL_OURS] > clip->psnr[EVAL_SIMILAR];
}

/* ---- tables -------------------------------------------------------------------------------- */

static void report_pictures_table(const reenact_results *c)
{
    static const eval_column columns[] = {
        {"seconds", "s", 1},
        {"frames", "frames compared", 0},
        {"psnr_still_db", "PSNR, first frame still, dB", 2},
        {"psnr_similar_db", "first frame moved, dB", 2},
        {"psnr_db", "ours, dB", 2},
        {"gain_db", "gain over moved, dB", 2},
        {"ssim_still", "SSIM, still", 4},
        {"ssim_similar", "moved", 4},
        {"ssim", "ours", 4},
        {"beats_both", "PSNR above both", 0},
        {"remark", "remark", 0},
        {NULL, NULL, 0}};
    eval_table *t = eval_report_table(c->report, "pictures", "Pictures of the face", columns);

    for (size_t i = 0; i < c->n; i++) {
        const eval_reenacted *clip = &c->clips[i];

        eval_table_row(t, name_of(c->paths[i]));
        if (!is_judged(clip)) {
            for (int k = 0; k < 10; k++)
                eval_table_number(t, (double)NAN);
            eval_table_text(t, clip->reason);
            continue;
        }
        eval_table_number(t, clip->seconds);
        eval_table_number(t, (double)clip->n_compared);
        eval_table_number(t, clip->psnr[EVAL_STILL]);
        eval_table_number(t, clip->psnr[EVAL_SIMILAR]);
        eval_table_number(t, clip->psnr[EVAL_OURS]);
        eval_table_number(t, eval_reenact_gain(clip));
        eval_table_number(t, clip->ssim[EVAL_STILL]);
        eval_table_number(t, clip->ssim[EVAL_SIMILAR]);
        eval_table_number(t, clip->ssim[EVAL_OURS]);
        eval_table_text(t, beats_both(clip) ? "yes" : "no");
    }
    eval_table_medians(t);
}

static void report_landmarks_table(const reenact_results *c)
{
    static const eval_column columns[] = {
        {"all_still_percent", "all, still, %", 2},
        {"all_similar_percent", "moved, %", 2},
        {"all_percent", "ours, %", 2},
        {"lips_still_percent", "lips, still, %", 2},
        {"lips_similar_percent", "moved, %", 2},
        {"lips_percent", "ours, %", 2},
        {"lids_still_percent", "lids, still, %", 2},
        {"lids_similar_percent", "moved, %", 2},
        {"lids_percent", "ours, %", 2},
        {"opening_r", "mouth opening, r", 3},
        {"n_lost", "frames of ours without a face", 0},
        {NULL, NULL, 0}};
    static const eval_rival order[] = {EVAL_STILL, EVAL_SIMILAR, EVAL_OURS};
    eval_table *t = eval_report_table(c->report, "landmarks",
                                      "Landmarks: error as a share of the eye distance", columns);

    for (size_t i = 0; i < c->n; i++) {
        const eval_reenacted *clip = &c->clips[i];

        if (!is_judged(clip))
            continue;
        eval_table_row(t, name_of(c->paths[i]));
        for (int part = 0; part < EVAL_N_PARTS; part++)
            for (int k = 0; k < EVAL_N_RIVALS; k++)
                eval_table_number(t, PERCENT * clip->error[order[k]][part]);
        eval_table_number(t, clip->opening_r);
        eval_table_number(t, (double)clip->n_lost);
    }
    eval_table_medians(t);
}

/* ---- summary ------------------------------------------------------------------------------- */

typedef double (*clip_value)(const eval_reenacted *clip);

static double lips_of(const eval_reenacted *clip)
{
    return PERCENT * clip->error[EVAL_OURS][EVAL_PART_LIPS];
}

static double beats_of(const eval_reenacted *clip)
{
    return beats_both(clip) ? PERCENT : 0;
}

static double lips_beat_of(const eval_reenacted *clip)
{
    const double ours = clip->error[EVAL_OURS][EVAL_PART_LIPS];

    return ours < clip->error[EVAL_STILL][EVAL_PART_LIPS] &&
                   ours < clip->error[EVAL_SIMILAR][EVAL_PART_LIPS]
               ? PERCENT
               : 0;
}

typedef struct reenact_goal {
    eval_goal goal;
    clip_value value;
    bool is_of_long; /* of clips of LONG_S and more only */
    bool is_median;  /* otherwise the mean */
} reenact_goal;

static const reenact_goal goals[] = {
    {{"beats_both", "clips of 4 s and more whose PSNR is above both baselines, share", "%",
      EVAL_AT_LEAST, 100, 100, (double)NAN, (double)NAN, 1},
     beats_of, true, false},
    {{"beats_both_of_all", "all clips whose PSNR is above both baselines, share", "%",
      EVAL_AT_LEAST, (double)NAN, 100, (double)NAN, (double)NAN, 1},
     beats_of, false, false},
    {{"gain", "PSNR gained over the moved first frame, mean of clips", "dB", EVAL_AT_LEAST, 0, 3,
      (double)NAN, (double)NAN, 2},
     eval_reenact_gain, false, false},
    {{"lips", "error of lip landmarks over the eye distance, median of clips", "%", EVAL_AT_MOST,
      (double)NAN, 2.5, (double)NAN, (double)NAN, 2},
     lips_of, false, true},
    {{"lips_beat_both", "all clips whose lips are nearer than both baselines', share", "%",
      EVAL_AT_LEAST, (double)NAN, 100, (double)NAN, (double)NAN, 1},
     lips_beat_of, false, false}};

static void report_goals(const reenact_results *c)
{
    for (size_t g = 0; g < sizeof(goals) / sizeof(*goals); g++) {
        size_t n = 0;

        for (size_t i = 0; i < c->n; i++) {
            const eval_reenacted *clip = &c->clips[i];
            if (goals[g].is_of_long ? is_long(clip) : is_judged(clip))
                c->pool[n++] = goals[g].value(clip);
        }
        eval_report_goal(c->report, &goals[g].goal,
                         goals[g].is_median ? eval_median(c->pool, n) : eval_mean(c->pool, n));
    }
}

/* ---- plots and pictures -------------------------------------------------------------------- */

/* Clips by their gain, least first; ties as they come. */
static int compare_gain(const void *a, const void *b)
{
    const eval_reenacted *p = *(const eval_reenacted *const *)a;
    const eval_reenacted *q = *(const eval_reenacted *const *)b;
    const double x = eval_reenact_gain(p), y = eval_reenact_gain(q);

    return x != y ? (x > y) - (x < y) : (p > q) - (p < q);
}

static void plot_clip(const reenact_results *c, const eval_reenacted *clip, const char *which)
{
    static const struct {
        const char *title, *unit;
        int first, n; /* curves */
    } plots[] = {{"mouth opening", "eye distances", 0, 1},
                 {"aperture between the lids", "eye widths", 1, 1},
                 {"head", "degrees", 2, 3}};
    static const char *const titles[2][EVAL_N_CURVES] = {
        {"real", "real", "real yaw", "real pitch", "real roll"},
        {"ours", "ours", "our yaw", "our pitch", "our roll"}};
    const char *name = name_of(c->paths[clip - c->clips]);

    for (size_t i = 0; i < sizeof(plots) / sizeof(*plots); i++) {
        eval_curve curves[2 * EVAL_N_CURVES];
        size_t n = 0;
        char title[LIMNER_DETAIL_SIZE];

        for (int k = plots[i].first; k < plots[i].first + plots[i].n; k++)
            for (int side = 0; side < 2; side++)
                curves[n++] = (eval_curve){.title = titles[side][k],
                                           .y = clip->curve[side][k],
                                           .n = clip->n_frames,
                                           .step = 1 / clip->fps};
        snprintf(title, sizeof(title), "%s clip, %s: %s", which, name, plots[i].title);
        eval_report_plot(c->report, title, "s", plots[i].unit, curves, n);
    }
}

static void show_film(const reenact_results *c, const eval_reenacted *clip)
{
    for (int i = 0; clip->film && i < clip->film->n; i++) {
        const eval_strip *s = &clip->film->strip[i];
        char caption[LIMNER_DETAIL_SIZE];

        snprintf(caption, sizeof(caption),
                 "%s, frame %zu: real; ours, %.1f dB; first frame moved, %.1f dB",
                 name_of(c->paths[clip - c->clips]), s->frame, s->psnr[EVAL_OURS],
                 s->psnr[EVAL_SIMILAR]);
        eval_report_picture(c->report, caption, &s->rgb[0][0][0][0],
                            EVAL_N_RIVALS * EVAL_STRIP_PX, EVAL_STRIP_PX);
    }
}

static int report_worst(const reenact_results *c)
{
    const eval_reenacted **order = malloc((c->n + 1) * sizeof(*order));
    size_t n = 0;

    if (!order)
        return -1;
    for (size_t i = 0; i < c->n; i++)
        if (is_judged(&c->clips[i]))
            order[n++] = &c->clips[i];
    qsort(order, n, sizeof(*order), compare_gain);
    eval_report_heading(c->report, "Over time");
    eval_report_text(c->report, "The clip with the least gain over the moved first frame, and the "
                                "one in the middle.");
    if (n > 0)
        plot_clip(c, order[0], "worst");
    if (n > 1)
        plot_clip(c, order[n / 2], "middle");
    eval_report_heading(c->report, "Worst frames");
    eval_report_text(c->report,
                     "Of the clips with the least gain, the frames in which ours has the least "
                     "PSNR, at least ten frames apart.");
    for (size_t i = 0; i < n; i++)
        show_film(c, order[i]);
    free(order);
    return 0;
}

int eval_reenact_report(eval_report *r, const char *const *paths, const eval_reenacted *clips,
                        size_t n)
{
    const reenact_results c = {r, paths, clips, n, malloc((n + 1) * sizeof(double))};
    int st = -1;

    if (c.pool) {
        report_pictures_table(&c);
        report_landmarks_table(&c);
        st = report_worst(&c);
        report_goals(&c);
    }
    free(c.pool);
    return st;
}
