/* SPDX-License-Identifier: Apache-2.0 */
/* See eye_opening.h. The numbers are those of MediaPipe's face mesh. */
#include "face/eye_opening.h"

#include <math.h>

enum { N = LIMNER_EYE_CONTOUR, MIDDLE = 4 };

/* Outer corner to inner one; iris. */
static const struct {
    uint16_t lid[2][N], iris;
} mark[2] = {{{{263, 249, 390, 373, 374, 380, 381, 382, 362},
               {263, 466, 388, 387, 386, 385, 384, 398, 362}},
              473},
             {{{33, 7, 163, 144, 145, 153, 154, 155, 133},
               {33, 246, 161, 160, 159, 158, 157, 173, 133}},
              468}};

void limner_eye_opening_find(limner_eye_opening *o, const double landmarks[LIMNER_N_LANDMARK][2],
                             int side)
{
    const uint16_t *lower = mark[side].lid[0];
    const double *outer = landmarks[lower[0]], *inner = landmarks[lower[N - 1]];

    for (size_t i = 0; i < 2; i++) {
        o->corner[i] = outer[i];
        o->along[i] = inner[i] - outer[i];
    }
    o->length = fmax(hypot(o->along[0], o->along[1]), 1e-6);
    o->up = side == 0 ? -1.0 : 1.0;     /* the left eye's inner corner is on its left */
    for (size_t i = 0; i < 2; i++)
        o->along[i] /= o->length;
    for (size_t lid = 0; lid < 2; lid++)
        for (size_t k = 0; k < N; k++) {
            const double *at = landmarks[mark[side].lid[lid][k]];
            const double d[2] = {at[0] - outer[0], at[1] - outer[1]};

            o->x[lid][k] = d[0] * o->along[0] + d[1] * o->along[1];
            o->y[lid][k] = o->up * (d[1] * o->along[0] - d[0] * o->along[1]);
        }
}

void limner_eye_opening_place(double out[2], const limner_eye_opening *o, double x, double y)
{
    out[0] = o->corner[0] + o->along[0] * x - o->up * o->along[1] * y;
    out[1] = o->corner[1] + o->along[1] * x + o->up * o->along[0] * y;
}

double limner_eye_opening_lid(const limner_eye_opening *o, int lid, double x)
{
    const double *at = o->x[lid], *y = o->y[lid];
    size_t k = 1;

    while (k + 1 < N && at[k] < x)
        k++;
    const double t = (x - at[k - 1]) / fmax(at[k] - at[k - 1], 1e-6);

    return y[k - 1] + fmin(fmax(t, 0.0), 1.0) * (y[k] - y[k - 1]);
}

double limner_eye_opening_aperture(const double landmarks[LIMNER_N_LANDMARK][2], int side)
{
    const uint16_t *lower = mark[side].lid[0], *upper = mark[side].lid[1];
    const double *outer = landmarks[lower[0]], *inner = landmarks[lower[N - 1]];
    double sum = 0.0;

    for (size_t k = MIDDLE - 1; k <= MIDDLE + 1; k++)
        sum += hypot(landmarks[upper[k]][0] - landmarks[lower[k]][0],
                     landmarks[upper[k]][1] - landmarks[lower[k]][1]) /
               3.0;
    return sum / fmax(hypot(outer[0] - inner[0], outer[1] - inner[1]), 1e-6);
}

size_t limner_eye_opening_iris(int side)
{
    return mark[side].iris;
}
