/* SPDX-License-Identifier: Apache-2.0 */
/* The head's pose as a rotation: 3x3, row-major, Ry(yaw) Rx(pitch) Rz(roll) as limner.h has it. */
#ifndef LIMNER_EVAL_ROTATION_H
#define LIMNER_EVAL_ROTATION_H

#include "limner/limner.h"

#define EVAL_DEGREES (180 / 3.14159265358979323846) /* of a radian */

/* The motion's yaw, pitch and roll. */
void eval_rotation(double r[9], const limner_motion *m);
/* What turns `from` into `to`: to * from'. `out` is neither. */
void eval_rotation_change(double out[9], const double to[9], const double from[9]);
/* Of the rotation between the two, degrees; NaN stays NaN. */
double eval_rotation_angle(const double a[9], const double b[9]);
/* Arc cosine in degrees, of a value that rounding may have put beyond 1; NaN stays NaN. */
double eval_angle_of_cosine(double c);

#endif
