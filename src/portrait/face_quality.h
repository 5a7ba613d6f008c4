/* SPDX-License-Identifier: Apache-2.0 */
/* How good a found face is for a portrait: figures measured on what the nets said, a verdict. */
#ifndef LIMNER_PORTRAIT_FACE_QUALITY_H
#define LIMNER_PORTRAIT_FACE_QUALITY_H

#include "face/appearance.h"

/* The detector's keypoints; left and right are the subject's. */
enum {
    LIMNER_KEYPOINT_RIGHT_EYE, LIMNER_KEYPOINT_LEFT_EYE, LIMNER_KEYPOINT_NOSE,
    LIMNER_KEYPOINT_MOUTH, LIMNER_KEYPOINT_RIGHT_EAR, LIMNER_KEYPOINT_LEFT_EAR,
    LIMNER_N_KEYPOINTS
};

/* How good a face is for a portrait. limner_face_check turns it into a verdict. */
typedef struct limner_face_quality {
    float score;                /* of the detector's close look at the face, 0..1 */
    float keypoint_error;       /* mean distance of that look's eyes, nose and mouth from the
                                 * landmarks' / eye distance; large when it saw no face there */
    float upright, overturned;  /* scores of the same look with the picture turned so that the
                                 * landmarks' eyes are level, and by 180 degrees more */
    float flag_first, flag;     /* landmark net's face flag in the first and last pass, 0..1 */
    float agreement;            /* mean distance between the last two passes' landmarks / eye
                                 * distance */
    float eye_distance_px;      /* between the outer eye corners, in three dimensions */
    float yaw, pitch, roll;     /* degrees, rough, from the landmarks; signs as in limner.h */
} limner_face_quality;

#define LIMNER_KEYPOINT_ERROR_NONE 9.0f

typedef enum limner_face_verdict {
    LIMNER_FACE_GOOD,
    LIMNER_FACE_TINY,           /* too few pixels */
    LIMNER_FACE_PROFILE,        /* turned away too far */
    LIMNER_FACE_UPSIDE_DOWN,
    LIMNER_FACE_SIDEWAYS,       /* lies on its side, and is doubtful as it lies */
    LIMNER_FACE_NOT_HUMAN       /* an animal, or no face at all */
} limner_face_verdict;

/* Fills in eye_distance_px, yaw, pitch and roll. */
void limner_face_measure(limner_face_quality *q, const float landmarks[LIMNER_N_LANDMARK][3]);
/* agreement of two passes, keypoint_error of a detection; both with these landmarks' eye
 * distance. */
float limner_face_agreement(const float before[LIMNER_N_LANDMARK][3],
                            const float landmarks[LIMNER_N_LANDMARK][3]);
float limner_face_keypoint_error(const float keypoint[LIMNER_N_KEYPOINTS][2],
                                 const float landmarks[LIMNER_N_LANDMARK][3]);
limner_face_verdict limner_face_check(const limner_face_quality *q);

#endif
