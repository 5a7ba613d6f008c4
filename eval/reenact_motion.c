/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked motion onto the portrait of the clip's own first frame. Portrait and tracker fit the same
 * landmarks in different ways (a free identity against one held over the clip), so that the
 * motion of the first frame differs a little between them; what the tracker saw change is put on
 * top of the portrait's own motion. Rotations are 3x3, row-major. */
#include <math.h>

#include "eval/reenact.h"

#define DEGREES (180 / 3.14159265358979323846)

/* Ry(yaw) Rx(pitch) Rz(roll), as limner.h has it. */
static void rotation(double r[9], const limner_motion *m)
{
    const double yaw = (double)m->yaw / DEGREES, pitch = (double)m->pitch / DEGREES;
    const double roll = (double)m->roll / DEGREES;
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

static void set_rotation(limner_motion *m, const double r[9])
{
    m->pitch = (float)(asin(fmin(fmax(-r[5], -1), 1)) * DEGREES);
    m->yaw = (float)(atan2(r[2], r[8]) * DEGREES);
    m->roll = (float)(atan2(r[3], r[4]) * DEGREES);
}

/* out = a b, or a b' (is_transposed). */
static void multiply(double out[9], const double a[9], const double b[9], int is_transposed)
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            out[3 * i + k] = 0;
            for (int j = 0; j < 3; j++)
                out[3 * i + k] += a[3 * i + j] * (is_transposed ? b[3 * k + j] : b[3 * j + k]);
        }
}

/* The turn since the first frame, after the portrait's own. */
static void turn(limner_motion *out, const limner_motion *own, const limner_motion *first,
                 const limner_motion *now)
{
    double from[9], to[9], photo[9], change[9], r[9];

    rotation(from, first);
    rotation(to, now);
    rotation(photo, own);
    multiply(change, to, from, 1);
    multiply(r, change, photo, 0);
    set_rotation(out, r);
}

static float unit(float v)
{
    return fminf(fmaxf(v, 0), 1);
}

void eval_reenact_motion(limner_motion *out, const limner_motion *own, const limner_motion *first,
                         const limner_motion *now)
{
    limner_motion m = *own;

    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m.expression[i] = unit(own->expression[i] + now->expression[i] - first->expression[i]);
    /* Beyond the jaw's opening mouthClose would push the lips through each other. */
    m.expression[LIMNER_MOUTH_CLOSE] =
        fminf(m.expression[LIMNER_MOUTH_CLOSE], m.expression[LIMNER_JAW_OPEN]);
    m.tongue_up = unit(own->tongue_up + now->tongue_up - first->tongue_up);
    turn(&m, own, first, now);
    /* The tracker counts x and y from its first frame with a face, in the size of each frame. */
    m.distance = now->distance / first->distance;
    m.x = now->x - first->x * m.distance;
    m.y = now->y - first->y * m.distance;
    m.z = now->z - first->z;
    m.gaze_yaw += now->gaze_yaw - first->gaze_yaw;
    m.gaze_pitch += now->gaze_pitch - first->gaze_pitch;
    *out = m;
}
