/* SPDX-License-Identifier: Apache-2.0 */
/* How well head, gaze and distance are obeyed: what is read of each shot against what it asked for,
 * as it is and in relation to the photo's own frame. Rotations are 3x3, row-major. */
#include "eval/control.h"

#include <math.h>

#define DEGREES (180 / 3.14159265358979323846)

typedef struct turned {
    double yaw, pitch, roll;
} turned;

static turned head_of(const limner_motion *m)
{
    return (turned){(double)m->yaw, (double)m->pitch, (double)m->roll};
}

static turned gaze_of(const limner_motion *m)
{
    return (turned){(double)m->gaze_yaw, (double)m->gaze_pitch, 0};
}

/* Ry(yaw) Rx(pitch) Rz(roll), as limner.h has it. */
static void rotation(double r[9], turned t)
{
    const double cy = cos(t.yaw / DEGREES), sy = sin(t.yaw / DEGREES);
    const double cp = cos(t.pitch / DEGREES), sp = sin(t.pitch / DEGREES);
    const double cr = cos(t.roll / DEGREES), sr = sin(t.roll / DEGREES);

    r[0] = cy * cr + sy * sp * sr;
    r[1] = -cy * sr + sy * sp * cr;
    r[2] = sy * cp;
    r[3] = cp * sr;
    r[4] = cp * cr;
    r[5] = -sp;
    r[6] = -sy * cr + cy * sp * sr;
    r[7] = sy * sr + cy * sp * cr;
    r[8] = cy * cp;
}

/* From pose `from` to pose `to`: R(to) R(from)'. */
static void change(double out[9], turned to, turned from)
{
    double a[9], b[9];

    rotation(a, to);
    rotation(b, from);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            out[3 * i + k] = a[3 * i] * b[3 * k] + a[3 * i + 1] * b[3 * k + 1] +
                             a[3 * i + 2] * b[3 * k + 2];
}

/* NaN stays NaN. */
static double angle_of_cosine(double c)
{
    return c >= 1 ? 0 : c <= -1 ? 180 : acos(c) * DEGREES;
}

/* Angle of the rotation from a to b. */
static double between(const double a[9], const double b[9])
{
    double trace = 0;

    for (int i = 0; i < 9; i++)
        trace += a[i] * b[i];
    return angle_of_cosine((trace - 1) / 2);
}

static double angle_of_poses(turned a, turned b)
{
    double ra[9], rb[9];

    rotation(ra, a);
    rotation(rb, b);
    return between(ra, rb);
}

static double angle_of_changes(turned a, turned a_from, turned b, turned b_from)
{
    double ra[9], rb[9];

    change(ra, a, a_from);
    change(rb, b, b_from);
    return between(ra, rb);
}

static double angle_of_directions(turned a, turned b)
{
    const double pa = a.pitch / DEGREES, pb = b.pitch / DEGREES;
    const double cosine = cos(pa) * cos(pb) * cos((a.yaw - b.yaw) / DEGREES) + sin(pa) * sin(pb);

    return angle_of_cosine(cosine);
}

/* A gaze read, moved by what the photo's own reading is off. */
static turned corrected(turned seen, turned own_seen, turned own)
{
    return (turned){seen.yaw - (own_seen.yaw - own.yaw), seen.pitch - (own_seen.pitch - own.pitch),
                    0};
}

/* One shot of the head: its turn, and each angle asked for; returns how many these are. */
static int judge_head(eval_obedience *out, int i_turn, int i_angle, const eval_shot *shots,
                      const eval_reading *readings, int at)
{
    const turned asked = head_of(&shots[at].motion), seen = head_of(&readings[at].motion);
    const turned own = head_of(&shots[0].motion), own_seen = head_of(&readings[0].motion);
    const double error[3] = {seen.yaw - asked.yaw, seen.pitch - asked.pitch,
                             seen.roll - asked.roll};
    const double own_error[3] = {own_seen.yaw - own.yaw, own_seen.pitch - own.pitch,
                                 own_seen.roll - own.roll};
    int n = 0;

    out->turn[i_turn] = angle_of_poses(asked, seen);
    out->turn_own[i_turn] = angle_of_changes(asked, own, seen, own_seen);
    for (int axis = 0; axis < 3; axis++) {
        if (!shots[at].is_asked[axis])
            continue;
        out->head[i_angle + n] = fabs(error[axis]);
        out->head_own[i_angle + n++] = fabs(error[axis] - own_error[axis]);
    }
    return n;
}

static void judge_gaze(eval_obedience *out, int i, const eval_shot *shots,
                       const eval_reading *readings, int at)
{
    const turned asked = gaze_of(&shots[at].motion), seen = gaze_of(&readings[at].motion);
    const turned own = gaze_of(&shots[0].motion), own_seen = gaze_of(&readings[0].motion);

    out->gaze[i] = angle_of_directions(asked, seen);
    out->gaze_own[i] = angle_of_directions(asked, corrected(seen, own_seen, own));
}

/* The tracker gives distance in relation to the first frame it saw, the photo's own. */
static double distance_error(const eval_shot *shot, const eval_reading *reading)
{
    return fabs((double)reading->motion.distance / (double)shot->motion.distance - 1);
}

void eval_control_obedience(eval_obedience *out, const eval_shot *shots,
                            const eval_reading *readings)
{
    int n_turns = 0, n_angles = 0, n_gazes = 0, n_distances = 0;

    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        if (shots[i].kind == EVAL_SHOT_HEAD)
            n_angles += judge_head(out, n_turns++, n_angles, shots, readings, i);
        else if (shots[i].kind == EVAL_SHOT_GAZE)
            judge_gaze(out, n_gazes++, shots, readings, i);
        else if (shots[i].kind == EVAL_SHOT_DISTANCE)
            out->distance[n_distances++] = distance_error(&shots[i], &readings[i]);
    }
}
