/* SPDX-License-Identifier: Apache-2.0 */
/* Fit of the face model to landmarks; see fit.h. Gauss-Newton on the landmarks' distances in
 * centimetres of the model, with Cauchy weights whose scale follows the median distance, the priors
 * of fit_prior.c and expressions held in 0..1 by a bounded solve. The outline is matched anew every
 * few rounds. Parameters of a step: 3 rotation (about the camera's axes), 1 log scale,
 * 3 translation, 1 tilt of the net's depth, 60 identity, 43 expressions. */
#include "face/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/fit_points.h"
#include "face/fit_prior.h"

enum {
    N_POSE = 8,
    N_FULL = N_POSE + LIMNER_N_IDENTITY + LIMNER_FIT_N_ACTIVE,
    N_PADDED = (N_FULL + 3) / 4 * 4,
    N_MESH = 468,               /* landmarks without the irises */
    MAX_OUTLINE = 64,
    EYE_POINT = LIMNER_N_LANDMARK + MAX_OUTLINE,
    N_POINTS = EYE_POINT + 2,
    ROWS_AT_ONCE = 4,
    POSE_ROUNDS = 8,
    FULL_ROUNDS = 14,
    CAMERA_ROUNDS = 8,
    MATCH_EVERY = 3,            /* rounds between matches of the outline, ... */
    LAST_MATCH = 9              /* ... which end with this round */
};

static const uint16_t iris_mark[2] = {473, 468};        /* centre, by limner_face_side */

typedef struct fitter {
    const limner_face *face;
    limner_fit_pose pose;
    double tilt;                /* of the net's depth: it nods with the face's shape */
    double coefficient[LIMNER_FIT_N_COLUMNS];
    double target[LIMNER_N_LANDMARK][3];        /* pixels; y and z point up and to the camera */
    double weight[LIMNER_N_LANDMARK];           /* per square centimetre */
    double robust[LIMNER_N_LANDMARK];
    double place[N_POINTS][3];                  /* rotated, centimetres */
    uint16_t outline[MAX_OUTLINE];              /* landmark indices */
    limner_fit_contour contour[MAX_OUTLINE];
    size_t n_outline;
    limner_fit_point point[N_POINTS];           /* landmarks, outline, centres of the eyeballs */
    double camera_weight;       /* trust that the eyes look into the camera */
    bool is_known;              /* the identity is given */
    float row[ROWS_AT_ONCE][N_PADDED];
    float row_residual[ROWS_AT_ONCE];
    size_t n_rows;
    float normal[N_PADDED][N_PADDED];
    double a[N_FULL * N_FULL];
    double b[N_FULL], lo[N_FULL], hi[N_FULL], step[N_FULL];
    double work[N_FULL * N_FULL + N_FULL];
    int8_t state[N_FULL];
    float *xyz, *normals;                       /* [3][stride] */
    uint16_t *scratch;                          /* [n_vertices] */
} fitter;

static void fitter_close(fitter *f)
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
static void average_iris(fitter *f, size_t centre)
{
    for (size_t i = 0; i < 3; i++) {
        double sum = 0.0;

        for (size_t k = centre; k < centre + 5; k++)
            sum += f->target[k][i];
        f->target[centre][i] = 0.2 * sum;
    }
}

static limner_status fitter_open(fitter **out, const limner_face *face,
                                 const float landmarks[LIMNER_N_LANDMARK][3])
{
    /* Landmarks err together, not one by one: as a whole they count for a quarter. */
    const double independent = 0.3;
    fitter *f = limner_calloc(1, sizeof(*f));

    *out = NULL;
    if (!f)
        return LIMNER_E_NOMEM;
    f->face = face;
    f->xyz = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    f->normals = limner_alloc(limner_face_xyz_floats(face), sizeof(float));
    f->scratch = limner_alloc(face->n_vertices, sizeof(uint16_t));
    if (!f->xyz || !f->normals || !f->scratch) {
        fitter_close(f);
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
    for (size_t side = 0; side < 2; side++) {   /* an eyeball's centre lies behind its iris */
        f->point[EYE_POINT + side] = f->point[iris_mark[side]];
        f->point[EYE_POINT + side].row[2][0] -= face->iris_depth_cm;
        average_iris(f, iris_mark[side]);
    }
    *out = f;
    return LIMNER_OK;
}

static void place_points(fitter *f, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        double x[3];

        limner_fit_point_at(x, &f->point[i], f->coefficient);
        limner_mat3_apply(f->place[i], f->pose.rotation, x);
    }
}

static void residual_at(double out[3], const fitter *f, size_t landmark, size_t point)
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

/* Sets the robust weights; returns the median distance in the picture plane, centimetres. */
static double weigh_points(fitter *f)
{
    const double least_scale = 0.25, medians = 3.0;
    double distance[N_MESH], sorted[N_MESH], scale;

    for (size_t k = 0; k < N_MESH; k++) {
        double r[3];

        residual_at(r, f, k, k);
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

static void match_outline(fitter *f)
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
                             f->normals, (const double (*)[3])f->target);
    for (size_t i = 0; i < f->n_outline; i++)
        for (int j = 0; j < 3; j++) {
            vertex[3 * i + (size_t)j] = f->contour[i].vertex;
            bary[3 * i + (size_t)j] = j == 0 ? 1.0f : 0.0f;
        }
    limner_fit_points_gather(f->point + LIMNER_N_LANDMARK, f->face, vertex, bary, f->n_outline,
                             f->scratch);
}

/* ---- normal equations ---------------------------------------------------------------------- */

static void flush_rows(fitter *f, size_t n)
{
    if (f->n_rows == 0)
        return;
    for (size_t i = f->n_rows; i < ROWS_AT_ONCE; i++) {
        memset(f->row[i], 0, sizeof(f->row[i]));
        f->row_residual[i] = 0.0f;
    }
    const float *r0 = f->row[0], *r1 = f->row[1], *r2 = f->row[2], *r3 = f->row[3];
    for (size_t i = 0; i < n; i++) {
        const float w0 = r0[i], w1 = r1[i], w2 = r2[i], w3 = r3[i];
        float *sum = f->normal[i];

        for (size_t j = 0; j <= i; j++)
            sum[j] += w0 * r0[j] + w1 * r1[j] + w2 * r2[j] + w3 * r3[j];
        for (size_t k = 0; k < ROWS_AT_ONCE; k++)
            f->b[i] += (double)f->row[k][i] * (double)f->row_residual[k];
    }
    f->n_rows = 0;
}

/* One equation: the distance of `point` from `landmark` along d (camera axes). */
static void add_row(fitter *f, const double d[3], size_t landmark, size_t point, double weight,
                    size_t n)
{
    const double *y = f->place[point], *r = f->pose.rotation, root = sqrt(weight);
    const float (*basis)[LIMNER_FIT_N_COLUMNS] = f->point[point].row;
    float *row = f->row[f->n_rows], g[3];
    double residual[3];

    residual_at(residual, f, landmark, point);
    f->row_residual[f->n_rows] =
        (float)(root * (d[0] * residual[0] + d[1] * residual[1] + d[2] * residual[2]));
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
    if (++f->n_rows == ROWS_AT_ONCE)
        flush_rows(f, n);
}

/* The outline's landmarks at their rim vertices; marks in is_rim those that are done. */
static void add_outline(fitter *f, size_t n, bool is_rim[LIMNER_N_LANDMARK])
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
static void add_eyes(fitter *f, size_t n)
{
    static const double axis[2][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}};
    const double scale_cm = 0.3;

    for (size_t side = 0; side < 2; side++) {
        double r[3];

        residual_at(r, f, iris_mark[side], EYE_POINT + side);
        const double q = (r[0] * r[0] + r[1] * r[1]) / (scale_cm * scale_cm);
        for (size_t i = 0; i < 2; i++)
            add_row(f, axis[i], iris_mark[side], EYE_POINT + side,
                    f->camera_weight / (1.0 + q), n);
    }
}

static void build_system(fitter *f, size_t n)
{
    /* The net's depth is a guess from the picture too: a tenth of the weight. */
    const double depth_share = 0.1;
    static const double axis[3][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}};
    bool is_rim[LIMNER_N_LANDMARK] = {false};

    memset(f->normal, 0, sizeof(f->normal));
    memset(f->b, 0, sizeof(f->b));
    f->n_rows = 0;
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
    flush_rows(f, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            f->a[i * n + j] = (double)f->normal[i][j];
    for (size_t i = 0; i < n; i++)
        f->a[i * n + i] += 1e-4;
}

/* ---- steps --------------------------------------------------------------------------------- */

static void turn_pose(fitter *f, const double step[N_POSE])
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

static bool pose_round(fitter *f)
{
    place_points(f, 0, N_MESH);
    weigh_points(f);
    build_system(f, N_POSE);
    if (!limner_cholesky_factor(f->a, N_POSE))
        return false;
    limner_cholesky_solve(f->a, N_POSE, f->b);
    turn_pose(f, f->b);
    return true;
}

/* The most an opened jaw can account for: lips that touch leave it shut, whatever the chin does. */
static double widest_jaw(const fitter *f)
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

static void set_bounds(fitter *f)
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

/* One Gauss-Newton step over everything. *change: the largest change of a coefficient. */
static bool full_round(fitter *f, double *change)
{
    double *identity = f->coefficient + LIMNER_FIT_FIRST_IDENTITY;
    double *shape = f->coefficient + LIMNER_FIT_FIRST_SHAPE;

    place_points(f, 0, N_POINTS);
    weigh_points(f);
    build_system(f, N_FULL);
    limner_fit_prior_add(f->a, f->b, N_FULL, N_POSE, identity, shape);
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

/* ---- start --------------------------------------------------------------------------------- */

static double dot3(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static bool unit3(double v[3])
{
    const double len = sqrt(dot3(v, v));

    for (int i = 0; i < 3; i++)
        v[i] /= len;
    return len > 1e-6;
}

/* Axes of a face as columns of `frame`: x between the outer eye corners, y from the mouth's
 * corners to the eyes. */
static bool face_frame(double frame[9], const double (*p)[3])
{
    enum { EYE_R = 33, EYE_L = 263, MOUTH_R = 61, MOUTH_L = 291 };
    double x[3], y[3], z[3];

    for (int i = 0; i < 3; i++) {
        x[i] = p[EYE_L][i] - p[EYE_R][i];
        y[i] = p[EYE_L][i] + p[EYE_R][i] - p[MOUTH_L][i] - p[MOUTH_R][i];
    }
    if (!unit3(x))
        return false;
    const double along = dot3(x, y);
    for (int i = 0; i < 3; i++)
        y[i] -= along * x[i];
    if (!unit3(y))
        return false;
    for (int i = 0; i < 3; i++)
        z[i] = x[(i + 1) % 3] * y[(i + 2) % 3] - x[(i + 2) % 3] * y[(i + 1) % 3];
    for (int i = 0; i < 3; i++) {
        frame[3 * i] = x[i];
        frame[3 * i + 1] = y[i];
        frame[3 * i + 2] = z[i];
    }
    return true;
}

static double spread_about_mean(const double (*p)[3], size_t n, double mean[3])
{
    double sum = 0.0;

    for (int i = 0; i < 3; i++) {
        mean[i] = 0.0;
        for (size_t k = 0; k < n; k++)
            mean[i] += p[k][i] / (double)n;
        for (size_t k = 0; k < n; k++)
            sum += (p[k][i] - mean[i]) * (p[k][i] - mean[i]);
    }
    return sqrt(sum / (double)n);
}

/* Rough pose from the axes of the face; false when there is no face to speak of. */
static bool start_pose(fitter *f)
{
    double model[9], seen[9], mean_model[3], mean_seen[3], transposed[9];

    memset(f->pose.rotation, 0, sizeof(f->pose.rotation));
    for (int i = 0; i < 3; i++)
        f->pose.rotation[4 * i] = 1.0;
    place_points(f, 0, N_MESH);
    if (!face_frame(model, (const double (*)[3])f->place) ||
        !face_frame(seen, (const double (*)[3])f->target))
        return false;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            transposed[3 * i + j] = model[3 * j + i];
    limner_mat3_mul(f->pose.rotation, seen, transposed);
    place_points(f, 0, N_MESH);
    const double size = spread_about_mean((const double (*)[3])f->place, N_MESH, mean_model);
    f->pose.scale = spread_about_mean((const double (*)[3])f->target, N_MESH, mean_seen) / size;
    for (int i = 0; i < 3; i++)
        f->pose.shift[i] = mean_seen[i] / f->pose.scale - mean_model[i];
    return f->pose.scale > 1e-3 && isfinite(f->pose.scale);
}

/* ---- results ------------------------------------------------------------------------------- */

/* Root mean square distance of the landmarks that do not slide, pixels. */
static double rms_px(const fitter *f)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t k = 0; k < N_MESH; k++) {
        double r[3];

        if (f->face->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE)
            continue;
        residual_at(r, f, k, k);
        sum += r[0] * r[0] + r[1] * r[1];
        n++;
    }
    return n ? f->pose.scale * sqrt(sum / (double)n) : 0.0;
}

/* Offset of one iris from its eyeball's centre as a fraction of their distance (camera axes).
 * Returns the trust in it: the eye's width as seen, centimetres. */
static double iris_offset(const fitter *f, int side, double out[2])
{
    static const struct { uint16_t outer, inner; } corner[2] = {{263, 362}, {33, 133}};
    const double *outer = f->target[corner[side].outer], *inner = f->target[corner[side].inner];
    double r[3];

    residual_at(r, f, iris_mark[side], EYE_POINT + (size_t)side);
    for (int i = 0; i < 2; i++)
        out[i] = r[i] / (double)f->face->iris_depth_cm;
    return hypot(outer[0] - inner[0], outer[1] - inner[1]) / f->pose.scale;
}

/* Gaze from both irises; a single eye's centre is known to a few millimetres only, so that the mean
 * counts, and no more than 30 degrees are believed. */
static void find_gaze(const fitter *f, limner_fit *out)
{
    const double most_deg = 30.0, degree = 180.0 / 3.141592653589793;
    double mean[2] = {0.0, 0.0}, total = 0.0;

    for (int side = 0; side < 2; side++) {
        double offset[2];
        const double trust = iris_offset(f, side, offset);

        total += trust;
        mean[0] += trust * offset[0];
        mean[1] += trust * offset[1];
    }
    for (int i = 0; i < 2; i++)
        mean[i] = fmin(fmax(mean[i] / fmax(total, 1e-6), -0.7), 0.7);
    const double pitch = -asin(mean[1]);
    const double yaw = asin(fmin(fmax(mean[0] / cos(pitch), -0.9), 0.9));
    out->gaze_pitch = (float)fmin(fmax(pitch * degree, -most_deg), most_deg);
    out->gaze_yaw = (float)fmin(fmax(yaw * degree, -most_deg), most_deg);
}

static void write_fit(limner_fit *out, const fitter *f)
{
    double yaw, pitch, roll;

    memset(out, 0, sizeof(*out));
    for (int k = 0; k < LIMNER_N_IDENTITY; k++)
        out->identity[k] = (float)f->coefficient[LIMNER_FIT_FIRST_IDENTITY + k];
    for (int k = 0; k < LIMNER_N_SHAPE; k++)
        out->shape[k] = (float)f->coefficient[LIMNER_FIT_FIRST_SHAPE + k];
    for (int i = 0; i < 9; i++)
        out->rotation[i] = (float)f->pose.rotation[i];
    limner_rotation_to_angles(f->pose.rotation, &yaw, &pitch, &roll);
    out->yaw = (float)yaw;
    out->pitch = (float)pitch;
    out->roll = (float)roll;
    out->scale = (float)f->pose.scale;
    out->tx = (float)(f->pose.scale * f->pose.shift[0]);
    out->ty = (float)(-f->pose.scale * f->pose.shift[1]);
    out->rms_px = (float)rms_px(f);
    find_gaze(f, out);
}

static bool are_finite(const float landmarks[LIMNER_N_LANDMARK][3])
{
    const float most = 1e5f;

    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t i = 0; i < 3; i++)
            if (!(landmarks[k][i] > -most && landmarks[k][i] < most))
                return false;
    return true;
}

/* Half of the landmarks farther off than this are no face. */
#define WORST_MEDIAN_CM 0.7
/* Change of a coefficient below which the rounds end. */
#define ENOUGH 2e-3

static bool full_rounds(fitter *f, int n)
{
    double change = 1.0;

    for (int i = 0; i < n && change > ENOUGH; i++) {
        if (i % MATCH_EVERY == 0 && i <= LAST_MATCH)
            match_outline(f);
        if (!full_round(f, &change))
            return false;
    }
    place_points(f, 0, N_POINTS);
    return true;
}

/* Most sitters look into the camera: when the first fit does not speak against it, the eyes may
 * tell how far the head nods. */
static bool look_at_camera(fitter *f)
{
    /* The model's eyeballs lie too deep, so that eyes which look at the camera seem to look some of
     * the way to where the head is turned: 0.3 to 0.5 of it, measured on frontal portraits. */
    const double near_deg = 15.0, weight = 1000.0, apparent = 0.4;
    double yaw, pitch, roll;
    limner_fit first;

    find_gaze(f, &first);
    limner_rotation_to_angles(f->pose.rotation, &yaw, &pitch, &roll);
    const double off = ((double)first.gaze_yaw - apparent * yaw) / near_deg;
    f->camera_weight = weight * fmax(1.0 - off * off, 0.0);
    return f->camera_weight <= 0.0 || full_rounds(f, CAMERA_ROUNDS);
}

static bool run_fit(fitter *f)
{
    if (!start_pose(f))
        return false;
    for (int i = 0; i < POSE_ROUNDS; i++)
        if (!pose_round(f))
            return false;
    if (!full_rounds(f, FULL_ROUNDS) || (!f->is_known && !look_at_camera(f)))
        return false;
    return weigh_points(f) < WORST_MEDIAN_CM;
}

static limner_status fit_anyone(limner_fit *out, const limner_face *face,
                                const float landmarks[LIMNER_N_LANDMARK][3],
                                const limner_fit *same)
{
    fitter *f;
    limner_status st;

    if (!are_finite(landmarks)) {
        memset(out, 0, sizeof(*out));
        return LIMNER_E_POOR_FACE;
    }
    st = fitter_open(&f, face, landmarks);
    if (st < 0)
        return st;
    f->is_known = same != NULL;
    for (int k = 0; k < LIMNER_N_IDENTITY && same; k++)
        f->coefficient[LIMNER_FIT_FIRST_IDENTITY + k] = (double)same->identity[k];
    memset(out, 0, sizeof(*out));
    if (run_fit(f))
        write_fit(out, f);
    else
        st = LIMNER_E_POOR_FACE;
    fitter_close(f);
    return st;
}

limner_status limner_fit_landmarks(limner_fit *out, const limner_face *face,
                                   const float landmarks[LIMNER_N_LANDMARK][3])
{
    return fit_anyone(out, face, landmarks, NULL);
}

limner_status limner_fit_track(limner_fit *out, const limner_face *face,
                               const float landmarks[LIMNER_N_LANDMARK][3],
                               const limner_fit *same)
{
    return fit_anyone(out, face, landmarks, same);
}
