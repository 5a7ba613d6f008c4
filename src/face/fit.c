/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a fit; see fit.h for what and fitter.h for how. A rough pose from the face's axes,
 * rounds on the pose, rounds on everything, and once more with the eyes on the camera, where
 * nothing speaks against it. */
#include "face/fit.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/smoothstep.h"
#include "face/fitter.h"

enum {
    POSE_ROUNDS = 8,
    FULL_ROUNDS = 14,
    CAMERA_ROUNDS = 8,
    MATCH_EVERY = 3, /* rounds between matches of the outline, ... */
    LAST_MATCH = 9   /* ... which end with this round */
};

#define DEGREE 57.29577951308232
#define MOST_GAZE_DEG 40.0              /* believed */

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
static bool start_pose(limner_fitter *f)
{
    double model[9], seen[9], mean_model[3], mean_seen[3], transposed[9];

    memset(f->pose.rotation, 0, sizeof(f->pose.rotation));
    for (int i = 0; i < 3; i++)
        f->pose.rotation[4 * i] = 1.0;
    limner_fitter_place(f, 0, LIMNER_FITTER_N_MESH);
    if (!face_frame(model, (const double(*)[3])f->place) ||
        !face_frame(seen, (const double(*)[3])f->target))
        return false;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            transposed[3 * i + j] = model[3 * j + i];
    limner_mat3_mul(f->pose.rotation, seen, transposed);
    limner_fitter_place(f, 0, LIMNER_FITTER_N_MESH);
    const double size =
        spread_about_mean((const double(*)[3])f->place, LIMNER_FITTER_N_MESH, mean_model);
    f->pose.scale =
        spread_about_mean((const double(*)[3])f->target, LIMNER_FITTER_N_MESH, mean_seen) / size;
    for (int i = 0; i < 3; i++)
        f->pose.shift[i] = mean_seen[i] / f->pose.scale - mean_model[i];
    return f->pose.scale > 1e-3 && isfinite(f->pose.scale);
}

/* ---- results ------------------------------------------------------------------------------- */

/* Root mean square distance of the landmarks that do not slide, pixels. */
static double rms_px(const limner_fitter *f)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t k = 0; k < LIMNER_FITTER_N_MESH; k++) {
        double r[3];

        if (f->face->landmark_kind[k] == LIMNER_LANDMARK_SILHOUETTE)
            continue;
        limner_fitter_residual(r, f, k, k);
        sum += r[0] * r[0] + r[1] * r[1];
        n++;
    }
    return n ? f->pose.scale * sqrt(sum / (double)n) : 0.0;
}

/* Offset of one iris from its eyeball's centre as a fraction of their distance (camera axes).
 * Returns the trust in it: the eye's width as seen, centimetres. */
static double iris_offset(const limner_fitter *f, int side, double out[2])
{
    static const struct {
        uint16_t outer, inner;
    } corner[2] = {{263, 362}, {33, 133}};
    const double *outer = f->target[corner[side].outer], *inner = f->target[corner[side].inner];
    double r[3];

    limner_fitter_residual(r, f, limner_fitter_iris(side), LIMNER_FITTER_EYE + (size_t)side);
    for (int i = 0; i < 2; i++)
        out[i] = r[i] / (double)f->face->iris_depth_cm;
    return hypot(outer[0] - inner[0], outer[1] - inner[1]) / f->pose.scale;
}

/* Gaze from both irises; a single eye's centre is known to a few millimetres only, so that the mean
 * counts, and no more than MOST_GAZE_DEG are believed. */
static void find_gaze(const limner_fitter *f, limner_fit *out)
{
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
    out->gaze_pitch = (float)fmin(fmax(pitch * DEGREE, -MOST_GAZE_DEG), MOST_GAZE_DEG);
    out->gaze_yaw = (float)fmin(fmax(yaw * DEGREE, -MOST_GAZE_DEG), MOST_GAZE_DEG);
}

static void write_fit(limner_fit *out, const limner_fitter *f)
{
    memset(out, 0, sizeof(*out));
    for (int k = 0; k < LIMNER_N_IDENTITY; k++)
        out->identity[k] = (float)f->coefficient[LIMNER_FIT_FIRST_IDENTITY + k];
    for (int k = 0; k < LIMNER_N_SHAPE; k++)
        out->shape[k] = (float)f->coefficient[LIMNER_FIT_FIRST_SHAPE + k];
    limner_fit_pose_write(out, f->pose.rotation, f->pose.scale, f->pose.shift);
    out->rms_px = (float)rms_px(f);
    find_gaze(f, out);
    const double gaze_yaw = fmin(fmax(f->beside_deg, -MOST_GAZE_DEG), MOST_GAZE_DEG);

    out->gaze_yaw += (float)(f->beside * (gaze_yaw - (double)out->gaze_yaw));
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

static bool full_rounds(limner_fitter *f, int n)
{
    double change = 1.0;

    for (int i = 0; i < n && change > ENOUGH; i++) {
        if (i % MATCH_EVERY == 0 && i <= LAST_MATCH)
            limner_fitter_match(f);
        if (!limner_fitter_full_round(f, &change))
            return false;
    }
    limner_fitter_place(f, 0, LIMNER_FITTER_N_POINTS);
    return true;
}

/* Whether the eyes of the first fit look beside the camera, as filmed ones may. Over 54 portraits
 * (eleven gazes, four poses each) its gaze yaw was 0.63 of the true one and 0.19 of the head's; one
 * person's is off by 4 true degrees (one standard deviation), looks beside the camera by 13, so
 * that a tenth of what is seen is the person's own. Irises that the net does not find, behind lids
 * and glasses, point apart; found, by 8 degrees. */
static void look_beside(limner_fitter *f, const limner_fit *first, double yaw)
{
    const double follows = 0.634, apparent = 0.194, believed = 0.9;
    const float beside_deg[2] = {8.0f, 12.0f}, apart_deg[2] = {12.0f, 19.0f};
    const float turned_deg[2] = {22.0f, 30.0f};
    double left[2], right[2];

    iris_offset(f, 0, left);
    iris_offset(f, 1, right);
    const double apart = DEGREE * (left[0] - right[0]) / 2.0 / follows;
    const double seen_deg = ((double)first->gaze_yaw - apparent * yaw) / follows;

    f->beside_deg = believed * seen_deg;
    f->beside = (double)(limner_smoothstep((float)fabs(seen_deg), beside_deg[0], beside_deg[1]) *
                         (1 - limner_smoothstep((float)fabs(apart), apart_deg[0], apart_deg[1])) *
                         (1 - limner_smoothstep((float)fabs(yaw), turned_deg[0], turned_deg[1])));
}

/* Most sitters look into the camera: when the first fit does not speak against it, the eyes may
 * tell how far the head nods. */
static bool look_at_camera(limner_fitter *f)
{
    /* The net's irises follow an eye by 84 % of its turn in the head, so that eyes which look at
     * the camera seem to look some of the way to where the head is turned (0.16 to 0.21, measured
     * on 50 portraits). */
    const double near_deg = 20.0, weight = 1000.0, apparent = 0.2;
    double yaw, pitch, roll;
    limner_fit first;

    find_gaze(f, &first);
    limner_rotation_to_angles(f->pose.rotation, &yaw, &pitch, &roll);
    const double off = ((double)first.gaze_yaw - apparent * yaw) / near_deg;
    f->camera_weight = weight * fmax(1.0 - off * off, 0.0);
    if (f->is_filmed)
        look_beside(f, &first, yaw);
    return f->camera_weight <= 0.0 || full_rounds(f, CAMERA_ROUNDS);
}

static bool run_fit(limner_fitter *f)
{
    if (!start_pose(f))
        return false;
    for (int i = 0; i < POSE_ROUNDS; i++)
        if (!limner_fitter_pose_round(f))
            return false;
    if (!full_rounds(f, FULL_ROUNDS) || (!f->is_known && !look_at_camera(f)))
        return false;
    return limner_fitter_weigh(f) < WORST_MEDIAN_CM;
}

static limner_status fit_anyone(limner_fit *out, const limner_face *face,
                                const float landmarks[LIMNER_N_LANDMARK][3], const limner_fit *same,
                                bool is_filmed)
{
    limner_fitter *f;
    limner_status st;

    if (!are_finite(landmarks)) {
        memset(out, 0, sizeof(*out));
        return LIMNER_E_POOR_FACE;
    }
    st = limner_fitter_open(&f, face, landmarks);
    if (st < 0)
        return st;
    f->is_known = same != NULL;
    f->is_filmed = is_filmed;
    for (int k = 0; k < LIMNER_N_IDENTITY && same; k++)
        f->coefficient[LIMNER_FIT_FIRST_IDENTITY + k] = (double)same->identity[k];
    memset(out, 0, sizeof(*out));
    if (run_fit(f))
        write_fit(out, f);
    else
        st = LIMNER_E_POOR_FACE;
    limner_fitter_close(f);
    return st;
}

limner_status limner_fit_landmarks(limner_fit *out, const limner_face *face,
                                   const float landmarks[LIMNER_N_LANDMARK][3])
{
    return fit_anyone(out, face, landmarks, NULL, false);
}

limner_status limner_fit_filmed(limner_fit *out, const limner_face *face,
                                const float landmarks[LIMNER_N_LANDMARK][3])
{
    return fit_anyone(out, face, landmarks, NULL, true);
}

limner_status limner_fit_track(limner_fit *out, const limner_face *face,
                               const float landmarks[LIMNER_N_LANDMARK][3], const limner_fit *same)
{
    return fit_anyone(out, face, landmarks, same, false);
}
