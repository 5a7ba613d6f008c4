/* SPDX-License-Identifier: Apache-2.0 */
/* Learning of person_eyes.h: the points between the lids lie on the eyeball whose iris is where it
 * was found, by the net first, then where what was learned around it fits best. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "face/eye_opening.h"
#include "face/person_eyes.h"
#include "face/person_internal.h"

enum {
    COLUMNS = LIMNER_PERSON_EYE_COLUMNS,
    ROWS = LIMNER_PERSON_EYE_ROWS,
    POINTS = LIMNER_PERSON_EYE_POINTS,
    RINGS = LIMNER_PERSON_EYE_RINGS,
    LEARN_ROUNDS = 4,
    N_SKIN = 7,
    N_BESIDE = 7
};

#define RINGS_END LIMNER_PERSON_EYE_RINGS_END
#define LEAST_CONTRAST 15.0f
#define LEAST_LIKE 0.3                  /* an iris is its rings at least so far */
#define LEAST_ROWS (ROWS / 2)           /* of eyeball that an open eye shows when read back */
#define MOST_LARGER 1.8                 /* of an iris, as in the renderer */
/* Skin: how far above the opening, cm. */
#define SKIN_FROM 0.15
#define SKIN_STEP 0.07
#define HIGHLIGHT 12.0f                 /* off a ring's mean by so much counts half */

typedef limner_person_eye eye;

/* An iris in the picture, camera axes, cm. */
typedef struct iris {
    double at[3], radius;
    double gaze[3];                     /* unit */
} iris;

static void in_cm(double out[LIMNER_N_LANDMARK][2], const limner_person *p)
{
    for (size_t k = 0; k < LIMNER_N_LANDMARK; k++)
        for (size_t i = 0; i < 2; i++)
            out[k][i] = p->frame.target[k][i] / p->frame.pose.scale - p->frame.pose.shift[i];
}

static void find_iris(iris *out, const limner_person *p, const double cm[LIMNER_N_LANDMARK][2],
                      int side)
{
    const size_t first = limner_eye_opening_iris(side);

    out->at[0] = out->at[1] = out->radius = 0.0;
    out->at[2] = p->frame.place[first][2];
    for (size_t k = first; k < first + LIMNER_EYE_IRIS; k++)
        for (size_t i = 0; i < 2; i++)
            out->at[i] += cm[k][i] / LIMNER_EYE_IRIS;
    for (size_t k = first + 1; k < first + LIMNER_EYE_IRIS; k++)
        out->radius +=
            hypot(cm[k][0] - out->at[0], cm[k][1] - out->at[1]) / (LIMNER_EYE_IRIS - 1);
    limner_person_eyes_direction(out->gaze, p->frame.gaze_deg);
}

/* Head axes of a vector of camera axes. */
static void turn_back(double out[3], const limner_person *p, const double v[3])
{
    const double *r = p->frame.pose.rotation;

    for (size_t i = 0; i < 3; i++)
        out[i] = r[i] * v[0] + r[3 + i] * v[1] + r[6 + i] * v[2];
}

/* Centre and size of the eyeball. */
static void place_ball(eye *e, const limner_person *p, const iris *found)
{
    const limner_face *face = p->face;
    const double larger =
        fmin(fmax(found->radius / (double)face->iris_radius_cm, 1.0), MOST_LARGER);
    double ball[3];

    e->radius_cm = larger * (double)face->eye_radius_cm;
    for (size_t i = 0; i < 3; i++)
        ball[i] = found->at[i] - larger * (double)face->iris_depth_cm * found->gaze[i];
    turn_back(e->centre, p, ball);
    const double sine = fmin(found->radius / e->radius_cm, 0.9);

    e->iris_cos = (float)sqrt(1.0 - sine * sine);
}

/* Lays the points out between the lids and reads them. */
static bool place_points(eye *e, float *tone, const limner_person *p, const limner_face_view *view,
                         const limner_eye_opening *o)
{
    double ball[3];

    limner_mat3_apply(ball, p->frame.pose.rotation, e->centre);
    for (int k = 0; k < POINTS; k++) {
        const double x = o->length * (k % COLUMNS + 0.5) / COLUMNS;
        const double low = limner_eye_opening_lid(o, 0, x), high = limner_eye_opening_lid(o, 1, x);
        double at[2], d[3], back[3];

        limner_eye_opening_place(at, o, x, low + (high - low) * (k / COLUMNS + 0.5) / ROWS);
        for (size_t i = 0; i < 2; i++)
            d[i] = (at[i] - ball[i]) / e->radius_cm;
        d[2] = sqrt(fmax(1.0 - d[0] * d[0] - d[1] * d[1], 0.0));
        turn_back(back, p, d);
        for (size_t i = 0; i < 3; i++)
            e->point[k][i] = (float)back[i];
        e->weight[k] = (float)fmax(high - low, 0.0);
        if (!limner_person_eyes_tone(&tone[k], p, view, at))
            return false;
    }
    return true;
}

/* The middle of n values, which are sorted. */
static float middle(float *v, int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && v[j] < v[j - 1]; j--) {
            const float t = v[j];

            v[j] = v[j - 1];
            v[j - 1] = t;
        }
    return v[n / 2];
}

/* Column by column, without lashes, folds and single hairs. */
static void read_skin(eye *e, const limner_person *p, const limner_face_view *view,
                      const limner_eye_opening *o)
{
    float column[COLUMNS], tone[N_SKIN], beside[N_BESIDE];

    for (int c = 0; c < COLUMNS; c++) {
        const double x = o->length * (c + 0.5) / COLUMNS;

        for (int k = 0; k < N_SKIN; k++) {
            double at[2];

            tone[k] = 0.0f;
            limner_eye_opening_place(at, o, x, limner_eye_opening_lid(o, 1, x) + SKIN_FROM +
                                                   SKIN_STEP * k);
            limner_person_eyes_tone(&tone[k], p, view, at);
        }
        column[c] = middle(tone, N_SKIN);
    }
    for (int c = 0; c < COLUMNS; c++) {
        const int from = c - N_BESIDE / 2, last = COLUMNS - N_BESIDE;

        memcpy(beside, column + (from < 0 ? 0 : from > last ? last : from), sizeof(beside));
        e->skin[c] = middle(beside, N_BESIDE);
    }
}

/* Mean brightness by the distance from the iris' middle; what is far off it, as highlights and
 * lashes, counts little in the second round. */
static bool learn_rings(eye *e, const float *tone, const float *radii)
{
    float sum[RINGS + 1], total[RINGS + 1];
    int n_known = 0;

    for (int round = 0; round < 2; round++) {
        memset(sum, 0, sizeof(sum));
        memset(total, 0, sizeof(total));
        for (int k = COLUMNS; k < POINTS - COLUMNS; k++) {
            if (radii[k] >= RINGS_END)
                continue;
            const int at = (int)(radii[k] / RINGS_END * RINGS + 0.5f);
            const float q = round ? (tone[k] - e->ring[at]) / HIGHLIGHT : 0.0f;
            const float w = e->weight[k] / (1.0f + q * q);

            sum[at] += w * tone[k];
            total[at] += w;
        }
        for (int i = 0; i <= RINGS; i++)
            if (total[i] > 0.0f)
                e->ring[i] = sum[i] / total[i];
    }
    for (int i = RINGS; i >= 0; i--) {
        n_known += total[i] > 0.0f;
        if (!(total[i] > 0.0f) && i < RINGS)    /* a middle hidden by a lid */
            e->ring[i] = e->ring[i + 1];
    }
    return n_known > RINGS / 2 && total[RINGS] > 0.0f;
}

/* The white beside point k in its row, weighted by nearness; `usual` where there is none. */
static float white_beside(const float *tone, const float *radii, int k, float usual)
{
    const int row = k - k % COLUMNS;
    int left = k, right = k;

    while (left >= row && radii[left] < RINGS_END)
        left--;
    while (right < row + COLUMNS && radii[right] < RINGS_END)
        right++;
    const bool has_left = left >= row, has_right = right < row + COLUMNS;

    if (has_left && has_right)
        return left == right ? tone[k]
                             : tone[left] + (float)(k - left) / (float)(right - left) *
                                                (tone[right] - tone[left]);
    return has_left ? tone[left] : has_right ? tone[right] : usual;
}

static bool learn_white(eye *e, const float *tone, const float *radii)
{
    float sum = 0.0f, total = 0.0f;

    for (int k = 0; k < POINTS; k++)
        if (radii[k] >= RINGS_END) {
            sum += e->weight[k] * tone[k];
            total += e->weight[k];
        }
    if (!(total > 0.0f))
        return false;
    for (int k = 0; k < POINTS; k++)
        e->white[k] = white_beside(tone, radii, k, sum / total);
    return true;
}

/* How the iris stands out against the white behind it. */
static void set_contrast(eye *e, const float *tone, const float *radii)
{
    double off = 0.0;

    e->iris_area = 0.0;
    for (int k = 0; k < POINTS; k++)
        if (radii[k] < 1.0f) {
            off += (double)(e->weight[k] * (e->white[k] - tone[k]));
            e->iris_area += (double)e->weight[k];
        }
    e->contrast = e->iris_area > 0.0 ? (float)(off / e->iris_area) : 0.0f;
}

static bool learn_look(eye *e, const limner_person *p, const limner_face_view *view,
                       const limner_eye_opening *o, const iris *found)
{
    float tone[POINTS], radii[POINTS], to[3];
    double gaze[3];

    place_ball(e, p, found);
    if (!place_points(e, tone, p, view, o))
        return false;
    read_skin(e, p, view, o);
    turn_back(gaze, p, found->gaze);
    for (size_t i = 0; i < 3; i++)
        to[i] = (float)gaze[i];
    for (int k = 0; k < POINTS; k++)
        radii[k] = limner_person_eyes_radii(e, e->point[k], to);
    if (!learn_rings(e, tone, radii) || !learn_white(e, tone, radii))
        return false;
    set_contrast(e, tone, radii);
    return e->contrast > LEAST_CONTRAST;
}

static void learn_eye(limner_person *p, const limner_face_view *view,
                      const double cm[LIMNER_N_LANDMARK][2], int side)
{
    eye *e = &p->eyes.eye[side], before;
    limner_eye_opening o;
    iris found;

    e->aperture = fmax(limner_eye_opening_aperture(cm, side), 1e-3);
    limner_eye_opening_find(&o, cm, side);
    find_iris(&found, p, cm, side);
    e->is_known = true;
    for (int round = 0; e->is_known && round < LEARN_ROUNDS; round++) {
        double deg[2] = {p->frame.gaze_deg[0], p->frame.gaze_deg[1]}, gaze[3];

        if (round > 0) {                /* from where the round before finds the iris */
            limner_person_eyes_search(deg, p, side, side + 1);
            limner_person_eyes_direction(gaze, deg);
            for (size_t i = 0; i < 2; i++)
                found.at[i] += e->radius_cm * (gaze[i] - found.gaze[i]);
        }
        before = *e;
        e->is_known = learn_look(e, p, view, &o, &found);
        if (!e->is_known && round > 0) { /* led astray: what was learned before */
            *e = before;
            break;
        }
        limner_person_eyes_points(p, view, side);
    }
    if (!e->is_known)
        return;
    limner_person_eyes_points(p, view, side);
    e->iris_area *= fmax(limner_person_eyes_iris(p, side, p->frame.gaze_deg), LEAST_LIKE);
    e->rows = limner_person_eyes_rows(p, side, p->frame.gaze_deg, e->aperture);
    e->is_known = e->rows >= LEAST_ROWS;
}

void limner_person_eyes_learn(limner_person *p, const limner_face_view *view)
{
    double cm[LIMNER_N_LANDMARK][2];

    p->pixels.reading.light = 1.0f;
    in_cm(cm, p);
    for (int side = 0; side < 2; side++)
        learn_eye(p, view, (const double(*)[2])cm, side);
}
