/* SPDX-License-Identifier: Apache-2.0 */
/* What eval control found, as tables, summary and pictures. A figure is one value or several of
 * each portrait; over all portraits the values of one figure are taken together. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/control.h"
#include "eval/statistics.h"

enum {
    N_WORST = 5,
    N_FIRST = 3,        /* portraits shown in any case */
    FILM_COLUMNS = 7,
    FILM_ROWS = EVAL_N_FILM / FILM_COLUMNS
};

/* Which value of the spread stands for a figure. */
typedef enum control_centre { MEDIAN, MEAN } control_centre;

typedef struct figure {
    const char *key, *title;
    size_t offset, n;           /* of doubles in eval_controlled */
    double scale;               /* of the doubles, to the unit of the title */
    int digits;
    control_centre centre;      /* of one portrait's values, and of all */
    double best;                /* what could be had at most */
    double must;                /* of the centre; NaN: for information only */
} figure;

#define AT(field) offsetof(eval_controlled, field)
#define UNBOUND ((double)NAN)

enum {
    PSNR, PSNR_SIZE, HEAD, HEAD_OWN, TURN, TURN_OWN, GAZE, GAZE_OWN, DISTANCE, MOUTH, LIDS,
    POSE_TO_EXPRESSION, EXPRESSION_TO_POSE, IDENTITY, IDENTITY_FRAME, N_FIGURES
};

static const figure figures[N_FIGURES] = {
    [PSNR] = {"own_motion_psnr_db", "photo's own motion, dB, 1:1", AT(psnr_db), 1, 1, 1, MEDIAN,
              50, 40},
    [PSNR_SIZE] = {"own_motion_psnr_size_db", "the same at the frames' size, dB", AT(psnr_size_db),
                   1, 1, 1, MEDIAN, 50, UNBOUND},
    [HEAD] = {"head_deg", "head pose error, deg, each angle", AT(obedience.head),
              EVAL_N_HEAD_ANGLES, 1, 2, MEDIAN, 0, 2},
    [HEAD_OWN] = {"head_own_deg", "the same from the photo's own reading, deg",
                  AT(obedience.head_own), EVAL_N_HEAD_ANGLES, 1, 2, MEDIAN, 0, UNBOUND},
    [TURN] = {"turn_deg", "head pose error, deg, angle of the rotation", AT(obedience.turn),
              EVAL_N_HEADS, 1, 2, MEDIAN, 0, UNBOUND},
    [TURN_OWN] = {"turn_own_deg", "the same from the photo's own reading, deg",
                  AT(obedience.turn_own), EVAL_N_HEADS, 1, 2, MEDIAN, 0, UNBOUND},
    [GAZE] = {"gaze_deg", "gaze error, deg", AT(obedience.gaze), EVAL_N_GAZES, 1, 2, MEAN, 0, 4},
    [GAZE_OWN] = {"gaze_own_deg", "the same from the photo's own reading, deg",
                  AT(obedience.gaze_own), EVAL_N_GAZES, 1, 2, MEAN, 0, UNBOUND},
    [DISTANCE] = {"distance_percent", "head distance error, %", AT(obedience.distance),
                  EVAL_N_DISTANCES, 100, 2, MEAN, 0, 2},
    [MOUTH] = {"mouth_r", "mouth opening, r", AT(factors.mouth_r), 1, 1, 4, MEDIAN, 1, 0.97},
    [LIDS] = {"lids_left_percent", "aperture of the worse shut eye, % of the open one's",
              AT(factors.lid_worst), 1, 100, 1, MEDIAN, 0, 8},
    [POSE_TO_EXPRESSION] = {"pose_to_expression_percent", "leakage of pose into expression, %",
                            AT(factors.pose_to_expression), 1, 100, 1, MEDIAN, 0, 8},
    [EXPRESSION_TO_POSE] = {"expression_to_pose_percent", "leakage of expression into pose, %",
                            AT(factors.expression_to_pose), 1, 100, 1, MEDIAN, 0, 8},
    [IDENTITY] = {"identity_percent", "identity change, % of two people's distance",
                  AT(identity_change), 1, 100, 1, MEDIAN, 0, 20},
    [IDENTITY_FRAME] = {"identity_frame_percent", "the same of single frames, %",
                        AT(identity_frame), EVAL_N_LOOKS, 100, 1, MEDIAN, 0, UNBOUND},
};

typedef struct control_results {
    const limner_model *model;
    eval_report *report;
    const char *const *paths;
    eval_controlled *faces;
    size_t n;
    double *pool; /* for all values of any figure, or for one of every pair of portraits */
} control_results;

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_judged(const eval_controlled *face)
{
    return face->status == LIMNER_OK;
}

/* Values of a figure, in its unit; their number. */
static size_t values_of(double *out, const eval_controlled *face, const figure *f)
{
    for (size_t i = 0; i < f->n; i++) {
        double v;

        memcpy(&v, (const char *)face + f->offset + i * sizeof(v), sizeof(v));
        out[i] = f->scale * v;
    }
    return f->n;
}

static double centre_of(const figure *f, const double *v, size_t n)
{
    return f->centre == MEAN ? eval_mean(v, n) : eval_median(v, n);
}

static double value_of(const eval_controlled *face, const figure *f)
{
    double v[EVAL_N_HEAD_ANGLES];

    return centre_of(f, v, values_of(v, face, f));
}

/* All values of a figure into the pool. */
static size_t gather(const control_results *c, const figure *f)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        if (is_judged(&c->faces[i]))
            n += values_of(c->pool + n, &c->faces[i], f);
    return n;
}

/* Changes of identity into shares of the median distance between a portrait's crop and the frames
 * of another one. */
static void share_identity(control_results *c)
{
    size_t n_pairs = 0;

    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->n; k++)
            if (i != k && is_judged(&c->faces[i]) && is_judged(&c->faces[k]))
                c->pool[n_pairs++] =
                    (double)limner_identity_distance(c->model, c->faces[i].identity,
                                                     c->faces[k].moved_identity);
    const double between = eval_median(c->pool, n_pairs);
    for (size_t i = 0; i < c->n; i++) {
        c->faces[i].identity_change /= between;
        for (size_t k = 0; k < EVAL_N_LOOKS; k++)
            c->faces[i].identity_frame[k] /= between;
    }
    eval_report_text(c->report,
                     "Identity: two portraits of this set are %.2f cm apart (median of %zu pairs).",
                     between, n_pairs);
}

static void report_losses(const control_results *c)
{
    double n_lost = 0;
    size_t n_frames = 0;

    for (size_t i = 0; i < c->n; i++) {
        n_lost += is_judged(&c->faces[i]) ? c->faces[i].n_lost : 0;
        n_frames += is_judged(&c->faces[i]) ? EVAL_N_SHOTS : 0;
    }
    eval_report_text(c->report,
                     "In %.0f of %zu frames no face was found; they count in no figure.", n_lost,
                     n_frames);
}

/* ---- tables -------------------------------------------------------------------------------- */

/* What is worth knowing beside the numbers. */
static void add_remark(eval_table *t, const eval_controlled *face)
{
    char remark[LIMNER_DETAIL_SIZE];
    const eval_factors *f = &face->factors;
    const char *leakiest = f->leakiest < 0 ? "none" : limner_expression_name(f->leakiest);
    const char *pushiest = f->pushiest < 0 ? "none" : limner_expression_name(f->pushiest);
    const bool is_shut = isnan(f->lid_left[0]) || isnan(f->lid_left[1]);

    snprintf(remark, sizeof(remark),
             "%d expressions seen; leakiest %s %.0f %%; %s turns the head %.0f %%%s", f->n_seen,
             leakiest, 100 * f->leakiest_share, pushiest, 100 * f->pushiest_share,
             is_shut ? "; an eye is nearly shut in the photo" : "");
    eval_table_text(t, is_judged(face) ? remark : face->reason);
}

/* Columns of the portraits' table beside the figures. */
static const figure others[] = {
    {"own_yaw_deg", "yaw in the photo, deg", AT(own_yaw), 1, 1, 0, MEDIAN, 0, UNBOUND},
    {"own_pitch_deg", "pitch in the photo, deg", AT(own_pitch), 1, 1, 0, MEDIAN, 0, UNBOUND},
    {"n_lost", "frames without a face", AT(n_lost), 1, 1, 0, MEDIAN, 0, UNBOUND},
    {"n_new", "face looked for anew", AT(n_new), 1, 1, 0, MEDIAN, 0, UNBOUND}};
enum { N_OTHERS = sizeof(others) / sizeof(*others), N_COLUMNS = N_FIGURES + N_OTHERS };

static const figure *column(int k)
{
    return k < N_FIGURES ? &figures[k] : &others[k - N_FIGURES];
}

static void report_portraits(const control_results *c)
{
    eval_column columns[N_COLUMNS + 2] = {{NULL, NULL, 0}};

    for (int k = 0; k < N_COLUMNS; k++)
        columns[k] = (eval_column){column(k)->key, column(k)->title, column(k)->digits};
    columns[N_COLUMNS] = (eval_column){"remark", "remark", 0};
    eval_table *t = eval_report_table(c->report, "portraits",
                                      "Portraits: the middle of each one's values", columns);
    for (size_t i = 0; i < c->n; i++) {
        const eval_controlled *face = &c->faces[i];

        eval_table_row(t, name_of(c->paths[i]));
        for (int k = 0; k < N_COLUMNS; k++)
            eval_table_number(t, is_judged(face) ? value_of(face, column(k)) : (double)NAN);
        add_remark(t, face);
    }
    eval_table_medians(t);
}

/* More is better. */
static bool is_gain(const figure *f)
{
    return f->best > 0;
}

/* The portrait whose own middle is worst. */
static size_t worst_portrait(const control_results *c, const figure *f)
{
    double most = -INFINITY;
    size_t worst = 0;

    for (size_t i = 0; i < c->n; i++) {
        const double value = is_judged(&c->faces[i]) ? value_of(&c->faces[i], f) : (double)NAN;
        const double bad = is_gain(f) ? -value : value;

        if (bad > most) {
            most = bad;
            worst = i;
        }
    }
    return worst;
}

static void report_figures(const control_results *c)
{
    static const eval_column columns[] = {
        {"median", "median", 3}, {"mean", "mean", 3}, {"p95", "worse 5 %", 3},
        {"worst", "worst", 3}, {"n", "values", 0}, {"worst_portrait", "worst portrait", 0},
        {NULL, NULL, 0}};
    eval_table *t = eval_report_table(c->report, "figures", "Figures over all portraits", columns);

    for (int k = 0; k < N_FIGURES; k++) {
        const figure *f = &figures[k];
        const size_t n = gather(c, f);

        eval_table_row(t, f->key);
        eval_table_number(t, eval_median(c->pool, n));
        eval_table_number(t, eval_mean(c->pool, n));
        eval_table_number(t, eval_quantile(c->pool, n, is_gain(f) ? 0.05 : 0.95));
        eval_table_number(t, eval_quantile(c->pool, n, is_gain(f) ? 0 : 1));
        eval_table_number(t, (double)n);
        eval_table_text(t, name_of(c->paths[worst_portrait(c, f)]));
    }
}

/* Everything asked for, and the middle of what was read of it. */
static void report_asked(const control_results *c)
{
    static const eval_column columns[] = {{"asked", "asked for", 2},
                                          {"read", "read, median", 2},
                                          {"error", "error, median", 2},
                                          {"error_p95", "error, worse 5 %", 2},
                                          {NULL, NULL, 0}};
    eval_table *t =
        eval_report_table(c->report, "asked", "Angles and distances one by one", columns);

    for (int k = 0; k < EVAL_N_ASKED; k++) {
        const eval_asked *one = NULL;
        size_t n = 0;

        for (size_t i = 0; i < c->n; i++) {
            if (!is_judged(&c->faces[i]))
                continue;
            one = &c->faces[i].obedience.asked[k];
            c->pool[n++] = one->seen;
        }
        eval_table_row(t, one ? one->name : "");
        eval_table_number(t, one ? one->asked : (double)NAN);
        eval_table_number(t, eval_median(c->pool, n));
        for (size_t i = 0; i < n; i++)
            c->pool[i] = fabs(c->pool[i] - one->asked);
        eval_table_number(t, eval_median(c->pool, n));
        eval_table_number(t, eval_quantile(c->pool, n, 0.95));
    }
}

/* What the whole set is judged by. */
typedef struct control_goal {
    int figure;
    bool is_p95; /* and not the centre */
    eval_sense sense;
    double must, aim;
    const char *key, *title;
} control_goal;

static const control_goal goals[] = {
    {PSNR, false, EVAL_AT_LEAST, 40, 45, "own_motion_psnr",
     "photo's own motion against the crop, dB, median"},
    {HEAD, false, EVAL_AT_MOST, 2, 1, "head_median", "head pose error, deg, median"},
    {HEAD, true, EVAL_AT_MOST, 5, 3, "head_p95", "head pose error, deg, 95th percentile"},
    {GAZE, false, EVAL_AT_MOST, 4, 2, "gaze", "gaze error, deg, mean"},
    {DISTANCE, false, EVAL_AT_MOST, 2, 0.5, "distance", "head distance error, %, mean"},
    {MOUTH, false, EVAL_AT_LEAST, 0.97, 0.99, "mouth_r",
     "mouth opening asked for and seen, Pearson r, median"},
    {LIDS, false, EVAL_AT_MOST, 8, 3, "lids_left",
     "aperture left of the worse shut eye, %, median"},
    {POSE_TO_EXPRESSION, false, EVAL_AT_MOST, 8, 3, "pose_to_expression",
     "leakage of pose into expression, %, median"},
    {EXPRESSION_TO_POSE, false, EVAL_AT_MOST, 8, 3, "expression_to_pose",
     "leakage of expression into pose, %, median"},
    {IDENTITY, false, EVAL_AT_MOST, 20, 10, "identity",
     "identity change, % of two people's distance, median"}};

static void report_goals(const control_results *c)
{
    for (size_t i = 0; i < sizeof(goals) / sizeof(*goals); i++) {
        const control_goal *g = &goals[i];
        const figure *f = &figures[g->figure];
        const eval_goal goal = {.key = g->key, .title = g->title, .unit = "", .sense = g->sense,
                                .must = g->must, .aim = g->aim, .digits = f->digits};
        const size_t n = gather(c, f);

        eval_report_goal(c->report, &goal,
                         g->is_p95 ? eval_quantile(c->pool, n, 0.95) : centre_of(f, c->pool, n));
    }
}

/* ---- pictures ------------------------------------------------------------------------------ */

/* How far a portrait misses: the largest share of what is allowed, and of which figure. */
static double badness(const eval_controlled *face, const figure **which)
{
    double most = 0;

    *which = &figures[0];
    for (int k = 0; k < N_FIGURES && is_judged(face); k++) {
        const figure *f = &figures[k];
        const double share = (value_of(face, f) - f->best) / (f->must - f->best);

        if (share > most) {
            most = share;
            *which = f;
        }
    }
    return most;
}

/* The pictures of one portrait in FILM_ROWS rows; to be freed. NULL: no memory. */
static uint8_t *lay_out(const uint8_t *film)
{
    const size_t row = (size_t)EVAL_FILM_PX * 3, picture = row * EVAL_FILM_PX;
    uint8_t *sheet = malloc(EVAL_N_FILM * picture);

    for (size_t k = 0; sheet && k < EVAL_N_FILM; k++) {
        const size_t left = k % FILM_COLUMNS, top = k / FILM_COLUMNS * EVAL_FILM_PX;

        for (size_t y = 0; y < EVAL_FILM_PX; y++)
            memcpy(sheet + ((top + y) * FILM_COLUMNS + left) * row, film + k * picture + y * row,
                   row);
    }
    return sheet;
}

static void report_film(const control_results *c, size_t i)
{
    uint8_t *sheet = lay_out(c->faces[i].film);
    const figure *worst;
    char caption[LIMNER_DETAIL_SIZE];

    if (!sheet)
        return;
    const double times = badness(&c->faces[i], &worst);
    snprintf(caption, sizeof(caption), "%s: %s %.2f, %.1f times what is allowed",
             name_of(c->paths[i]), worst->title, value_of(&c->faces[i], worst), times);
    eval_report_picture(c->report, caption, sheet, FILM_COLUMNS * EVAL_FILM_PX,
                        FILM_ROWS * EVAL_FILM_PX);
    free(sheet);
}

/* The worst not shown yet; c->n when there is none. */
static size_t next_worst(const control_results *c, const bool *is_shown)
{
    size_t worst = c->n;
    double most = -1;

    for (size_t i = 0; i < c->n; i++) {
        const figure *which;
        const double bad = badness(&c->faces[i], &which);

        if (is_judged(&c->faces[i]) && !is_shown[i] && bad > most) {
            most = bad;
            worst = i;
        }
    }
    return worst;
}

static void report_pictures(const control_results *c, bool *is_shown)
{
    eval_report_heading(c->report, "Pictures");
    eval_report_text(c->report,
                     "Each: the photo's own motion; yaw 20, -20; pitch 15, -15; roll 20; gaze to "
                     "the right, the left, down; distance 0.8; eyes shut; at rest; jawOpen 0.4, "
                     "0.8. First the %d that miss most in one figure, then the first %d of the "
                     "set.",
                     N_WORST, N_FIRST);
    for (int n = 0; n < N_WORST; n++) {
        const size_t i = next_worst(c, is_shown);

        if (i == c->n)
            return;
        is_shown[i] = true;
        report_film(c, i);
    }
    for (size_t i = 0, n = 0; i < c->n && n < N_FIRST; i++) {
        if (!is_judged(&c->faces[i]))
            continue;
        n++;
        if (!is_shown[i])
            report_film(c, i);
    }
}

int eval_control_report(const eval_job *job, eval_controlled *faces)
{
    const size_t n = job->n_paths, n_pool = n * (n + 2 * EVAL_N_HEAD_ANGLES);
    control_results c = {job->model, job->report, job->paths, faces, n,
                         calloc(n_pool + 1, sizeof(*c.pool))};
    bool *is_shown = calloc(n + 1, sizeof(*is_shown));
    const bool has_room = c.pool && is_shown;

    if (has_room) {
        share_identity(&c);
        report_losses(&c);
        report_figures(&c);
        report_asked(&c);
        report_portraits(&c);
        report_pictures(&c, is_shown);
        report_goals(&c);
    }
    free(c.pool);
    free(is_shown);
    return has_room ? 0 : -1;
}
