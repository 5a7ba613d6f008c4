/* SPDX-License-Identifier: Apache-2.0 */
/* Meeting a person; see person.h. Each frame is fitted freely as a photo is (fit.h), which takes
 * the sitter to look into the camera where nothing speaks against it (eyes that look clearly beside
 * it are believed); the identities' mean is the person's. Fitted anew with that identity, what the
 * frames still have in common is the neutral face's own: kept as an offset of each landmark, it is
 * not taken for an expression later. The points of the skin are learned from the frame whose eyes
 * are most open and mouth most shut. */
#include "face/person.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "face/fit.h"
#include "face/person_internal.h"

enum { MAX_MET = 8, N_ACTIVE = LIMNER_FIT_N_ACTIVE };

/* Share of the second moments of recorded motion in the prior, and what every coefficient varies by
 * itself, one standard deviation: lids as they like. */
#define TOGETHER 2.0
#define OWN_SD 0.01
#define OWN_LID_SD 0.5
/* The spread was measured over many people; one person's landmarks err together far more, and count
 * for a tenth. */
#define INDEPENDENT 0.1
/* Irises do less so: they tell more of the gaze than the lids around them. */
#define INDEPENDENT_IRIS 0.4
/* Opening of the lids over the eye's width: as the net sees shut ones, and of the eyes over which
 * its answer to a blink was measured. */
#define SHUT_GAP 0.10
#define USUAL_GAP 0.33

/* Lids and jaw by which a frame is so much calmer than those before it that it serves better. */
#define CALMER 0.05f

/* Lips at rest are taken for rolled a little: the photo does not tell, and a face that relaxes them
 * shows less. */
#define LIPS_AT_REST 0.04

/* What a face may show as long as the take lasts; other shapes rest at 0. */
static bool is_trait(int shape)
{
    return shape < LIMNER_JAW_OPEN ||
           (shape >= LIMNER_MOUTH_LEFT && shape <= LIMNER_MOUTH_DIMPLE_RIGHT) ||
           shape >= LIMNER_BROW_DOWN_LEFT;
}

/* ---- what all have in common --------------------------------------------------------------- */

/* In the picture plane as the net answers, in depth as the model goes. xyz: the model at rest, then
 * scratch, [3][stride]. */
static void set_columns(limner_person *p, float *xyz)
{
    const limner_face_answer *answer = &p->face->answer;
    float at[LIMNER_N_LANDMARK * 3], shape[LIMNER_N_SHAPE] = {0};

    for (int c = 0; c < LIMNER_PERSON_N_SHAPES; c++) {
        const int gaze = c - N_ACTIVE, error = c - LIMNER_PERSON_N_COLUMNS;
        const int of = gaze < 0 ? limner_fit_active(c) : LIMNER_FACE_ANSWER_GAZE + gaze;
        const float *xy = error < 0 ? answer->shape + (size_t)of * 2 * LIMNER_N_LANDMARK
                                    : answer->error + (size_t)error * 2 * LIMNER_N_LANDMARK;

        memset(at, 0, sizeof(at));
        if (gaze < 0) {
            memset(xyz, 0, limner_face_xyz_floats(p->face) * sizeof(*xyz));
            shape[of] = 1.0f;
            limner_face_express(p->face, xyz, shape, xyz);
            shape[of] = 0.0f;
            limner_face_landmarks(p->face, xyz, at);
        }
        for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
            p->column[k][0][c] = xy[k];
            p->column[k][1][c] = xy[LIMNER_N_LANDMARK + k];
            p->column[k][2][c] = at[3 * k + 2];
        }
    }
}

static void set_turn(limner_person *p)
{
    const double unit_deg = 30.0;

    for (size_t turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < 2; i++)
            for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
                p->turn[k][turn][i] =
                    (double)p->face->answer
                        .shape[((LIMNER_FACE_ANSWER_TURN + turn) * 2 + i) * LIMNER_N_LANDMARK + k] /
                    unit_deg;
}

/* How far the recordings are believed: their eyes widen and narrow with their emotions. */
static double trust(int shape)
{
    switch (shape) {
    case LIMNER_EYE_WIDE_LEFT: case LIMNER_EYE_WIDE_RIGHT:
    case LIMNER_EYE_SQUINT_LEFT: case LIMNER_EYE_SQUINT_RIGHT:
        return 0.4;
    default:
        return 1.0;
    }
}

static double own_variance(int shape)
{
    const bool is_lid = shape == LIMNER_EYE_BLINK_LEFT || shape == LIMNER_EYE_BLINK_RIGHT;

    return is_lid ? OWN_LID_SD * OWN_LID_SD : OWN_SD * OWN_SD;
}

/* Inverse of the expected products of expressions. */
static void set_precision(limner_person *p)
{
    double a[N_ACTIVE * N_ACTIVE], x[N_ACTIVE];

    for (int i = 0; i < N_ACTIVE; i++)
        for (int j = 0; j < N_ACTIVE; j++) {
            const int of = limner_fit_active(i), with = limner_fit_active(j);

            a[i * N_ACTIVE + j] =
                TOGETHER * trust(of) * trust(with) *
                    (double)p->face->answer.together[LIMNER_N_EXPRESSION * of + with] +
                (i == j ? own_variance(of) : 0.0);
        }
    limner_cholesky_factor(a, N_ACTIVE);
    for (int i = 0; i < N_ACTIVE; i++) {
        memset(x, 0, sizeof(x));
        x[i] = 1.0;
        limner_cholesky_solve(a, N_ACTIVE, x);
        for (int j = 0; j < N_ACTIVE; j++)
            p->precision[i * N_ACTIVE + j] = x[j];
    }
}

limner_status limner_person_open(limner_person **out, const limner_face *face)
{
    limner_person *p = limner_calloc(1, sizeof(*p));
    float *xyz = limner_alloc(limner_face_xyz_floats(face), sizeof(float));

    *out = NULL;
    if (!p || !xyz) {
        limner_mem_free(p);
        limner_mem_free(xyz);
        return LIMNER_E_NOMEM;
    }
    p->face = face;
    p->lid_gain[0] = p->lid_gain[1] = 1.0;
    set_columns(p, xyz);
    set_turn(p);
    set_precision(p);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t i = 0; i < 2; i++) {
            const double sd = (double)face->answer.spread[i * LIMNER_N_LANDMARK + k];

            p->weight[k][i] =
                (k < LIMNER_PERSON_N_MESH ? INDEPENDENT : INDEPENDENT_IRIS) / (sd * sd);
        }
    limner_mem_free(xyz);
    *out = p;
    return LIMNER_OK;
}

void limner_person_close(limner_person **person)
{
    if (!person)
        return;
    limner_mem_free(*person);
    *person = NULL;
}

/* ---- meeting ------------------------------------------------------------------------------- */

/* Several frames of someone. */
typedef struct meeting {
    const float (*const *landmarks)[3];
    limner_fit free[MAX_MET], fit[MAX_MET];     /* by itself, with the common identity */
    bool is_face[MAX_MET];
    int n, n_faces;
} meeting;

static limner_status fit_freely(limner_fit *mean, const limner_face *face, meeting *m)
{
    double sum[LIMNER_N_IDENTITY] = {0};

    for (int i = 0; i < m->n; i++) {
        const limner_status st = limner_fit_filmed(&m->free[i], face, m->landmarks[i]);

        if (st < 0 && st != LIMNER_E_POOR_FACE)
            return st;
        m->is_face[i] = st == LIMNER_OK;
        m->n_faces += m->is_face[i];
        for (int k = 0; k < LIMNER_N_IDENTITY && m->is_face[i]; k++)
            sum[k] += (double)m->free[i].identity[k];
    }
    memset(mean, 0, sizeof(*mean));
    for (int k = 0; k < LIMNER_N_IDENTITY && m->n_faces; k++)
        mean->identity[k] = (float)(sum[k] / m->n_faces);
    return m->n_faces ? LIMNER_OK : LIMNER_E_POOR_FACE;
}

static limner_status fit_together(const limner_fit *mean, const limner_face *face, meeting *m)
{
    m->n_faces = 0;
    for (int i = 0; i < m->n; i++) {
        const limner_status st =
            m->is_face[i] ? limner_fit_track(&m->fit[i], face, m->landmarks[i], mean)
                          : LIMNER_E_POOR_FACE;

        if (st < 0 && st != LIMNER_E_POOR_FACE)
            return st;
        m->is_face[i] = st == LIMNER_OK;
        m->n_faces += m->is_face[i];
    }
    return m->n_faces ? LIMNER_OK : LIMNER_E_POOR_FACE;
}

static double held_at_rest(int shape)
{
    switch (shape) {
    case LIMNER_MOUTH_ROLL_LOWER: case LIMNER_MOUTH_ROLL_UPPER:
        return LIPS_AT_REST;
    default:
        return 0.0;
    }
}

/* Rest, and where the person was met: the free fits know best how far the head nods. */
static double set_rest(limner_person *p, const meeting *m)
{
    double nod = 0.0;

    p->yaw = p->pitch = p->gaze_yaw = p->gaze_pitch = 0.0;
    for (int k = 0; k < N_ACTIVE; k++)
        p->rest[k] = held_at_rest(limner_fit_active(k));
    for (int i = 0; i < m->n; i++) {
        const double share = 1.0 / m->n_faces;

        if (!m->is_face[i])
            continue;
        p->yaw += share * (double)m->fit[i].yaw;
        p->pitch += share * (double)m->free[i].pitch;
        p->gaze_yaw += share * (double)m->free[i].gaze_yaw;
        p->gaze_pitch += share * (double)m->free[i].gaze_pitch;
        nod += share * (double)(m->free[i].pitch - m->fit[i].pitch);
        for (int k = 0; k < N_ACTIVE; k++)
            if (is_trait(limner_fit_active(k)))
                p->rest[k] += share * (double)m->fit[i].shape[limner_fit_active(k)];
    }
    return nod;
}

/* Adds a share of what a frame's landmarks have beyond the fit to the neutral face. */
static void add_offset(limner_person *p, const float (*landmarks)[3], const limner_fit *fit,
                       double nod, double share, const float *neutral, double offset[][3])
{
    double r[9], shift[2] = {0.0, 0.0}, rest[LIMNER_N_LANDMARK][2];

    limner_rotation_from_angles(r, (double)fit->yaw, (double)fit->pitch + nod, (double)fit->roll);
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++) {
        double x[3], y[3];

        for (size_t i = 0; i < 3; i++) {
            x[i] = (double)neutral[3 * k + i];
            for (int c = 0; c < N_ACTIVE; c++) {
                const int of = limner_fit_active(c);

                x[i] += (double)p->column[k][i][c] * ((double)fit->shape[of] + held_at_rest(of));
            }
        }
        limner_mat3_apply(y, r, x);
        for (size_t i = 0; i < 2; i++) {
            rest[k][i] = (i ? -1.0 : 1.0) * (double)landmarks[k][i] / (double)fit->scale - y[i];
            shift[i] += rest[k][i] / LIMNER_N_LANDMARK;
        }
    }
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t i = 0; i < 3; i++)
            offset[k][i] += share * (r[i] * (rest[k][0] - shift[0]) +
                                     r[3 + i] * (rest[k][1] - shift[1]));
}

/* Narrow eyes have less to close: the answer to a blink is a share of the opening. */
static void set_lids(limner_person *p)
{
    static const struct {
        int shape;
        uint16_t outer, inner, upper[3], lower[3];
    } eye[2] = {{LIMNER_EYE_BLINK_LEFT, 263, 362, {385, 386, 387}, {380, 374, 373}},
                {LIMNER_EYE_BLINK_RIGHT, 33, 133, {158, 159, 160}, {153, 145, 144}}};

    for (int e = 0; e < 2; e++) {
        const double *o = p->base[eye[e].outer], *n = p->base[eye[e].inner];
        double gap = 0.0, gain;

        for (int i = 0; i < 3; i++)
            gap += fabs(p->base[eye[e].upper[i]][1] - p->base[eye[e].lower[i]][1]) / 3.0;
        gap /= hypot(o[0] - n[0], o[1] - n[1]);
        gain = fmin(fmax((gap - SHUT_GAP) / (USUAL_GAP - SHUT_GAP), 0.3), 1.3);
        for (int c = 0; c < N_ACTIVE; c++)
            for (size_t k = 0; limner_fit_active(c) == eye[e].shape && k < LIMNER_N_LANDMARK; k++)
                for (int i = 0; i < 3; i++)
                    p->column[k][i][c] *= (float)(gain / p->lid_gain[e]);
        p->lid_gain[e] = gain;
    }
}

/* Learns the points of the skin from the calmest of the frames. */
static limner_status meet_pixels(limner_person *p, const meeting *m,
                                 const limner_face_view *const *views)
{
    const int n_views = views ? m->n : 0;
    float least = INFINITY;
    int calmest = -1;
    limner_fit fit;

    p->pixels.n = 0;
    p->eyes.eye[0].is_known = p->eyes.eye[1].is_known = false;
    for (int i = 0; i < n_views; i++) {
        if (!m->is_face[i] || !views[i]->w ||
            limner_person_fit(&fit, p, m->landmarks[i], NULL) != LIMNER_OK)
            continue;
        const float moved = fit.shape[LIMNER_EYE_BLINK_LEFT] + fit.shape[LIMNER_EYE_BLINK_RIGHT] +
                            fit.shape[LIMNER_JAW_OPEN];

        if (calmest >= 0 && moved > least - CALMER)
            continue;
        calmest = i;
        least = moved;
    }
    if (calmest < 0 || limner_person_fit(&fit, p, m->landmarks[calmest], NULL) != LIMNER_OK)
        return LIMNER_OK;
    limner_person_eyes_learn(p, views[calmest]);
    return limner_person_pixels_learn(p, views[calmest]);
}

limner_status limner_person_meet(limner_person *p, const float (*const *landmarks)[3],
                                 const limner_face_view *const *views, int n)
{
    float *xyz = limner_alloc(limner_face_xyz_floats(p->face), sizeof(float));
    meeting *m = limner_calloc(1, sizeof(*m));
    float neutral[LIMNER_N_LANDMARK * 3];
    limner_fit mean;
    limner_status st = xyz && m ? LIMNER_OK : LIMNER_E_NOMEM;

    if (st == LIMNER_OK) {
        m->landmarks = landmarks;
        m->n = n < MAX_MET ? n : MAX_MET;
        st = fit_freely(&mean, p->face, m);
    }
    if (st == LIMNER_OK)
        st = fit_together(&mean, p->face, m);
    if (st == LIMNER_OK) {
        double(*offset)[3] = p->base;
        const double nod = set_rest(p, m);

        memcpy(p->identity, mean.identity, sizeof(p->identity));
        limner_face_base(p->face, p->identity, xyz);
        limner_face_landmarks(p->face, xyz, neutral);
        memset(p->base, 0, sizeof(p->base));
        for (int i = 0; i < m->n; i++)
            if (m->is_face[i])
                add_offset(p, landmarks[i], &m->fit[i], nod, 1.0 / m->n_faces, neutral, offset);
        for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
            for (size_t i = 0; i < 3; i++)
                p->base[k][i] += (double)neutral[3 * k + i];
        set_lids(p);
        st = meet_pixels(p, m, views);
    }
    limner_mem_free(xyz);
    limner_mem_free(m);
    return st;
}
