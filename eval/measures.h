/* SPDX-License-Identifier: Apache-2.0 */
/* What can be read from the 478 landmarks of one frame, as shares of the eye distance so that sizes
 * compare. Eye distance: between the middles of the two eyes' corners (33, 133 and 263, 362). */
#ifndef LIMNER_EVAL_MEASURES_H
#define LIMNER_EVAL_MEASURES_H

#include "limner/limner.h"

typedef struct eval_measures {
    double eye_distance_px;
    double opening;         /* inner lips, 13 to 14 */
    double width;           /* corners of the mouth, 61 to 291 */
    double lid[2];          /* aperture between the lids over the eye's own width; left, right */
    double brow;            /* brow to eye, mean of both sides */
    double centre_px[2];    /* of the face: mean of all landmarks */
    double face_height_px;  /* forehead 10 to chin 152 */
} eval_measures;

/* The picture plane only: a face turned aside has a short eye distance. */
void eval_measure(eval_measures *out, const float landmarks[478][2]);

/* The same of a frame that was tracked, lids as the tracker has them: the net sees shut ones
 * open. */
void eval_measure_tracked(eval_measures *out, const limner_tracked *tracked);

/* The 40 landmarks of the lips (outer, then inner ring) and the 32 of the lids, for errors. */
#define EVAL_N_LIPS 40
#define EVAL_N_LIDS 32
extern const int eval_lips[EVAL_N_LIPS], eval_lids[EVAL_N_LIDS];

/* Mean distance of the listed landmarks (all 478 for list NULL) over the eye distance of b. */
double eval_landmark_error(const float a[478][2], const float b[478][2], const int *list, size_t n);

#endif
