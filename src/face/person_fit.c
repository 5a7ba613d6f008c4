/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a known person; see person.h. Robust Gauss-Newton over head pose, expressions, gaze
 * and the net's common errors. Priors: errors are unit Gaussian; expressions stay near those at
 * rest, and those that go together in recorded and generated speech go together (a full covariance,
 * so that a dropped jaw is not explained by shapes no one makes with it); all lie in 0..1. Starts
 * from nothing but the landmarks, so that nothing drifts. Pose and expressions are then refined by
 * the points of the skin (person_pixels.h), beside which landmarks count little: they err by more
 * than faint expressions move them. Gaze and shut lids are read from the eyes (person_eyes.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/smoothstep.h"
#include "face/fit_points.h"
#include "face/person.h"
#include "face/person_internal.h"

enum {
    N_POSE = LIMNER_PERSON_N_POSE,
    N_ACTIVE = LIMNER_FIT_N_ACTIVE,
    N_COLUMNS = LIMNER_PERSON_N_COLUMNS,
    N_SHAPES = LIMNER_PERSON_N_SHAPES,
    N_FULL = LIMNER_PERSON_N_FULL,
    N_MESH = LIMNER_PERSON_N_MESH,
    POSE_ROUNDS = 6,
    FULL_ROUNDS = 3,
    PIXEL_ROUNDS = 3
};

#define DEGREE 57.29577951308232
#define GAZE_UNIT_DEG 30.0
/* Gaze in the head, in its unit: one standard deviation expected, sideways and up or down. */
#define GAZE_YAW_SD 0.54
#define GAZE_PITCH_SD 0.4
/* Weight of the landmarks beside points of the skin. Those of lids see an opening, which skin does
 * not show, and so do those of the lips by how far they are apart; where both are counts less, as
 * the net misplaces them in a nod, every face's otherwise. */
#define TRUST_BESIDE_PIXELS 0.02
#define TRUST_LIPS_BESIDE_PIXELS 0.2
#define TRUST_GAP_BESIDE_PIXELS 1.4
#define TRUST_LIDS_BESIDE_PIXELS 0.7
/* Shares of its opening in which an eye is taken to be shut as far as the picture shows. */
#define SHUT_SURE 0.1f
#define SHUT_MAYBE 0.4f
/* Half of the landmarks farther off than this are no face. */
#define WORST_MEDIAN_CM 0.7
/* Change of a coefficient below which the rounds end. */
#define ENOUGH 2e-3

typedef limner_person_frame frame;

/* ---- points -------------------------------------------------------------------------------- */

/* Yaw and pitch since the person was met, as far as the answer to turns is known, degrees. */
static void turned(double out[2], const limner_person *p)
{
    const double most_deg = 30.0;
    double roll;

    limner_rotation_to_angles(p->frame.pose.rotation, &out[0], &out[1], &roll);
    out[0] = fmin(fmax(out[0] - p->yaw, -most_deg), most_deg);
    out[1] = fmin(fmax(out[1] - p->pitch, -most_deg), most_deg);
}

static void place(limner_person *p)
{
    frame *f = &p->frame;
    float value[N_SHAPES];
    double turn[2];

    turned(turn, p);
    for (int c = 0; c < N_SHAPES; c++)
        value[c] = (float)f->value[c];
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        double x[3];

        for (size_t i = 0; i < 3; i++) {
            x[i] = p->base[k][i] + (double)limner_dot(p->column[k][i], value, N_SHAPES);
            if (i < 2)
                x[i] += turn[0] * p->turn[k][0][i] + turn[1] * p->turn[k][1][i];
        }
        limner_mat3_apply(f->place[k], f->pose.rotation, x);
    }
}

/* From the point to the landmark, cm. */
static void residual(double out[2], const frame *f, size_t k)
{
    for (size_t i = 0; i < 2; i++)
        out[i] = f->target[k][i] / f->pose.scale - f->place[k][i] - f->pose.shift[i];
}

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Cauchy weights whose scale follows the median distance; returns the median, cm. */
static double weigh(frame *f)
{
    const double least_scale = 0.25, medians = 3.0;
    double distance[N_MESH], sorted[N_MESH], scale;

    for (size_t k = 0; k < N_MESH; k++) {
        double r[2];

        residual(r, f, k);
        distance[k] = sqrt(r[0] * r[0] + r[1] * r[1]);
    }
    memcpy(sorted, distance, sizeof(sorted));
    qsort(sorted, N_MESH, sizeof(*sorted), compare_double);
    scale = fmax(medians * sorted[N_MESH / 2], least_scale);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        const double q = k < N_MESH ? distance[k] / scale : 0.0;

        f->robust[k] = 1.0 / (1.0 + q * q);
    }
    return sorted[N_MESH / 2];
}

/* ---- equations ----------------------------------------------------------------------------- */

/* Change with a radian of what moves by v (x, y of the head) with a degree; r: a rotation's row. */
static double across(const double *r, const double v[2])
{
    return DEGREE * (r[0] * v[0] + r[1] * v[1]);
}

static double trust(const limner_person *p, size_t k)
{
    if (!p->frame.is_refined)
        return 1.0;
    switch ((limner_landmark_kind)p->face->landmark_kind[k]) {
    case LIMNER_LANDMARK_LIP_OUTER: case LIMNER_LANDMARK_LIP_INNER:
        return TRUST_LIPS_BESIDE_PIXELS;
    case LIMNER_LANDMARK_LID:
        return TRUST_LIDS_BESIDE_PIXELS;
    default:
        return TRUST_BESIDE_PIXELS;
    }
}

/* Beside points of the skin, lids say how far an eye is open, not where the head is. */
static bool is_posing(const limner_person *p, size_t k)
{
    return !p->frame.is_refined || p->face->landmark_kind[k] != LIMNER_LANDMARK_LID;
}

/* What landmark k moves by along the picture's axis i (0 right, 1 up) with each of n unknowns,
 * times root, cm. */
static void moves(float *row, const limner_person *p, size_t k, size_t i, double root, size_t n)
{
    const double *y = p->frame.place[k], *r = p->frame.pose.rotation + 3 * i;
    const float g[3] = {(float)(root * r[0]), (float)(root * r[1]), (float)(root * r[2])};

    /* About the camera's x axis it nods, about y it turns. */
    row[0] = (float)(root * ((i == 0 ? 0.0 : -y[2]) + across(r, p->turn[k][1])));
    row[1] = (float)(root * ((i == 0 ? y[2] : 0.0) + across(r, p->turn[k][0])));
    row[2] = (float)(i == 0 ? -root * y[1] : root * y[0]);
    row[3] = (float)(root * y[i]);
    row[4] = i == 0 ? (float)root : 0.0f;
    row[5] = i == 0 ? 0.0f : (float)root;
    for (size_t c = 0; c + N_POSE < n; c++)
        row[N_POSE + c] = g[0] * p->column[k][0][c] + g[1] * p->column[k][1][c] +
                          g[2] * p->column[k][2][c];
}

static void add_rows(limner_person *p, size_t k, size_t n)
{
    frame *f = &p->frame;
    double rest[2];

    residual(rest, f, k);
    for (size_t i = 0; i < 2; i++) {
        const double root = sqrt(trust(p, k) * p->weight[k][i] * f->robust[k]);
        float *row = limner_fit_rows_next(&f->rows, root * rest[i]);

        moves(row, p, k, i, root, n);
        if (!is_posing(p, k))
            memset(row, 0, N_POSE * sizeof(*row));
    }
}

/* How far the lips are apart, which landmarks see though both lips are misplaced together. */
static void add_gaps(limner_person *p, size_t n)
{
    static const uint16_t pair[][2] = {{191, 95}, {80, 88}, {81, 178}, {82, 87}, {13, 14},
                                       {312, 317}, {311, 402}, {310, 318}, {415, 324}};
    frame *f = &p->frame;
    float of_lower[N_FULL];

    for (size_t k = 0; k < sizeof(pair) / sizeof(*pair); k++) {
        const size_t upper = pair[k][0], lower = pair[k][1];
        double rest[2][2];

        residual(rest[0], f, upper);
        residual(rest[1], f, lower);
        for (size_t i = 0; i < 2; i++) {
            const double weight = p->weight[upper][i] * f->robust[upper] * p->weight[lower][i] *
                                  f->robust[lower];
            const double root = sqrt(TRUST_GAP_BESIDE_PIXELS * sqrt(weight));
            float *row = limner_fit_rows_next(&f->rows, root * (rest[0][i] - rest[1][i]));

            moves(row, p, upper, i, root, n);
            moves(of_lower, p, lower, i, root, n);
            for (size_t c = 0; c < n; c++)
                row[c] -= of_lower[c];
        }
    }
}

static void add_priors(const limner_person *p, frame *f)
{
    for (int i = 0; i < N_ACTIVE; i++) {
        const double *row = p->precision + i * N_ACTIVE;

        for (int j = 0; j < N_ACTIVE; j++)
            f->b[N_POSE + i] -= row[j] * (f->value[j] - p->rest[j]);
        for (int j = 0; j <= i; j++)
            f->a[(N_POSE + i) * N_FULL + N_POSE + j] += row[j];
    }
    for (int c = N_ACTIVE; c < N_SHAPES; c++) {
        const double sd = c == N_ACTIVE ? GAZE_YAW_SD : c < N_COLUMNS ? GAZE_PITCH_SD : 1.0;
        const double stiff = 1.0 / (sd * sd);

        f->a[(N_POSE + c) * N_FULL + N_POSE + c] += stiff;
        f->b[N_POSE + c] -= stiff * f->value[c];
    }
}

static void set_bounds(frame *f)
{
    double shape[LIMNER_N_SHAPE] = {0};

    for (int c = 0; c < N_ACTIVE; c++)
        shape[limner_fit_active(c)] = f->value[c];
    for (int i = 0; i < N_FULL; i++) {
        f->lo[i] = -INFINITY;
        f->hi[i] = INFINITY;
    }
    for (int c = 0; c < N_ACTIVE; c++)
        limner_fit_prior_bounds(c, shape, &f->lo[N_POSE + c], &f->hi[N_POSE + c]);
    for (int c = N_ACTIVE + 1; c < N_COLUMNS; c++)      /* down, up */
        f->lo[N_POSE + c] = -f->value[c];
    for (int c = N_ACTIVE; c < N_COLUMNS && f->is_refined; c++)
        f->lo[N_POSE + c] = f->hi[N_POSE + c] = 0.0;
}

static void add_pixels(limner_person *p, const limner_face_view *view, bool is_last)
{
    enum { N = LIMNER_PERSON_N_PIXEL };
    frame *f = &p->frame;
    double *a = f->work, *b = f->step;

    if (is_last)
        limner_fit_rows_begin_again(&f->pixel_rows);
    else
        limner_fit_rows_begin(&f->pixel_rows, N);
    limner_person_pixels_add(p, view);
    limner_fit_rows_end(&f->pixel_rows, a, b);
    for (size_t i = 0; i < N; i++) {
        f->b[i] += b[i];
        for (size_t j = 0; j <= i; j++)
            f->a[i * N_FULL + j] += a[i * N + j];
    }
}

/* ---- rounds -------------------------------------------------------------------------------- */

static void turn_pose(limner_person_pose *pose, const double step[N_POSE])
{
    const double scale = pose->scale * exp(step[3]);
    double turn[9], old[9];

    memcpy(old, pose->rotation, sizeof(old));
    limner_rotation_from_vector(turn, step);
    limner_mat3_mul(pose->rotation, turn, old);
    for (int i = 0; i < 2; i++)
        pose->shift[i] = (pose->shift[i] + step[4 + i]) * pose->scale / scale;
    pose->scale = scale;
}

/* Upright, level with the outer eye corners, as large as they are apart. */
static bool start(limner_person *p)
{
    enum { RIGHT = 33, LEFT = 263 };
    frame *f = &p->frame;
    const double x = f->target[LEFT][0] - f->target[RIGHT][0];
    const double y = f->target[LEFT][1] - f->target[RIGHT][1];

    memset(f->value, 0, sizeof(f->value));
    memcpy(f->value, p->rest, sizeof(p->rest));
    limner_rotation_from_angles(f->pose.rotation, p->yaw, p->pitch, atan2(y, x) * DEGREE);
    f->pose.scale = hypot(x, y) / hypot(p->base[LEFT][0] - p->base[RIGHT][0],
                                        p->base[LEFT][1] - p->base[RIGHT][1]);
    f->pose.shift[0] = f->pose.shift[1] = 0.0;
    if (!(f->pose.scale > 1e-3) || !isfinite(f->pose.scale))
        return false;
    place(p);
    for (size_t k = 0; k < N_MESH; k++)
        for (size_t i = 0; i < 2; i++)
            f->pose.shift[i] += (f->target[k][i] / f->pose.scale - f->place[k][i]) / N_MESH;
    return true;
}

/* view: NULL, or with its points; is_last: its matrix is the one of the round before. */
static bool round_of(limner_person *p, size_t n, const limner_face_view *view, bool is_last,
                     double *change)
{
    frame *f = &p->frame;

    place(p);
    weigh(f);
    limner_fit_rows_begin(&f->rows, n);
    for (size_t k = 0; k < (n == N_POSE ? (size_t)N_MESH : (size_t)LIMNER_N_LANDMARK); k++)
        add_rows(p, k, n);
    if (f->is_refined)
        add_gaps(p, n);
    limner_fit_rows_end(&f->rows, f->a, f->b);
    for (size_t i = 0; i < n; i++)
        f->a[i * n + i] += 1e-4;
    set_bounds(f);
    if (n == N_FULL)
        add_priors(p, f);
    if (view)
        add_pixels(p, view, is_last);
    if (!limner_box_solve(f->step, f->a, f->b, f->lo, f->hi, n, f->work, f->state))
        return false;
    turn_pose(&f->pose, f->step);
    *change = 0.0;
    for (int c = 0; c < N_SHAPES && n == N_FULL; c++) {
        f->value[c] += f->step[N_POSE + c];
        if (c < N_ACTIVE) {
            f->value[c] = fmin(fmax(f->value[c], 0.0), 1.0);
            *change = fmax(*change, fabs(f->step[N_POSE + c]));
        }
    }
    return isfinite(*change) && isfinite(f->pose.scale) && f->pose.scale > 0.0;
}

/* Rms of the landmarks, cm. */
static double distance(const frame *f)
{
    double sum = 0.0;

    for (size_t k = 0; k < N_MESH; k++) {
        double r[2];

        residual(r, f, k);
        sum += r[0] * r[0] + r[1] * r[1];
    }
    return sqrt(sum / N_MESH);
}

/* By landmarks alone. */
static bool run(limner_person *p)
{
    double change = 1.0;

    p->frame.is_refined = false;
    if (!start(p))
        return false;
    for (int i = 0; i < POSE_ROUNDS; i++)
        if (!round_of(p, N_POSE, NULL, false, &change))
            return false;
    change = 1.0;
    for (int i = 0; i < FULL_ROUNDS && change > ENOUGH; i++)
        if (!round_of(p, N_FULL, NULL, false, &change))
            return false;
    place(p);
    p->frame.off_cm = distance(&p->frame);
    return weigh(&p->frame) < WORST_MEDIAN_CM;
}

static bool refine(limner_person *p, const limner_face_view *view)
{
    double change = 1.0;

    p->frame.is_refined = true;
    for (int i = 0; i < PIXEL_ROUNDS && change > ENOUGH; i++)
        if (!round_of(p, N_FULL, view, i == PIXEL_ROUNDS - 1, &change))
            return false;
    place(p);
    limner_person_pixels_judge(p);
    return weigh(&p->frame) < WORST_MEDIAN_CM;
}

/* ---- result -------------------------------------------------------------------------------- */

static void set_gaze(limner_person *p)
{
    const double most_deg = 40.0, *gaze = p->frame.value + N_ACTIVE;
    double yaw, pitch, roll;

    limner_rotation_to_angles(p->frame.pose.rotation, &yaw, &pitch, &roll);
    yaw += p->gaze_yaw - p->yaw + GAZE_UNIT_DEG * gaze[0];
    pitch += p->gaze_pitch - p->pitch + GAZE_UNIT_DEG * (gaze[1] - gaze[2]);
    p->frame.gaze_deg[0] = fmin(fmax(yaw, -most_deg), most_deg);
    p->frame.gaze_deg[1] = fmin(fmax(pitch, -most_deg), most_deg);
}

/* Eyes that the picture shows to be narrower than the landmarks have them. */
static void shut_lids(limner_fit *out, const limner_person *p)
{
    for (int side = 0; side < 2; side++) {
        const int of = side == 0 ? LIMNER_EYE_BLINK_LEFT : LIMNER_EYE_BLINK_RIGHT;
        const float open = (float)p->eyes.open[side];
        const float narrow = 1.0f - limner_smoothstep(open, SHUT_SURE, SHUT_MAYBE);

        out->shape[of] = fmaxf(out->shape[of], narrow * (1.0f - open));
    }
}

static void write_fit(limner_fit *out, const limner_person *p)
{
    const frame *f = &p->frame;

    memcpy(out->identity, p->identity, sizeof(out->identity));
    for (int c = 0; c < N_ACTIVE; c++)
        out->shape[limner_fit_active(c)] = (float)f->value[c];
    limner_fit_pose_write(out, f->pose.rotation, f->pose.scale, f->pose.shift);
    out->rms_px = (float)(f->pose.scale * distance(f));
    out->gaze_yaw = (float)p->eyes.gaze_deg[0];
    out->gaze_pitch = (float)p->eyes.gaze_deg[1];
    shut_lids(out, p);
}

limner_status limner_person_fit(limner_fit *out, limner_person *p,
                                const float landmarks[LIMNER_N_LANDMARK][3],
                                const limner_face_view *view)
{
    const float most = 1e5f;

    memset(out, 0, sizeof(*out));
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t i = 0; i < 2; i++) {
            if (!(landmarks[k][i] > -most && landmarks[k][i] < most))
                return LIMNER_E_POOR_FACE;
            p->frame.target[k][i] = (i ? -1.0 : 1.0) * (double)landmarks[k][i];
        }
    if (!run(p))
        return LIMNER_E_POOR_FACE;
    set_gaze(p);
    if (!view || !view->w || !p->pixels.n)
        view = NULL;
    if (view && !refine(p, view))
        return LIMNER_E_POOR_FACE;
    limner_person_eyes_read(p, view);
    write_fit(out, p);
    return LIMNER_OK;
}

void limner_person_lids(const limner_person *p, float aperture[2])
{
    for (int side = 0; side < 2; side++)
        aperture[side] = (float)p->eyes.aperture[side];
}

bool limner_person_clues(limner_unmix_clue *out, const limner_person *p)
{
    const double ten_deg = 10.0, widest = 1.5;
    double yaw, pitch, roll;
    float *v = out->v;

    limner_rotation_to_angles(p->frame.pose.rotation, &yaw, &pitch, &roll);
    for (int c = 0; c < N_ACTIVE; c++)
        *v++ = (float)(p->frame.value[c] - p->rest[c]);
    *v++ = (float)((yaw - p->yaw) / ten_deg);
    *v++ = (float)((pitch - p->pitch) / ten_deg);
    *v++ = (float)(roll / ten_deg);
    for (int side = 0; side < 2; side++)
        *v++ = (float)fmin(fmax(p->eyes.open[side], 0.0), widest);
    return p->frame.is_refined;
}

double limner_person_distance(const limner_person *p)
{
    return p->frame.off_cm;
}
