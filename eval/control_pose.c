/* SPDX-License-Identifier: Apache-2.0 */
/* How well head, gaze and distance are obeyed: what is read of each shot against what it asked for,
 * as it is and in relation to the photo's own frame. */
#include "eval/control.h"

#include <math.h>
#include <stdio.h>

#include "eval/rotation.h"

static double angle_of_poses(const limner_motion *a, const limner_motion *b)
{
    double ra[9], rb[9];

    eval_rotation(ra, a);
    eval_rotation(rb, b);
    return eval_rotation_angle(ra, rb);
}

static void change(double out[9], const limner_motion *to, const limner_motion *from)
{
    double a[9], b[9];

    eval_rotation(a, to);
    eval_rotation(b, from);
    eval_rotation_change(out, a, b);
}

typedef struct direction {
    double yaw, pitch; /* radians */
} direction;

static direction gaze_of(const limner_motion *m)
{
    return (direction){(double)m->gaze_yaw / EVAL_DEGREES, (double)m->gaze_pitch / EVAL_DEGREES};
}

static double angle_of_directions(direction a, direction b)
{
    return eval_angle_of_cosine(cos(a.pitch) * cos(b.pitch) * cos(a.yaw - b.yaw) +
                                sin(a.pitch) * sin(b.pitch));
}

/* A gaze read, moved by what the photo's own reading is off. */
static direction corrected(direction seen, direction own_seen, direction own)
{
    return (direction){seen.yaw - (own_seen.yaw - own.yaw),
                       seen.pitch - (own_seen.pitch - own.pitch)};
}

/* One shot of the head: its turn, and each angle asked for; returns how many these are. */
static int judge_head(eval_obedience *out, int i_turn, int i_angle, const eval_shot *shots,
                      const eval_reading *readings, int at)
{
    const limner_motion *asked = &shots[at].motion, *seen = &readings[at].motion;
    const limner_motion *own = &shots[0].motion, *own_seen = &readings[0].motion;
    const float error[3] = {seen->yaw - asked->yaw, seen->pitch - asked->pitch,
                            seen->roll - asked->roll};
    const float own_error[3] = {own_seen->yaw - own->yaw, own_seen->pitch - own->pitch,
                                own_seen->roll - own->roll};
    double asked_change[9], seen_change[9];
    int n = 0;

    change(asked_change, asked, own);
    change(seen_change, seen, own_seen);
    out->turn[i_turn] = angle_of_poses(asked, seen);
    out->turn_own[i_turn] = eval_rotation_angle(asked_change, seen_change);
    for (int axis = 0; axis < 3; axis++) {
        if (!shots[at].is_asked[axis])
            continue;
        out->head[i_angle + n] = fabs((double)error[axis]);
        out->head_own[i_angle + n++] = fabs((double)(error[axis] - own_error[axis]));
    }
    return n;
}

static void judge_gaze(eval_obedience *out, int i, const eval_shot *shots,
                       const eval_reading *readings, int at)
{
    const direction asked = gaze_of(&shots[at].motion), seen = gaze_of(&readings[at].motion);
    const direction own = gaze_of(&shots[0].motion), own_seen = gaze_of(&readings[0].motion);

    out->gaze[i] = angle_of_directions(asked, seen);
    out->gaze_own[i] = angle_of_directions(asked, corrected(seen, own_seen, own));
}

/* The tracker gives distance in relation to the first frame it saw, the photo's own. */
static double distance_error(const eval_shot *shot, const eval_reading *reading)
{
    return fabs((double)reading->motion.distance / (double)shot->motion.distance - 1);
}

static void list_asked(eval_asked **next, const char *name, float asked, float seen)
{
    eval_asked *a = (*next)++;

    snprintf(a->name, sizeof(a->name), "%s", name);
    a->asked = (double)asked;
    a->seen = (double)seen;
}

/* What one shot asks for, one by one. */
static void list_shot(eval_asked **next, const eval_shot *shot, const limner_motion *seen)
{
    static const char *const alone[3] = {"yaw", "pitch", "roll"};
    static const char *const turned[3] = {"yaw, turned", "pitch, turned", "roll, turned"};
    const limner_motion *m = &shot->motion;
    const float head[3] = {m->yaw, m->pitch, m->roll};
    const float head_seen[3] = {seen->yaw, seen->pitch, seen->roll};
    const bool *is = shot->is_asked;

    for (int axis = 0; axis < 3 && shot->kind == EVAL_SHOT_HEAD; axis++)
        if (is[axis])
            list_asked(next, (is[0] + is[1] + is[2] > 1 ? turned : alone)[axis], head[axis],
                       head_seen[axis]);
    if (shot->kind == EVAL_SHOT_GAZE && is[0])
        list_asked(next, "gaze yaw", m->gaze_yaw, seen->gaze_yaw);
    else if (shot->kind == EVAL_SHOT_GAZE)
        list_asked(next, "gaze pitch", m->gaze_pitch, seen->gaze_pitch);
    else if (shot->kind == EVAL_SHOT_DISTANCE)
        list_asked(next, "distance", m->distance, seen->distance);
}

void eval_control_obedience(eval_obedience *out, const eval_shot *shots,
                            const eval_reading *readings)
{
    int n_turns = 0, n_angles = 0, n_gazes = 0, n_distances = 0;
    eval_asked *next = out->asked;

    for (int i = 0; i < EVAL_N_SHOTS; i++) {
        list_shot(&next, &shots[i], &readings[i].motion);
        if (shots[i].kind == EVAL_SHOT_HEAD)
            n_angles += judge_head(out, n_turns++, n_angles, shots, readings, i);
        else if (shots[i].kind == EVAL_SHOT_GAZE)
            judge_gaze(out, n_gazes++, shots, readings, i);
        else if (shots[i].kind == EVAL_SHOT_DISTANCE)
            out->distance[n_distances++] = distance_error(&shots[i], &readings[i]);
    }
}
