/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a fit and its Gauss-Newton rounds (fit.c says when to do what): the landmarks'
 * distances in centimetres of the model, Cauchy weights whose scale follows the median distance,
 * the priors of fit_prior.c, expressions held in 0..1 by a bounded solve. Parameters of a step:
 * 3 rotation (about the camera's axes), 1 log scale, 3 translation, 1 tilt of the net's depth,
 * 60 identity, 43 expressions. One thread at a time. */
#ifndef LIMNER_FACE_FITTER_H
#define LIMNER_FACE_FITTER_H

#include <stdbool.h>

#include "core/linalg.h"
#include "face/fit_points.h"
#include "face/fit_prior.h"
#include "face/fit_rows.h"

enum {
    LIMNER_FITTER_N_POSE = 8,
    LIMNER_FITTER_N_FULL = LIMNER_FITTER_N_POSE + LIMNER_N_IDENTITY + LIMNER_FIT_N_ACTIVE,
    LIMNER_FITTER_N_MESH = 468,    /* landmarks without the irises */
    LIMNER_FITTER_IRIS_LEFT = 473, /* centres; their ring is the four that follow */
    LIMNER_FITTER_IRIS_RIGHT = 468,
    LIMNER_FITTER_MAX_OUTLINE = 64,
    LIMNER_FITTER_EYE = LIMNER_N_LANDMARK + LIMNER_FITTER_MAX_OUTLINE, /* first eyeball point */
    LIMNER_FITTER_N_POINTS = LIMNER_FITTER_EYE + 2
};

typedef struct limner_fitter {
    const limner_face *face;
    limner_fit_pose pose;
    double tilt; /* of the net's depth: it nods with the face's shape */
    double coefficient[LIMNER_FIT_N_COLUMNS];
    double target[LIMNER_N_LANDMARK][3]; /* pixels; y and z point up and to the camera */
    double weight[LIMNER_N_LANDMARK];    /* per square centimetre */
    double robust[LIMNER_N_LANDMARK];
    double place[LIMNER_FITTER_N_POINTS][3];     /* rotated, centimetres */
    uint16_t outline[LIMNER_FITTER_MAX_OUTLINE]; /* landmark indices */
    limner_fit_contour contour[LIMNER_FITTER_MAX_OUTLINE];
    size_t n_outline;
    limner_fit_point
        point[LIMNER_FITTER_N_POINTS]; /* landmarks, outline, centres of the eyeballs */
    double camera_weight;              /* trust that the eyes look into the camera ... */
    double beside, beside_deg;         /* ... but not sideways, 0..1; they look there */
    bool is_known;                     /* the identity is given */
    bool is_filmed;                    /* nobody sits for this picture */
    limner_fit_rows rows;
    double a[LIMNER_FITTER_N_FULL * LIMNER_FITTER_N_FULL];
    double b[LIMNER_FITTER_N_FULL], lo[LIMNER_FITTER_N_FULL], hi[LIMNER_FITTER_N_FULL],
        step[LIMNER_FITTER_N_FULL];
    double work[LIMNER_BOX_WORK(LIMNER_FITTER_N_FULL)];
    int8_t state[LIMNER_FITTER_N_FULL];
    float *xyz, *normals; /* [3][stride] */
    uint16_t *scratch;    /* [n_vertices] */
} limner_fitter;

/* Gathers the model's rows at the landmarks. landmarks [478][3] as in fit.h, finite. *out is NULL
 * on failure: E_NOMEM. */
limner_status limner_fitter_open(limner_fitter **out, const limner_face *face,
                                 const float landmarks[LIMNER_N_LANDMARK][3]);
void limner_fitter_close(limner_fitter *f); /* NULL-safe */

/* Index of the landmark at the centre of an iris. */
size_t limner_fitter_iris(size_t side);

/* Brings place[first..] up to date with rotation and coefficients. */
void limner_fitter_place(limner_fitter *f, size_t first, size_t n);
/* Way from a point to a landmark, camera axes, centimetres. */
void limner_fitter_residual(double out[3], const limner_fitter *f, size_t landmark, size_t point);
/* Sets the robust weights; returns the median distance in the picture plane, centimetres. */
double limner_fitter_weigh(limner_fitter *f);
/* Matches the outline anew for the present shape and pose. */
void limner_fitter_match(limner_fitter *f);

/* One step on the pose alone; one on everything. *change: the largest change of a coefficient.
 * false: the equations cannot be solved. */
bool limner_fitter_pose_round(limner_fitter *f);
bool limner_fitter_full_round(limner_fitter *f, double *change);

#endif
