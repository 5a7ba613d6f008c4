/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between landmarks of one frame; see measures.h. The numbers are those of MediaPipe's
 * face mesh; left and right are the subject's own. */
#include "eval/measures.h"

#include <math.h>

enum {
    OPENING_UP = 13,
    OPENING_DOWN = 14,
    MOUTH_RIGHT = 61,
    MOUTH_LEFT = 291,
    TOP = 10,
    CHIN = 152
};

enum { N_APERTURE = 3, N_BROW = 5 };

typedef struct eye {
    int corner[2];               /* outer, inner */
    int aperture[N_APERTURE][2]; /* upper and lower lid, one above the other */
    int brow[N_BROW];            /* upper edge */
} eye;

static const eye eyes[2] = {
    {{263, 362}, {{386, 374}, {385, 380}, {387, 373}}, {300, 293, 334, 296, 336}}, /* left */
    {{33, 133}, {{159, 145}, {158, 153}, {160, 144}}, {70, 63, 105, 66, 107}},     /* right */
};

const int eval_lips[EVAL_N_LIPS] = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0,  267, 269, 270, 409,
    78, 95,  88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
};

const int eval_lids[EVAL_N_LIDS] = {
    33,  7,   163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
};

static double distance(const double a[2], const double b[2])
{
    return hypot(a[0] - b[0], a[1] - b[1]);
}

static double between(const float landmarks[478][2], int a, int b)
{
    return hypot((double)landmarks[a][0] - (double)landmarks[b][0],
                 (double)landmarks[a][1] - (double)landmarks[b][1]);
}

static void mean_of(double out[2], const float landmarks[478][2], const int *list, int n)
{
    out[0] = out[1] = 0;
    for (int i = 0; i < n; i++) {
        const float *p = landmarks[list ? list[i] : i];
        out[0] += (double)p[0] / n;
        out[1] += (double)p[1] / n;
    }
}

static double eye_distance(const float landmarks[478][2])
{
    double centre[2][2];

    for (int side = 0; side < 2; side++)
        mean_of(centre[side], landmarks, eyes[side].corner, 2);
    return distance(centre[0], centre[1]);
}

static double lid_aperture(const float landmarks[478][2], const eye *e)
{
    double sum = 0;

    for (int i = 0; i < N_APERTURE; i++)
        sum += between(landmarks, e->aperture[i][0], e->aperture[i][1]);
    return sum / N_APERTURE / between(landmarks, e->corner[0], e->corner[1]);
}

static double brow_height_px(const float landmarks[478][2], const eye *e)
{
    double brow[2], centre[2];

    mean_of(brow, landmarks, e->brow, N_BROW);
    mean_of(centre, landmarks, e->corner, 2);
    return distance(brow, centre);
}

void eval_measure(eval_measures *out, const float landmarks[478][2])
{
    const double unit = eye_distance(landmarks);

    out->eye_distance_px = unit;
    out->opening = between(landmarks, OPENING_UP, OPENING_DOWN) / unit;
    out->width = between(landmarks, MOUTH_RIGHT, MOUTH_LEFT) / unit;
    out->brow = 0;
    for (int side = 0; side < 2; side++) {
        out->lid[side] = lid_aperture(landmarks, &eyes[side]);
        out->brow += brow_height_px(landmarks, &eyes[side]) / 2 / unit;
    }
    mean_of(out->centre_px, landmarks, NULL, 478);
    out->face_height_px = between(landmarks, TOP, CHIN);
}

void eval_measure_tracked(eval_measures *out, const limner_tracked *tracked)
{
    eval_measure(out, (const float(*)[2])tracked->landmarks);
    for (int side = 0; side < 2 && tracked->is_found; side++)
        out->lid[side] = (double)tracked->aperture[side];
}

double eval_landmark_error(const float a[478][2], const float b[478][2], const int *list, size_t n)
{
    double sum = 0;

    if (!list)
        n = 478;
    for (size_t i = 0; i < n; i++) {
        const int k = list ? list[i] : (int)i;
        sum += hypot((double)a[k][0] - (double)b[k][0], (double)a[k][1] - (double)b[k][1]);
    }
    return sum / (double)n / eye_distance(b);
}
