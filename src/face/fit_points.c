/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the face model at chosen points, and the match of the face's outline; see
 * fit_points.h. The outline slides over the skin as the head turns: where the embedded point faces
 * the camera it is kept, else the nearest rim vertex takes its place, of which only the distance
 * across the rim counts (Cao, Hou and Zhou 2014, "Displaced dynamic expression regression", move
 * contour landmarks in the same spirit). */
#include "face/fit_points.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"

void limner_fit_pose_of(limner_fit_pose *out, const limner_fit *fit)
{
    for (int i = 0; i < 9; i++)
        out->rotation[i] = (double)fit->rotation[i];
    out->scale = (double)fit->scale;
    out->shift[0] = (double)fit->tx / out->scale;
    out->shift[1] = -(double)fit->ty / out->scale;
    out->shift[2] = 0.0;
}

void limner_fit_pose_write(limner_fit *out, const double rotation[9], double scale,
                           const double shift[2])
{
    double yaw, pitch, roll;

    for (int i = 0; i < 9; i++)
        out->rotation[i] = (float)rotation[i];
    limner_rotation_to_angles(rotation, &yaw, &pitch, &roll);
    out->yaw = (float)yaw;
    out->pitch = (float)pitch;
    out->roll = (float)roll;
    out->scale = (float)scale;
    out->tx = (float)(scale * shift[0]);
    out->ty = (float)(-scale * shift[1]);
}

void limner_fit_pose_apply(double out[3], const limner_fit_pose *pose, const double x[3])
{
    double y[3];

    limner_mat3_apply(y, pose->rotation, x);
    for (int i = 0; i < 3; i++)
        out[i] = pose->scale * (y[i] + pose->shift[i]) * (i == 1 ? -1.0 : 1.0);
}

static void gather_plane(limner_fit_point *out, int axis, int column, const float *plane,
                         const uint16_t *vertex, const float *bary, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const uint16_t *v = vertex + 3 * i;
        const float *b = bary + 3 * i;

        out[i].row[axis][column] = b[0] * plane[v[0]] + b[1] * plane[v[1]] + b[2] * plane[v[2]];
    }
}

static void gather_delta(limner_fit_point *out, int column, const limner_face_delta *d,
                         const uint16_t *vertex, const float *bary, size_t n, uint16_t *entry_of)
{
    /* Entries are counted from 1, so that zeroed scratch means "not touched". */
    for (uint32_t i = 0; i < d->n; i++)
        entry_of[d->vertex[i]] = (uint16_t)(i + 1);
    for (size_t i = 0; i < 3 * n; i++) {
        const uint16_t entry = entry_of[vertex[i]];

        for (int axis = 0; axis < 3 && entry; axis++)
            out[i / 3].row[axis][column] += bary[i] * d->delta[(size_t)axis * d->n + entry - 1u];
    }
    for (uint32_t i = 0; i < d->n; i++)
        entry_of[d->vertex[i]] = 0;
}

void limner_fit_points_gather(limner_fit_point *out, const limner_face *face,
                              const uint16_t *vertex, const float *bary, size_t n,
                              uint16_t *scratch)
{
    memset(out, 0, n * sizeof(*out));
    memset(scratch, 0, face->n_vertices * sizeof(*scratch));
    for (int axis = 0; axis < 3; axis++) {
        gather_plane(out, axis, 0, face->mean + (size_t)axis * face->stride, vertex, bary, n);
        for (int k = 0; k < LIMNER_N_IDENTITY; k++)
            gather_plane(out, axis, LIMNER_FIT_FIRST_IDENTITY + k,
                         face->identity + (size_t)(3 * k + axis) * face->stride, vertex, bary, n);
    }
    for (int e = 0; e < LIMNER_N_SHAPE; e++)
        gather_delta(out, LIMNER_FIT_FIRST_SHAPE + e, &face->expression[e], vertex, bary, n,
                     scratch);
}

void limner_fit_point_at(double out[3], const limner_fit_point *p, const double *coefficient)
{
    for (int axis = 0; axis < 3; axis++) {
        double sum = 0.0;

        for (int k = 0; k < LIMNER_FIT_N_COLUMNS; k++)
            sum += (double)p->row[axis][k] * coefficient[k];
        out[axis] = sum;
    }
}

/* Camera axes of vertex v of a planar array. */
static void turn(double out[3], const double r[9], const float *planar, size_t stride, size_t v)
{
    const double p[3] = {planar[v], planar[stride + v], planar[2 * stride + v]};

    for (int i = 0; i < 3; i++)
        out[i] = r[3 * i] * p[0] + r[3 * i + 1] * p[1] + r[3 * i + 2] * p[2];
}

static double landmark_facing(const limner_face *face, const limner_fit_pose *pose,
                              const float *normal, size_t landmark)
{
    double facing = 0.0;

    for (size_t j = 0; j < 3; j++) {
        double n[3];

        turn(n, pose->rotation, normal, face->stride, face->landmark_vertex[3 * landmark + j]);
        facing += n[2] * (double)face->landmark_bary[3 * landmark + j];
    }
    return facing;
}

void limner_fit_contour_match(limner_fit_contour *out, const uint16_t *landmark, size_t n,
                              const limner_face *face, const limner_fit_pose *pose,
                              const float *xyz, const float *normal, const double (*target)[3])
{
    /* A vertex counts as rim when its normal is within 17 degrees of the picture plane; away from
     * the plane costs as much as a distance of rim_cm per unit of sine. */
    const double rim_sine = 0.3, rim_cm = 1.5, front_sine = 0.4;
    const limner_face_range *head = &face->part[LIMNER_PART_HEAD];
    double best[LIMNER_N_LANDMARK], middle[2] = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        best[i] = INFINITY;
        out[i].vertex = 0;
        middle[0] += target[landmark[i]][0] / (double)n;
        middle[1] += target[landmark[i]][1] / (double)n;
    }
    for (uint32_t v = head->first_vertex; v < head->first_vertex + head->n_vertices; v++) {
        double nv[3], x[3];

        if (face->vertex_region[v] != LIMNER_REGION_FACE)
            continue;
        turn(nv, pose->rotation, normal, face->stride, v);
        if (fabs(nv[2]) > rim_sine)
            continue;
        turn(x, pose->rotation, xyz, face->stride, v);
        for (size_t i = 0; i < n; i++) {
            const double *p = target[landmark[i]];
            const double dx = p[0] / pose->scale - x[0] - pose->shift[0];
            const double dy = p[1] / pose->scale - x[1] - pose->shift[1];
            const double cost = dx * dx + dy * dy + rim_cm * rim_cm * nv[2] * nv[2];

            if (cost >= best[i] || nv[0] * (p[0] - middle[0]) + nv[1] * (p[1] - middle[1]) <= 0.0)
                continue;
            const double len = sqrt(nv[0] * nv[0] + nv[1] * nv[1]);
            best[i] = cost;
            out[i].vertex = (uint16_t)v;
            out[i].normal[0] = (float)(nv[0] / len);
            out[i].normal[1] = (float)(nv[1] / len);
        }
    }
    for (size_t i = 0; i < n; i++)
        out[i].is_contour =
            best[i] < INFINITY && landmark_facing(face, pose, normal, landmark[i]) < front_sine;
}
