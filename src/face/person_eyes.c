/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of person_eyes.h. The gaze is searched by halving steps around that of the landmarks:
 * what a row between the lids costs as eyeball, up to where the rest costs less as something else.
 * With it the lid is placed: eyeball, lashes, skin from below, whatever light falls on the lid.
 * Costs are shares of the area that is not explained, so that highlights and glasses count little.
 * Constants were set on eight portraits (paintings, cartoon, glasses, make-up, photos) whose eyes
 * were rendered from open to shut, and checked on real clips. */
#include "face/person_eyes.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/smoothstep.h"
#include "face/eye_opening.h"
#include "face/person_internal.h"

enum {
    COLUMNS = LIMNER_PERSON_EYE_COLUMNS,
    ROWS = LIMNER_PERSON_EYE_ROWS,
    POINTS = LIMNER_PERSON_EYE_POINTS,
    RINGS = LIMNER_PERSON_EYE_RINGS,
    FIRST_STEPS = 3,                    /* to each side, of ... */
    MOST_LASH_ROWS = 3,
    MOST_BRIGHTER = 3                   /* and darker, of ... */
};

#define DEGREE 57.29577951308232
#define FIRST_STEP_DEG 6.5
#define LAST_STEP_DEG 0.4
#define FAR_DEG 13.5                    /* from the landmarks' gaze, and what it costs */
#define FAR_COST 0.01
#define ELSE_COST 0.5f                  /* of what is neither iris nor white */
#define BRIGHTER 0.2f                   /* contrasts, and what they cost */
#define BRIGHTER_COST 0.05f
#define LASH_COST 0.15f
#define OFF_COST 0.1f                   /* of a lid that is not where the net has it */
#define IRIS_COUNTS 3.0f                /* beside the white, which skin resembles */
#define SEEN_FROM 0.25f                 /* of an iris that tells something of the gaze, ... */
#define SEEN_TO 0.50f                   /* ... and all */
/* Shares of the opening: below, the picture is believed; above, the landmarks. */
#define BELIEVE_PICTURE 0.15f
#define BELIEVE_NET 0.5f
#define NET_CLOSING 0.6                 /* below this share the net sees an eye close */
#define NET_FOLLOWS 0.8                 /* below this one it may do as the other one */
/* Off by so much a brightness counts half; share of the contrast, and at least. */
#define HALF_CONTRAST 0.3f
#define LEAST_HALF 6.0f

typedef limner_person_eye eye;
typedef limner_person_eye_reading reading;

void limner_person_eyes_direction(double out[3], const double gaze_deg[2])
{
    const double yaw = gaze_deg[0] / DEGREE, pitch = gaze_deg[1] / DEGREE;

    out[0] = sin(yaw) * cos(pitch);
    out[1] = -sin(pitch);
    out[2] = cos(yaw) * cos(pitch);
}

bool limner_person_eyes_tone(float *tone, const limner_person *p, const limner_face_view *view,
                             const double at[2])
{
    const limner_person_pose *pose = &p->frame.pose;
    float slope[2];

    return limner_face_view_read(view, (float)(pose->scale * (at[0] + pose->shift[0])),
                                 (float)(-pose->scale * (at[1] + pose->shift[1])), tone, slope);
}

static float squared_radii(const eye *e, const float at[3], const float gaze[3])
{
    const float c = at[0] * gaze[0] + at[1] * gaze[1] + at[2] * gaze[2];

    return fmaxf(1.0f - c, 0.0f) / (1.0f - e->iris_cos);
}

float limner_person_eyes_radii(const eye *e, const float at[3], const float gaze[3])
{
    return sqrtf(squared_radii(e, at, gaze));
}

void limner_person_eyes_points(limner_person *p, const limner_face_view *view, int side)
{
    const eye *e = &p->eyes.eye[side];
    const double *r = p->frame.pose.rotation;
    const float light = p->pixels.reading.light;
    reading *out = &p->eyes.reading[side];
    double ball[3];

    limner_mat3_apply(ball, r, e->centre);
    out->area = 0.0;
    for (int k = 0; k < POINTS; k++) {
        const double d[3] = {(double)e->point[k][0], (double)e->point[k][1],
                             (double)e->point[k][2]};
        double turned[3], at[2];
        float tone;

        limner_mat3_apply(turned, r, d);
        for (size_t i = 0; i < 3; i++)
            out->at[k][i] = (float)turned[i];
        for (size_t i = 0; i < 2; i++)
            at[i] = ball[i] + e->radius_cm * turned[i];
        const bool is_seen = limner_person_eyes_tone(&tone, p, view, at);

        out->weight[k] = is_seen ? e->weight[k] : 0.0f;
        out->tone[k] = is_seen ? tone / light : 0.0f;
        out->area += (double)out->weight[k];
    }
}

/* What the eyeball shows at point k. */
static float shown(const eye *e, const reading *r, int k, const float gaze[3])
{
    const float most = LIMNER_PERSON_EYE_WHITE, squared = squared_radii(e, r->at[k], gaze);

    if (squared >= most * most)
        return e->white[k];
    const float radii = sqrtf(squared), x = radii / LIMNER_PERSON_EYE_RINGS_END * RINGS;
    const int i = (int)x;
    const float iris = e->ring[i] + (x - (float)i) * (e->ring[i + 1] - e->ring[i]);

    return iris + limner_smoothstep(radii, LIMNER_PERSON_EYE_IRIS, most) * (e->white[k] - iris);
}

/* 0: as expected; to 1 as it is off. */
static float strange(float off, float half)
{
    return off * off / (off * off + half * half);
}

static float half_of(const eye *e)
{
    return fmaxf(LEAST_HALF, HALF_CONTRAST * e->contrast);
}

/* ---- gaze ---------------------------------------------------------------------------------- */

/* Of one eye with a gaze: rows from the lower lid up are eyeball as long as that pays. */
static float cost_of_eye(const eye *e, const reading *r, const float gaze[3])
{
    const float half = half_of(e);
    float cost = ELSE_COST * (float)r->area, least = cost;

    for (int row = 0; row < ROWS; row++) {
        for (int k = row * COLUMNS; k < (row + 1) * COLUMNS; k++)
            cost += r->weight[k] * (strange(r->tone[k] - shown(e, r, k, gaze), half) - ELSE_COST);
        least = fminf(cost, least);
    }
    return least;
}

static void to_float(float out[3], const double gaze_deg[2])
{
    double gaze[3];

    limner_person_eyes_direction(gaze, gaze_deg);
    for (int i = 0; i < 3; i++)
        out[i] = (float)gaze[i];
}

static double cost_of(const limner_person *p, int from, int to, const double gaze_deg[2])
{
    double sum = 0.0, area = 0.0;
    float gaze[3];

    to_float(gaze, gaze_deg);
    for (int side = from; side < to; side++) {
        const eye *e = &p->eyes.eye[side];
        const reading *r = &p->eyes.reading[side];

        if (!e->is_known)
            continue;
        sum += (double)cost_of_eye(e, r, gaze);
        area += r->area;
    }
    return sum / fmax(area, 1e-6);
}

void limner_person_eyes_search(double best[2], const limner_person *p, int from, int to)
{
    const double seed[2] = {best[0], best[1]};
    double least = INFINITY;

    for (double step = FIRST_STEP_DEG; step > LAST_STEP_DEG; step /= 2.0) {
        const int n = step < FIRST_STEP_DEG ? 1 : FIRST_STEPS;
        const double centre[2] = {best[0], best[1]};

        for (int j = -n; j <= n; j++)
            for (int i = -n; i <= n; i++) {
                const double at[2] = {centre[0] + i * step, centre[1] + j * step};
                const double far = hypot(at[0] - seed[0], at[1] - seed[1]) / FAR_DEG;
                const double cost = cost_of(p, from, to, at) + FAR_COST * far * far;

                if (cost < least) {
                    least = cost;
                    best[0] = at[0];
                    best[1] = at[1];
                }
            }
    }
}

double limner_person_eyes_iris(const limner_person *p, int side, const double gaze_deg[2])
{
    const eye *e = &p->eyes.eye[side];
    const reading *r = &p->eyes.reading[side];
    const float half = half_of(e);
    double sum = 0.0;
    float gaze[3];

    to_float(gaze, gaze_deg);
    for (int k = 0; k < POINTS; k++)
        if (squared_radii(e, r->at[k], gaze) < 1.0f)
            sum += (double)(r->weight[k] *
                            (1.0f - strange(r->tone[k] - shown(e, r, k, gaze), half)));
    return sum / e->iris_area;
}

/* ---- lids ---------------------------------------------------------------------------------- */

/* Costs of the rows as eyeball, lash line and skin. */
typedef struct lid_costs {
    float eyeball[ROWS], lash[ROWS], skin[ROWS];
} lid_costs;

/* brighter: than the skin was. */
static void cost_rows(lid_costs *out, const eye *e, const reading *r, const float gaze[3],
                      float brighter)
{
    const float half = half_of(e), dark = e->ring[RINGS / 2];

    memset(out, 0, sizeof(*out));
    for (int k = 0; k < POINTS; k++) {
        const int row = k / COLUMNS;
        const bool is_iris = squared_radii(e, r->at[k], gaze) < 1.0f;
        const float w = r->weight[k] * (is_iris ? IRIS_COUNTS : 1.0f);
        const float tone = r->tone[k], skin = e->skin[k % COLUMNS] + brighter;
        const float lash = 0.5f * (skin + fminf(dark, skin));

        out->eyeball[row] += w * strange(tone - shown(e, r, k, gaze), half);
        out->skin[row] += w * strange(tone - skin, half);
        out->lash[row] += w * (LASH_COST + strange(fmaxf(tone - lash, 0.0f), half));
    }
}

/* Eyeball up to one row, lashes up to another, skin from there on: what costs least, where the net
 * has a share of the rows open. */
static float divide(int *n_eyeball, const lid_costs *c, float area, float net)
{
    float least = INFINITY, eyeball = 0.0f, skin = 0.0f;

    *n_eyeball = 0;
    for (int row = 0; row < ROWS; row++)
        skin += c->skin[row];
    for (int n = 0; n <= ROWS; n++) {
        float cost = eyeball + skin;

        for (int end = n; end <= ROWS && end <= n + MOST_LASH_ROWS; end++) {
            const float off = (n > 0 ? (float)end / ROWS : 0.0f) - net;

            if (end > n)
                cost += c->lash[end - 1] - c->skin[end - 1];
            if (cost / area + OFF_COST * off * off < least) {
                least = cost / area + OFF_COST * off * off;
                *n_eyeball = n;
            }
        }
        if (n < ROWS) {
            eyeball += c->eyeball[n];
            skin -= c->skin[n];
        }
    }
    return least;
}

double limner_person_eyes_rows(const limner_person *p, int side, const double gaze_deg[2],
                               double aperture)
{
    const eye *e = &p->eyes.eye[side];
    const reading *r = &p->eyes.reading[side];
    const float net = (float)(aperture / e->aperture);
    float least = INFINITY, gaze[3];
    lid_costs costs;
    int rows = 0;

    to_float(gaze, gaze_deg);
    for (int i = -MOST_BRIGHTER; i <= MOST_BRIGHTER; i++) {
        const float brighter = BRIGHTER * (float)i;
        int n;

        cost_rows(&costs, e, r, gaze, brighter * e->contrast);
        const float cost = divide(&n, &costs, (float)fmax(r->area, 1e-6), net) +
                           BRIGHTER_COST * brighter * brighter;

        if (cost < least) {
            least = cost;
            rows = n;
        }
    }
    return (double)rows;
}

/* Whether an eye may be shut that the net has open by net[side]: it must see that eye closing, or
 * the other one, which is shut then. Rolled eyes and glasses that shine look shut as well. */
static bool may_be_shut(const limner_person_eyes *x, const double net[2], const double seen[2],
                        int side)
{
    const int other = 1 - side;

    return net[side] < NET_CLOSING ||
           (net[other] < NET_CLOSING &&
            (!x->eye[other].is_known || seen[other] < (double)BELIEVE_NET));
}

/* An eye whose look is not known is as shut as the other one, unless the net sees it open. */
static void follow_other(limner_person_eyes *x, const double net[2], const double seen[2],
                         int side)
{
    const int other = 1 - side;
    const double trust = (double)limner_smoothstep((float)seen[other], BELIEVE_PICTURE,
                                                   BELIEVE_NET);

    if (!x->eye[other].is_known || net[side] >= NET_FOLLOWS)
        return;
    x->open[side] = net[side] - (1.0 - trust) * fmax(net[side] - seen[other], 0.0);
    x->aperture[side] = x->open[side] * x->eye[side].aperture;
}

/* Between what the picture shows and what the landmarks have, which see half-open eyes well. */
static void set_apertures(limner_person *p)
{
    limner_person_eyes *x = &p->eyes;
    double net[2], seen[2] = {1.0, 1.0};

    for (int side = 0; side < 2; side++) {
        net[side] = x->aperture[side] / x->eye[side].aperture;
        if (!x->eye[side].is_known)
            continue;
        x->reading[side].rows =
            limner_person_eyes_rows(p, side, x->gaze_deg, x->aperture[side]);
        seen[side] = x->reading[side].rows / x->eye[side].rows;
    }
    for (int side = 0; side < 2; side++) {
        if (!x->eye[side].is_known) {
            follow_other(x, net, seen, side);
            continue;
        }
        const double trust = (double)limner_smoothstep((float)seen[side], BELIEVE_PICTURE,
                                                       BELIEVE_NET);

        x->open[side] = net[side];
        if (may_be_shut(x, net, seen, side))
            x->open[side] -= (1.0 - trust) * fmax(net[side] - seen[side], 0.0);
        x->aperture[side] = x->open[side] * x->eye[side].aperture;
    }
}

/* From the gaze of the landmarks to that of the picture, as far as the iris is seen. */
static void find_gaze(limner_person *p)
{
    limner_person_eyes *x = &p->eyes;
    double found[2] = {x->gaze_deg[0], x->gaze_deg[1]};

    limner_person_eyes_search(found, p, 0, 2);
    for (int side = 0; side < 2; side++)
        if (x->eye[side].is_known)
            x->seen = fmax(x->seen, limner_person_eyes_iris(p, side, found));
    const double trust = (double)limner_smoothstep((float)x->seen, SEEN_FROM, SEEN_TO);

    for (size_t i = 0; i < 2; i++)
        x->gaze_deg[i] += trust * (found[i] - x->gaze_deg[i]);
}

void limner_person_eyes_read(limner_person *p, const limner_face_view *view)
{
    limner_person_eyes *x = &p->eyes;

    x->seen = 0.0;
    memcpy(x->gaze_deg, p->frame.gaze_deg, sizeof(x->gaze_deg));
    for (int side = 0; side < 2; side++) {
        x->aperture[side] =
            limner_eye_opening_aperture((const double(*)[2])p->frame.target, side);
        x->open[side] = 1.0;
    }
    if (!view || (!x->eye[0].is_known && !x->eye[1].is_known))
        return;
    for (int side = 0; side < 2; side++)
        if (x->eye[side].is_known)
            limner_person_eyes_points(p, view, side);
    find_gaze(p);
    set_apertures(p);
}
