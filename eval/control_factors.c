/* SPDX-License-Identifier: Apache-2.0 */
/* How well mouth and lids are obeyed, and how far the factors stay apart.
 *
 * An expression is seen where its single shot, in which it is 1 and all others are 0, raises its
 * own coefficient as read by at least LEAST_SEEN above the shot at rest; that rise is its range.
 * Leakage of pose into expression: mean over the expressions seen and over the head's shots of the
 * change read of the coefficient against the photo's own frame, as a share of its range.
 * Leakage of expression into pose: mean over the single shots and over yaw, pitch and roll of the
 * change read against the shot at rest, as a share of the range that the head's shots cover (40, 30
 * and 40 degrees). */
#include "eval/control.h"

#include <math.h>

#include "eval/statistics.h"

#define LEAST_SEEN 0.2
#define LEAST_OPEN 0.12  /* aperture over the eye's width: an eye that can still be shut */
#define MOST_BLINK 0.5   /* read of an open eye */
#define LEAST_RISE 0.05  /* of the mouth's opening, eye distances: below, it did not open */

static const double pose_range[3] = {40, 30, 40};

/* The first shot of a kind. */
static int place_of(const eval_shot *shots, eval_shot_kind kind)
{
    int i = 0;

    while (i + 1 < EVAL_N_SHOTS && shots[i].kind != kind)
        i++;
    return i;
}

/* 0 where the mouth does not open: what correlates then is noise. */
static double mouth_r(const eval_shot *shots, const eval_reading *readings)
{
    double asked[EVAL_N_MOUTHS], seen[EVAL_N_MOUTHS];
    size_t n = 0;

    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        if (shots[i].kind != EVAL_SHOT_MOUTH)
            continue;
        asked[n] = (double)shots[i].motion.expression[LIMNER_JAW_OPEN];
        seen[n++] = readings[i].measures.opening;
    }
    if (eval_quantile(seen, n, 1) - eval_quantile(seen, n, 0) < LEAST_RISE)
        return 0;
    return eval_pearson(asked, seen, n);
}

static double lid_left(const eval_shot *shots, const eval_reading *readings, int side)
{
    const eval_reading *own = &readings[0], *shut = &readings[place_of(shots, EVAL_SHOT_LIDS)];
    const int blink = side == 0 ? LIMNER_EYE_BLINK_LEFT : LIMNER_EYE_BLINK_RIGHT;
    const double open = own->measures.lid[side];

    if (open < LEAST_OPEN || (double)own->motion.expression[blink] > MOST_BLINK)
        return (double)NAN;
    return shut->measures.lid[side] / open;
}

static double change_of(const eval_reading *a, const eval_reading *b, int expression)
{
    return (double)a->motion.expression[expression] - (double)b->motion.expression[expression];
}

/* Of one expression, the mean over the head's shots. */
static double share_moved(const eval_shot *shots, const eval_reading *readings, int expression,
                          double range)
{
    double share[EVAL_N_HEADS];
    size_t n = 0;

    for (int i = 0; i < EVAL_N_SHOTS; i++)
        if (shots[i].kind == EVAL_SHOT_HEAD)
            share[n++] = fabs(change_of(&readings[i], &readings[0], expression)) / range;
    return eval_mean(share, n);
}

static void judge_poses(eval_factors *out, const eval_shot *shots, const eval_reading *readings)
{
    const eval_reading *rest = &readings[place_of(shots, EVAL_SHOT_REST)];
    double share[EVAL_N_SINGLES];
    size_t n = 0;

    out->leakiest = -1;
    out->leakiest_share = 0;
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        const int k = shots[i].expression;

        if (shots[i].kind != EVAL_SHOT_SINGLE)
            continue;
        const double range = change_of(&readings[i], rest, k);
        if (!(range >= LEAST_SEEN))
            continue;
        share[n] = share_moved(shots, readings, k, range);
        if (share[n] > out->leakiest_share) {
            out->leakiest = k;
            out->leakiest_share = share[n];
        }
        n++;
    }
    out->n_seen = (int)n;
    out->pose_to_expression = eval_mean(share, n);
}

static double pose_moved(const eval_reading *a, const eval_reading *b)
{
    const limner_motion *m = &a->motion, *from = &b->motion;

    return (fabs((double)m->yaw - (double)from->yaw) / pose_range[0] +
            fabs((double)m->pitch - (double)from->pitch) / pose_range[1] +
            fabs((double)m->roll - (double)from->roll) / pose_range[2]) / 3;
}

static void judge_expressions(eval_factors *out, const eval_shot *shots,
                              const eval_reading *readings)
{
    const eval_reading *rest = &readings[place_of(shots, EVAL_SHOT_REST)];
    double share[EVAL_N_SINGLES];
    size_t n = 0;

    out->pushiest = -1;
    out->pushiest_share = 0;
    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        if (shots[i].kind != EVAL_SHOT_SINGLE)
            continue;
        share[n] = pose_moved(&readings[i], rest);
        if (share[n] > out->pushiest_share) {
            out->pushiest = shots[i].expression;
            out->pushiest_share = share[n];
        }
        n++;
    }
    out->expression_to_pose = eval_mean(share, n);
}

void eval_control_factors(eval_factors *out, const eval_shot *shots, const eval_reading *readings)
{
    out->mouth_r = mouth_r(shots, readings);
    for (int side = 0; side < 2; side++)
        out->lid_left[side] = lid_left(shots, readings, side);
    out->lid_worst = fmax(out->lid_left[0], out->lid_left[1]);
    judge_poses(out, shots, readings);
    judge_expressions(out, shots, readings);
}
