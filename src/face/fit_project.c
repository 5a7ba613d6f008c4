/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted model in the picture: vertices and landmarks of a fit (fit.h). Eyeballs are turned to
 * the photo's gaze about their own centres; everything else follows the head. */
#include "face/fit.h"

#include <math.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/fit_points.h"

static void project_range(float *px, const limner_face *face, const limner_fit_pose *pose,
                          const float *xyz, uint32_t first, uint32_t n)
{
    for (uint32_t v = first; v < first + n; v++) {
        const double x[3] = {(double)xyz[v], (double)xyz[face->stride + v],
                             (double)xyz[2 * (size_t)face->stride + v]};
        double at[3];

        limner_fit_pose_apply(at, pose, x);
        for (int i = 0; i < 3; i++)
            px[3 * (size_t)v + (size_t)i] = (float)at[i];
    }
}

/* The eyeball as if the whole head had the gaze's pose, its centre where the head has it. The
 * centre is taken right behind the pupil, so that the gaze is the direction of the iris. */
static void project_eye(float *px, const limner_face *face, const limner_fit *fit,
                        const limner_fit_pose *head, const float *xyz, limner_face_side side)
{
    const limner_face_range *range =
        &face->part[side == LIMNER_SIDE_LEFT ? LIMNER_PART_EYE_LEFT : LIMNER_PART_EYE_RIGHT];
    const uint16_t iris = face->landmark_vertex[3 * (side == LIMNER_SIDE_LEFT ? 473 : 468)];
    limner_fit_pose eye = *head;
    double centre[3], in_head[3], in_eye[3];

    limner_rotation_from_angles(eye.rotation, (double)fit->gaze_yaw, (double)fit->gaze_pitch,
                                (double)fit->roll);
    for (size_t i = 0; i < 3; i++)
        centre[i] = (double)xyz[i * face->stride + iris];
    centre[2] -= (double)face->eye_radius_cm;
    limner_mat3_apply(in_head, head->rotation, centre);
    limner_mat3_apply(in_eye, eye.rotation, centre);
    for (int i = 0; i < 3; i++)
        eye.shift[i] += in_head[i] - in_eye[i];
    project_range(px, face, &eye, xyz, range->first_vertex, range->n_vertices);
}

limner_status limner_fit_project_vertices(float *px, const limner_face *face, const limner_fit *fit)
{
    float *xyz = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    limner_fit_pose pose;

    if (!xyz)
        return LIMNER_E_NOMEM;
    limner_face_shape(face, fit->identity, fit->shape, xyz);
    limner_fit_pose_of(&pose, fit);
    project_range(px, face, &pose, xyz, 0, face->n_vertices);
    project_eye(px, face, fit, &pose, xyz, LIMNER_SIDE_LEFT);
    project_eye(px, face, fit, &pose, xyz, LIMNER_SIDE_RIGHT);
    limner_mem_free(xyz);
    return LIMNER_OK;
}

limner_status limner_fit_project_landmarks(float xy[LIMNER_N_LANDMARK][2], const limner_face *face,
                                           const limner_fit *fit, const float *residual)
{
    float *px = limner_alloc(face->n_vertices, 3 * sizeof(float));
    limner_status st = px ? limner_fit_project_vertices(px, face, fit) : LIMNER_E_NOMEM;

    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t c = 0; c < 2; c++) {
            xy[k][c] = 0.0f;
            for (size_t j = 0; j < 3 && st == LIMNER_OK; j++) {
                const size_t v = face->landmark_vertex[3 * k + j];

                xy[k][c] += face->landmark_bary[3 * k + j] *
                            (px[3 * v + c] + (residual ? residual[2 * v + c] : 0.0f));
            }
        }
    limner_mem_free(px);
    return st;
}
