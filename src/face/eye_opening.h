/* SPDX-License-Identifier: Apache-2.0 */
/* The opening between an eye's lids as the landmarks have it, in a plane of its own: x along it
 * from the outer corner to the inner one, y across it upwards. Any unit; y of the landmarks up. */
#ifndef LIMNER_FACE_EYE_OPENING_H
#define LIMNER_FACE_EYE_OPENING_H

#include <stddef.h>

#include "face/appearance.h"

enum { LIMNER_EYE_CONTOUR = 9, LIMNER_EYE_IRIS = 5 };

typedef struct limner_eye_opening {
    double corner[2], along[2], up, length;
    double x[2][LIMNER_EYE_CONTOUR], y[2][LIMNER_EYE_CONTOUR]; /* lower, upper lid */
} limner_eye_opening;

/* side: 0 left, 1 right. */
void limner_eye_opening_find(limner_eye_opening *o, const double landmarks[LIMNER_N_LANDMARK][2],
                             int side);
/* Where (x, y) of the opening lies. */
void limner_eye_opening_place(double out[2], const limner_eye_opening *o, double x, double y);
/* Height of a lid (0 lower, 1 upper) at x. */
double limner_eye_opening_lid(const limner_eye_opening *o, int lid, double x);
/* Mean distance of the lids' three middle landmarks over the eye's width. */
double limner_eye_opening_aperture(const double landmarks[LIMNER_N_LANDMARK][2], int side);
/* The first of the landmarks of an iris: its centre, before four of its edge. */
size_t limner_eye_opening_iris(int side);

#endif
