/* SPDX-License-Identifier: Apache-2.0 */
/* Observations, normal equations and steps of a fit; see fitter.h. The outline is matched anew
 * every few rounds (fit_points.c). */
#include "face/fitter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"

/* Short names for this file. */
enum {
    N_POSE = LIMNER_FITTER_N_POSE,
    N_FULL = LIMNER_FITTER_N_FULL,
    N_MESH = LIMNER_FITTER_N_MESH,
    MAX_OUTLINE = LIMNER_FITTER_MAX_OUTLINE,
    EYE_POINT = LIMNER_FITTER_EYE,
    N_POINTS = LIMNER_FITTER_N_POINTS
};

size_t limner_fitter_iris(size_t side)
{
    return side == LIMNER_SIDE_LEFT ? LIMNER_FITTER_IRIS_LEFT : LIMNER_FITTER_IRIS_RIGHT;
}

void limner_fitter_close(limner_fitter *f)
{
    if (!f)
        return;
    limner_mem_free(f->xyz);
    limner_mem_free(f->normals);
    limner_mem_free(f->scratch);
    limner_mem_free(f);
}

/* ---- observations -------------------------------------------------------------------------- */

/* Several landmarks on one vertex, as at the inner corners of the eyes: at most one can be met. */
static bool shares_vertex(const limner_face *face, size_t k)
{
    for (size_t i = 0; i < N_MESH; i++)
        if (i != k && face->landmark_vertex[3 * i] == face->landmark_vertex[3 * k] &&
            face->landmark_bary[3 * i] > 0.9f && face->landmark_bary[3 * k] > 0.9f)
            return true;
    return false;
}

/* Expected distance of a landmark from its point, centimetres: the embedding's spread and what the
 * model cannot express. Lips and lids are what people look at. */
static double landmark_sigma(const limner_face *face, size_t k)
{
    const double spread = (double)face->landmark_spread_cm[k];

    if (shares_vertex(face, k))
        return 0.2;

    switch ((limner_landmark_kind)face->landmark_kind[k]) {
    case LIMNER_LANDMARK_LIP_OUTER:
    case LIMNER_LANDMARK_LIP_INNER:
    case LIMNER_LANDMARK_LID:
        return 0.07;
    case LIMNER_LANDMARK_SILHOUETTE:
        return 0.25 + spread;
    case LIMNER_LANDMARK_SKIN:
    case LIMNER_LANDMARK_IRIS:
        break;
    }
    return sqrt(spread * spread + 0.1 * 0.1);
}

/* The centre of an iris is seen best as the mean of its five landmarks. */
static void average_iris(limner_fitter *f, size_t centre)
{
    for (size_t i = 0; i < 3; i++) {
        double sum = 0.0;

        for (size_t k = centre; k < centre + 5; k++)
            sum += f->target[k][i];
        f->target[centre][i] = 0.2 * sum;
    }
}

limner_status limner_fitter_open(limner_fitter **out, const limner_face *face,
                                 const float landmarks[LIMNER_N_LANDMARK][3])
{
    /* Landmarks err together, not one by one: as a whole they count for a quarter. */
    const double independent = 0.3;
    limner_fitter *f = limner_calloc(1, sizeof(*f));

    *out = NULL;
    if (!f)
        return LIMNER_E_NOMEM;
    f->face = face;
    f->xyz = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    f->normals = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    f->scratch = limner_alloc(face->n_vertices, sizeof(uint16_t));
    if (!f->xyz || !f->normals || !f->scratch) {
        limner_fitter_close(f);
        return LIMNER_E_NOMEM;
    }
    f->coefficient[0] = 1.0;
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        const double sigma = landmark_sigma(face, k);

        f->target[k][0] = (double)landmarks[k][0];
        f->target[k][1] = -(double)landmarks[k][1];
        f->target[k][2] = -(double)landmarks[k][2];
        f->weight[k] = k < N_MESH ? independent / (sigma * sigma) : 0.0;
        if (face->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE && k < N_MESH &&
            f->n_outline < MAX_OUTLINE)
            f->outline[f->n_outline++] = (uint16_t)k;
    }
    limner_fit_points_gather(f->point, face, face->landmark_vertex, face->landmark_bary,
                             LIMNER_N_LANDMARK, f->scratch);
    for (size_t side = 0; side < 2; side++) { /* an eyeball's centre lies behind its pupil */
        f->point[EYE_POINT + side] = f->point[limner_fitter_iris(side)];
        f->point[EYE_POINT + side].row[2][0] -= face->eye_radius_cm;
        average_iris(f, limner_fitter_iris(side));
    }
    *out = f;
    return LIMNER_OK;
}

void limner_fitter_place(limner_fitter *f, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        double x[3];

        limner_fit_point_at(x, &f->point[i], f->coefficient);
        limner_mat3_apply(f->place[i], f->pose.rotation, x);
    }
}

void limner_fitter_residual(double out[3], const limner_fitter *f, size_t landmark, size_t point)
{
    for (int i = 0; i < 3; i++)
        out[i] = f->target[landmark][i] / f->pose.scale - f->place[point][i] - f->pose.shift[i];
    out[2] -= f->tilt * f->place[point][1];
}

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double limner_fitter_weigh(limner_fitter *f)
{
    const double least_scale = 0.25, medians = 3.0;
    double distance[N_MESH], sorted[N_MESH], scale;

    for (size_t k = 0; k < N_MESH; k++) {
        double r[3];

        limner_fitter_residual(r, f, k, k);
        distance[k] = sqrt(r[0] * r[0] + r[1] * r[1]);
    }
    memcpy(sorted, distance, sizeof(sorted));
    qsort(sorted, N_MESH, sizeof(*sorted), compare_double);
    scale = medians * sorted[N_MESH / 2];
    scale = scale > least_scale ? scale : least_scale;
    for (size_t k = 0; k < N_MESH; k++) {
        const double q = distance[k] / scale;

        f->robust[k] = 1.0 / (1.0 + q * q);
    }
    return sorted[N_MESH / 2];
}

void limner_fitter_match(limner_fitter *f)
{
    float identity[LIMNER_N_IDENTITY], shape[LIMNER_N_SHAPE];
    uint16_t vertex[3 * MAX_OUTLINE];
    float bary[3 * MAX_OUTLINE];

    for (int k = 0; k < LIMNER_N_IDENTITY; k++)
        identity[k] = (float)f->coefficient[LIMNER_FIT_FIRST_IDENTITY + k];
    for (int k = 0; k < LIMNER_N_SHAPE; k++)
        shape[k] = (float)f->coefficient[LIMNER_FIT_FIRST_SHAPE + k];
    limner_face_shape(f->face, identity, shape, f->xyz);
    limner_face_normals(f->face, f->xyz, f->normals);
    limner_fit_contour_match(f->contour, f->outline, f->n_outline, f->face, &f->pose, f->xyz,
                             f->normals, (const double(*)[3])f->target);
    for (size_t i = 0; i < f->n_outline; i++)
        for (int j = 0; j < 3; j++) {
            vertex[3 * i + (size_t)j] = f->contour[i].vertex;
            bary[3 * i + (size_t)j] = j == 0 ? 1.0f : 0.0f;
        }
    limner_fit_points_gather(f->point + LIMNER_N_LANDMARK, f->face, vertex, bary, f->n_outline,
                             f->scratch);
}

/* ---- normal equations ---------------------------------------------------------------------- */

/* One equation: the distance of `point` from `landmark` along d (camera axes). */
static void add_row(limner_fitter *f, const double d[3], size_t landmark, size_t point,
                    double weight, size_t n)
{
    const double *y = f->place[point], *r = f->pose.rotation, root = sqrt(weight);
    const float(*basis)[LIMNER_FIT_N_COLUMNS] = f->point[point].row;
    double residual[3];
    float g[3];

    limner_fitter_residual(residual, f, landmark, point);
    float *row = limner_fit_rows_next(
        &f->rows, root * (d[0] * residual[0] + d[1] * residual[1] + d[2] * residual[2]));
    row[0] = (float)(root * (y[1] * d[2] - y[2] * d[1]));
    row[1] = (float)(root * (y[2] * d[0] - y[0] * d[2]));
    row[2] = (float)(root * (y[0] * d[1] - y[1] * d[0]));
    row[3] = (float)(root * (d[0] * y[0] + d[1] * y[1] + d[2] * y[2]));
    for (int i = 0; i < 3; i++) {
        row[4 + i] = (float)(root * d[i]);
        g[i] = (float)(root * (r[i] * d[0] + r[3 + i] * d[1] + r[6 + i] * d[2]));
    }
    row[N_POSE - 1] = (float)(root * d[2] * y[1]);
    for (int k = 0; k < LIMNER_N_IDENTITY && n > N_POSE; k++) {
        const int c = LIMNER_FIT_FIRST_IDENTITY + k;

        row[N_POSE + k] = g[0] * basis[0][c] + g[1] * basis[1][c] + g[2] * basis[2][c];
    }
    for (int k = 0; k < LIMNER_FIT_N_ACTIVE && n > N_POSE; k++) {
        const int c = LIMNER_FIT_FIRST_SHAPE + limner_fit_active(k);

        row[N_POSE + LIMNER_N_IDENTITY + k] =
            g[0] * basis[0][c] + g[1] * basis[1][c] + g[2] * basis[2][c];
    }
}

/* The outline's landmarks at their rim vertices; marks in is_rim those that are done. */
static void add_outline(limner_fitter *f, size_t n, bool is_rim[LIMNER_N_LANDMARK])
{
    for (size_t i = 0; i < f->n_outline; i++) {
        const limner_fit_contour *c = &f->contour[i];
        const double d[3] = {(double)c->normal[0], (double)c->normal[1], 0.0};
        const size_t k = f->outline[i];

        if (c->is_contour <= 0.0f)
            continue;
        is_rim[k] = true;
        add_row(f, d, k, LIMNER_N_LANDMARK + i, f->weight[k] * f->robust[k], n);
    }
}

/* Eyes that look into the camera show the iris in front of the eyeball's centre: the one good
 * measure of how far a head nods, of which the face's shape says little. */
static void add_eyes(limner_fitter *f, size_t n)
{
    static const double axis[2][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}};
    const double scale_cm = 0.3;

    for (size_t side = 0; side < 2; side++) {
        double r[3];

        limner_fitter_residual(r, f, limner_fitter_iris(side), EYE_POINT + side);
        r[0] *= 1.0 - f->beside;
        const double q = (r[0] * r[0] + r[1] * r[1]) / (scale_cm * scale_cm);
        for (size_t i = 0; i < 2; i++)
            add_row(f, axis[i], limner_fitter_iris(side), EYE_POINT + side,
                    (i == 0 ? 1.0 - f->beside : 1.0) * f->camera_weight / (1.0 + q), n);
    }
}

static void build_system(limner_fitter *f, size_t n)
{
    /* The net's depth is a guess from the picture too: a tenth of the weight. */
    const double depth_share = 0.1;
    static const double axis[3][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}};
    bool is_rim[LIMNER_N_LANDMARK] = {false};

    limner_fit_rows_begin(&f->rows, n);
    if (n > N_POSE)
        add_outline(f, n, is_rim);
    if (f->camera_weight > 0.0)
        add_eyes(f, n);
    for (size_t k = 0; k < N_MESH; k++) {
        const double w = f->weight[k] * f->robust[k];

        if (is_rim[k])
            continue;
        add_row(f, axis[0], k, k, w, n);
        add_row(f, axis[1], k, k, w, n);
        add_row(f, axis[2], k, k, depth_share * w, n);
    }
    limner_fit_rows_end(&f->rows, f->a, f->b);
    for (size_t i = 0; i < n; i++)
        f->a[i * n + i] += 1e-4;
}

/* ---- steps --------------------------------------------------------------------------------- */

static void turn_pose(limner_fitter *f, const double step[N_POSE])
{
    limner_fit_pose *pose = &f->pose;
    double turn[9], old[9], scale = pose->scale * exp(step[3]);

    memcpy(old, pose->rotation, sizeof(old));
    limner_rotation_from_vector(turn, step);
    limner_mat3_mul(pose->rotation, turn, old);
    for (int i = 0; i < 3; i++)
        pose->shift[i] = (pose->shift[i] + step[4 + i]) * pose->scale / scale;
    pose->scale = scale;
    f->tilt += step[N_POSE - 1];
}

bool limner_fitter_pose_round(limner_fitter *f)
{
    limner_fitter_place(f, 0, N_MESH);
    limner_fitter_weigh(f);
    build_system(f, N_POSE);
    if (!limner_cholesky_factor(f->a, N_POSE))
        return false;
    limner_cholesky_solve(f->a, N_POSE, f->b);
    turn_pose(f, f->b);
    return true;
}

/* The most an opened jaw can account for: lips that touch leave it shut, whatever the chin does. */
static double widest_jaw(const limner_fitter *f)
{
    enum { N_PAIRS = 3 };
    static const uint16_t upper[N_PAIRS] = {82, 13, 312}, lower[N_PAIRS] = {87, 14, 317};
    const int column = LIMNER_FIT_FIRST_SHAPE + LIMNER_JAW_OPEN;
    const double slack = 0.02;
    double seen = 0.0, per_unit = 0.0;

    for (size_t i = 0; i < N_PAIRS; i++) {
        const size_t u = upper[i], l = lower[i];

        seen += hypot(f->target[u][0] - f->target[l][0], f->target[u][1] - f->target[l][1]) /
                f->pose.scale;
        per_unit += (double)fabsf(f->point[u].row[1][column] - f->point[l].row[1][column]);
    }
    return per_unit > 1e-3 ? fmin(seen / per_unit + slack, 1.0) : 1.0;
}

static void set_bounds(limner_fitter *f)
{
    const double *identity = f->coefficient + LIMNER_FIT_FIRST_IDENTITY;
    const double most_sd = 4.0;

    for (size_t i = 0; i < N_POSE; i++) {
        f->lo[i] = -INFINITY;
        f->hi[i] = INFINITY;
    }
    for (size_t k = 0; k < LIMNER_N_IDENTITY; k++) {
        f->lo[N_POSE + k] = f->is_known ? 0.0 : -most_sd - identity[k];
        f->hi[N_POSE + k] = f->is_known ? 0.0 : most_sd - identity[k];
    }
    for (int k = 0; k < LIMNER_FIT_N_ACTIVE; k++) {
        const int e = limner_fit_active(k);
        const double most_jaw = e == LIMNER_JAW_OPEN ? widest_jaw(f) : 1.0;
        double *lo = &f->lo[N_POSE + LIMNER_N_IDENTITY + k];
        double *hi = &f->hi[N_POSE + LIMNER_N_IDENTITY + k];

        limner_fit_prior_bounds(k, f->coefficient + LIMNER_FIT_FIRST_SHAPE, lo, hi);
        *hi = fmin(*hi, most_jaw - f->coefficient[LIMNER_FIT_FIRST_SHAPE + e]);
    }
}

bool limner_fitter_full_round(limner_fitter *f, double *change)
{
    double *identity = f->coefficient + LIMNER_FIT_FIRST_IDENTITY;
    double *shape = f->coefficient + LIMNER_FIT_FIRST_SHAPE;

    limner_fitter_place(f, 0, N_POINTS);
    limner_fitter_weigh(f);
    build_system(f, N_FULL);
    limner_fit_prior_add(f->a, f->b, N_FULL, N_POSE, identity, shape, f->is_known);
    set_bounds(f);
    if (!limner_box_solve(f->step, f->a, f->b, f->lo, f->hi, N_FULL, f->work, f->state))
        return false;
    turn_pose(f, f->step);
    *change = 0.0;
    for (int k = 0; k < LIMNER_N_IDENTITY; k++) {
        identity[k] += f->step[N_POSE + k];
        *change = fmax(*change, fabs(f->step[N_POSE + k]));
    }
    for (int k = 0; k < LIMNER_FIT_N_ACTIVE; k++) {
        const double d = f->step[N_POSE + LIMNER_N_IDENTITY + k];
        double *value = &shape[limner_fit_active(k)];

        *value = fmin(fmax(*value + d, 0.0), 1.0);
        *change = fmax(*change, fabs(d));
    }
    return isfinite(*change) && isfinite(f->pose.scale) && f->pose.scale > 0.0;
}
