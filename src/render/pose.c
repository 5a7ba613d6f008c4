/* SPDX-License-Identifier: Apache-2.0 */
/* The head's turn relative to the photo is a rotation vector; a point of weight w turns by w times
 * it about the neck's pivot (so the neck twists instead of tearing). Image space has y down, the
 * model y up: rotations act on (x, -y, depth). */
#include "render/pose.h"

#include <math.h>

#include "core/cpu.h"
#include "core/linalg.h"
#include "render/geo_dsp.h"

#define BREATH_CM 0.16f                 /* rise of the chest at breath 1 */
#define SWAY_CM 0.45f                   /* lean of the shoulders at sway 1 */
#define FOLLOW_CM 6.0f                  /* head shift of which the shoulders make half */
#define FOLLOW_ZOOM 0.06f               /* the same of a change in size */
#define CAMERA_CM 60.0f                 /* assumed distance: z brings the head nearer by z / this */

enum { LONG_RUN = 8 };                  /* points of one weight that are worth vectors */

static float clean(float v, float lo, float hi, float otherwise)
{
    if (!isfinite(v))
        return otherwise;
    return v < lo ? lo : v > hi ? hi : v;
}

void limner_motion_clean(limner_motion *out, const limner_motion *in, const limner_motion *photo)
{
    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        out->expression[i] = clean(in->expression[i], 0, 1, photo->expression[i]);
    out->tongue_up = clean(in->tongue_up, 0, 1, photo->tongue_up);
    out->yaw = clean(in->yaw, -75, 75, photo->yaw);
    out->pitch = clean(in->pitch, -60, 60, photo->pitch);
    out->roll = clean(in->roll, -90, 90, photo->roll);
    out->x = clean(in->x, -20, 20, 0);
    out->y = clean(in->y, -20, 20, 0);
    out->z = clean(in->z, -20, 20, 0);
    out->distance = clean(in->distance, 0.4f, 2.5f, 1);
    out->gaze_yaw = clean(in->gaze_yaw, -45, 45, photo->gaze_yaw);
    out->gaze_pitch = clean(in->gaze_pitch, -40, 40, photo->gaze_pitch);
    out->breath = clean(in->breath, -2, 2, 0);
    out->sway = clean(in->sway, -2, 2, 0);
}

void limner_pose_rotation(float r[9], float yaw, float pitch, float roll)
{
    double d[9];

    limner_rotation_from_angles(d, (double)yaw, (double)pitch, (double)roll);
    for (int i = 0; i < 9; i++)
        r[i] = (float)d[i];
}

/* Rotation vector of the turn from a to b (b a^T), in radians. */
static void turn_vector(double w[3], const double a[9], const double b[9])
{
    double r[9], cosine, angle, s;

    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            r[3 * i + j] = b[3 * i] * a[3 * j] + b[3 * i + 1] * a[3 * j + 1] +
                           b[3 * i + 2] * a[3 * j + 2];
    }
    w[0] = (r[7] - r[5]) / 2;
    w[1] = (r[2] - r[6]) / 2;
    w[2] = (r[3] - r[1]) / 2;
    s = sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
    cosine = (r[0] + r[4] + r[8] - 1) / 2;
    angle = atan2(s, cosine);
    for (int k = 0; k < 3; k++)
        w[k] = s > 1e-9 ? w[k] / s * angle : 0;
}

void limner_pose_make(limner_pose *p, const limner_pose_frame *at, const limner_motion *m)
{
    double from[9], to[9], w[3], part[3], r[9];

    p->at = *at;
    limner_rotation_from_angles(from, (double)at->photo_yaw, (double)at->photo_pitch,
                                (double)at->photo_roll);
    limner_rotation_from_angles(to, (double)m->yaw, (double)m->pitch, (double)m->roll);
    turn_vector(w, from, to);
    for (int i = 0; i <= LIMNER_POSE_TURNS; i++) {
        for (int k = 0; k < 3; k++)
            part[k] = w[k] * i / LIMNER_POSE_TURNS;
        limner_rotation_from_vector(r, part);
        for (int k = 0; k < 9; k++)
            p->turn[i][k] = (float)r[k];
    }
    p->shift[0] = m->x * at->scale;
    p->shift[1] = -m->y * at->scale;
    p->shift[2] = m->z;
    p->follow = hypotf(m->x, m->y) / (hypotf(m->x, m->y) + FOLLOW_CM);
    p->zoom = 1 / m->distance - 1;
    p->follow_zoom = fabsf(p->zoom) / (fabsf(p->zoom) + FOLLOW_ZOOM);
    p->breath = -m->breath * BREATH_CM * at->scale;
    p->sway = m->sway * SWAY_CM * at->scale;
}

/* Rotation of weight w: between the two nearest of the table. */
static void turn_at(const limner_pose *p, float w, float r[9])
{
    const float at = w * LIMNER_POSE_TURNS;
    const int i = at < LIMNER_POSE_TURNS ? (int)at : LIMNER_POSE_TURNS - 1;
    const float f = at - (float)i;

    for (int k = 0; k < 9; k++)
        r[k] = p->turn[i][k] + f * (p->turn[i + 1][k] - p->turn[i][k]);
}

/* Points from .. up to, all of one weight and so of one rotation. */
static void move_alike(const limner_geo_dsp *geo, const limner_pose *p, const limner_points *in,
                       uint32_t from, uint32_t to, float *out_x, float *out_y, float *out_z)
{
    const float w = in->weight[from], moved = p->follow + (1 - p->follow) * w;
    limner_rigid m = {.pivot = {p->at.pivot[0], p->at.pivot[1], p->at.pivot[2]},
                      .centre = {p->at.centre[0], p->at.centre[1]},
                      .right = moved * p->shift[0], .down = moved * p->shift[1],
                      .sway = (1 - w) * p->sway, .breath = (1 - w) * p->breath,
                      .zoom = p->zoom * (p->follow_zoom + (1 - p->follow_zoom) * w) +
                              w * (p->shift[2] / CAMERA_CM)};

    turn_at(p, w, m.turn);
    if (to - from >= LONG_RUN) {
        geo->move(to - from, &m, (limner_const_axes){in->x + from, in->y + from, in->z + from},
                  in->freedom + from, (limner_axes){out_x + from, out_y + from, out_z + from});
        return;
    }
    for (uint32_t i = from; i < to; i++)
        limner_rigid_move(&m, in->x[i], in->y[i], in->z[i], in->freedom[i], &out_x[i], &out_y[i],
                          &out_z[i]);
}

void limner_pose_move(const limner_pose *p, const limner_points *in, float *out_x, float *out_y,
                      float *out_z)
{
    const limner_geo_dsp *geo = limner_geo_dsp_get(limner_cpu_flags());
    uint32_t from = 0, to;

    for (; from < in->n; from = to) {
        to = from + 1;
        while (to < in->n && in->weight[to] == in->weight[from])
            to++;
        move_alike(geo, p, in, from, to, out_x, out_y, out_z);
    }
}
