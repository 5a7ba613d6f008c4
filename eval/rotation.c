/* SPDX-License-Identifier: Apache-2.0 */
/* Rotations of the head; see rotation.h. */
#include "eval/rotation.h"

#include <math.h>

void eval_rotation(double r[9], const limner_motion *m)
{
    const double yaw = (double)m->yaw / EVAL_DEGREES, pitch = (double)m->pitch / EVAL_DEGREES;
    const double roll = (double)m->roll / EVAL_DEGREES;
    const double cy = cos(yaw), sy = sin(yaw), cp = cos(pitch), sp = sin(pitch);
    const double cr = cos(roll), sr = sin(roll);

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

void eval_rotation_change(double out[9], const double to[9], const double from[9])
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            out[3 * i + k] = to[3 * i] * from[3 * k] + to[3 * i + 1] * from[3 * k + 1] +
                             to[3 * i + 2] * from[3 * k + 2];
}

double eval_angle_of_cosine(double c)
{
    return c >= 1 ? 0 : c <= -1 ? 180 : acos(c) * EVAL_DEGREES;
}

double eval_rotation_angle(const double a[9], const double b[9])
{
    double trace = 0;

    for (int i = 0; i < 9; i++)
        trace += a[i] * b[i];
    return eval_angle_of_cosine((trace - 1) / 2);
}
