/* SPDX-License-Identifier: Apache-2.0 */
/* Measures of a found face and the verdict on it (see face_quality.h). */
#include "portrait/face_quality.h"

#include <math.h>
#include <stdbool.h>

/* The close look gives every face of 57 portraits of people, paintings, cartoons and a statue, also
 * turned, halved, darkened or mirrored, a score of at least 0.79 and a keypoint error of at most
 * 0.093; what the nets wrongly took for a face (a cat in 17 such variants, a knee) 0.70 and 0.12 at
 * best. */
#define MIN_SCORE 0.74f
#define MAX_KEYPOINT_ERROR 0.107f
#define MAX_AGREEMENT 0.05f             /* landmarks that keep moving are on no face */
#define MIN_EYE_DISTANCE_PX 30.0f       /* a face of about 55 pixels: half of a small portrait */
#define MAX_YAW 50.0f                   /* beyond, the nose hides the far eye */

/* The landmark net draws an upright face over one that stands on its head. The detector knows
 * better: of 57 portraits it gives the landmarks' upright at least 0.08 more than its reverse, of
 * twelve that were turned by 180 degrees at least 0.11 less. Of 24 turned by 90 degrees all but
 * one score 0.81 or more when levelled; a cat and a knee get 0.69. */
#define MIN_OVERTURNED 0.02f
#define MIN_SIDEWAYS 45.0f              /* degrees of roll */

#define DEGREES (180.0f / 3.14159265f)

/* Landmarks of the mesh. Right and left are the subject's. */
enum {
    FOREHEAD = 10, CHIN = 152, NOSE_TIP = 1, UPPER_LIP = 13, LOWER_LIP = 14, CORNER_RIGHT = 33,
    CORNER_LEFT = 263, CHEEK_RIGHT = 234, CHEEK_LEFT = 454, IRIS_RIGHT = 468, IRIS_LEFT = 473
};

static float distance(const float a[3], const float b[3])
{
    const float x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];

    return sqrtf(x * x + y * y + z * z);
}

static float keypoint_distance(const float keypoint[2], const float a[3], const float b[3])
{
    return hypotf(keypoint[0] - (a[0] + b[0]) / 2, keypoint[1] - (a[1] + b[1]) / 2);
}

static float eye_distance(const float p[LIMNER_N_LANDMARK][3])
{
    return distance(p[CORNER_RIGHT], p[CORNER_LEFT]);
}

void limner_face_measure(limner_face_quality *q, const float p[LIMNER_N_LANDMARK][3])
{
    q->eye_distance_px = eye_distance(p);
    q->yaw = DEGREES * atan2f(p[CHEEK_LEFT][2] - p[CHEEK_RIGHT][2],
                              hypotf(p[CHEEK_LEFT][0] - p[CHEEK_RIGHT][0],
                                     p[CHEEK_LEFT][1] - p[CHEEK_RIGHT][1]));
    q->pitch = DEGREES * atan2f(p[CHIN][2] - p[FOREHEAD][2],
                                hypotf(p[CHIN][0] - p[FOREHEAD][0], p[CHIN][1] - p[FOREHEAD][1]));
    q->roll = -DEGREES * atan2f(p[CORNER_LEFT][1] - p[CORNER_RIGHT][1],
                                p[CORNER_LEFT][0] - p[CORNER_RIGHT][0]);
}

float limner_face_agreement(const float before[LIMNER_N_LANDMARK][3],
                            const float p[LIMNER_N_LANDMARK][3])
{
    float moved = 0;

    for (int i = 0; i < LIMNER_N_LANDMARK; i++)
        moved += hypotf(p[i][0] - before[i][0], p[i][1] - before[i][1]);
    return moved / (LIMNER_N_LANDMARK * eye_distance(p));
}

float limner_face_keypoint_error(const float keypoint[LIMNER_N_KEYPOINTS][2],
                                 const float p[LIMNER_N_LANDMARK][3])
{
    const float off =
        keypoint_distance(keypoint[LIMNER_KEYPOINT_RIGHT_EYE], p[IRIS_RIGHT], p[IRIS_RIGHT]) +
        keypoint_distance(keypoint[LIMNER_KEYPOINT_LEFT_EYE], p[IRIS_LEFT], p[IRIS_LEFT]) +
        keypoint_distance(keypoint[LIMNER_KEYPOINT_NOSE], p[NOSE_TIP], p[NOSE_TIP]) +
        keypoint_distance(keypoint[LIMNER_KEYPOINT_MOUTH], p[UPPER_LIP], p[LOWER_LIP]);

    return off / (4 * eye_distance(p));
}

static bool is_human(const limner_face_quality *q)
{
    return q->score >= MIN_SCORE && q->keypoint_error <= MAX_KEYPOINT_ERROR &&
           q->agreement <= MAX_AGREEMENT;       /* not where one is NaN */
}

limner_face_verdict limner_face_check(const limner_face_quality *q)
{
    if (q->eye_distance_px >= MIN_EYE_DISTANCE_PX && fabsf(q->yaw) > MAX_YAW)
        return LIMNER_FACE_PROFILE;     /* the detector's close look knows profiles less well */
    if (q->overturned >= MIN_SCORE && q->overturned >= q->upright + MIN_OVERTURNED)
        return LIMNER_FACE_UPSIDE_DOWN;
    if (!is_human(q))
        return q->upright >= MIN_SCORE && fabsf(q->roll) > MIN_SIDEWAYS ? LIMNER_FACE_SIDEWAYS
                                                                        : LIMNER_FACE_NOT_HUMAN;
    if (q->eye_distance_px < MIN_EYE_DISTANCE_PX)
        return LIMNER_FACE_TINY;
    return LIMNER_FACE_GOOD;
}
