/* SPDX-License-Identifier: Apache-2.0 */
/* Points of the face model as linear functions of its coefficients, for the fit: a landmark's or a
 * vertex's place is row . (1, identity, expression). Gathering the rows once makes an iteration of
 * the fit independent of the size of the mesh. Units: centimetres. */
#ifndef LIMNER_FACE_FIT_POINTS_H
#define LIMNER_FACE_FIT_POINTS_H

#include "face/appearance.h"
#include "face/face_model.h"

enum {
    LIMNER_FIT_FIRST_IDENTITY = 1,
    LIMNER_FIT_FIRST_SHAPE = 1 + LIMNER_N_IDENTITY,
    LIMNER_FIT_N_COLUMNS = 1 + LIMNER_N_IDENTITY + LIMNER_N_SHAPE
};

typedef struct limner_fit_point {
    float row[3][LIMNER_FIT_N_COLUMNS]; /* x, y, z: mean, identity, expression */
} limner_fit_point;

/* Head pose and camera: picture = scale * (rotation * X + shift), y and z then negated, so that
 * `shift` is in centimetres of the model, y up. */
typedef struct limner_fit_pose {
    double rotation[9];
    double scale; /* crop pixels per centimetre */
    double shift[3];
} limner_fit_pose;

/* The pose of a finished fit; its depth starts at 0. */
void limner_fit_pose_of(limner_fit_pose *out, const limner_fit *fit);
/* The way back: rotation and its angles, scale (pixels per cm) and place (shift: cm, y up). */
void limner_fit_pose_write(limner_fit *out, const double rotation[9], double scale,
                           const double shift[2]);
/* out: x, y in crop pixels (y down), depth (larger = nearer) of the model's point x, cm. */
void limner_fit_pose_apply(double out[3], const limner_fit_pose *pose, const double x[3]);

/* out [n]: the points sum_j bary[i][j] * vertex[i][j]. scratch [face->n_vertices]. */
void limner_fit_points_gather(limner_fit_point *out, const limner_face *face,
                              const uint16_t *vertex, const float *bary, size_t n,
                              uint16_t *scratch);
/* out = place of a point for coefficients [LIMNER_FIT_N_COLUMNS], the first of them 1. */
void limner_fit_point_at(double out[3], const limner_fit_point *p, const double *coefficient);

/* A landmark of the face's outline, matched to the model's projected contour. */
typedef struct limner_fit_contour {
    uint16_t vertex;
    float normal[2];  /* unit, outwards, camera axes x right, y up */
    float is_contour; /* 1: on the outline here; 0: seen from the front */
} limner_fit_contour;

/* For each of the n landmarks landmark[i] (indices) the nearest vertex at which the surface turns
 * away from the camera. target [478][3]: landmarks as `limner_fit_pose` has them, y up, pixels.
 * xyz: a shape [3][stride]; normal: its normals. */
void limner_fit_contour_match(limner_fit_contour *out, const uint16_t *landmark, size_t n,
                              const limner_face *face, const limner_fit_pose *pose,
                              const float *xyz, const float *normal, const double (*target)[3]);

#endif
