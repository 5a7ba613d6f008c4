/* SPDX-License-Identifier: Apache-2.0 */
/* Faces of a picture: MediaPipe's short-range detector on the whole picture, then on overlapping
 * crops of 1/2 and 1/3 of the long side, weighted non-maximum suppression (Bazarevsky et al. 2019,
 * BlazeFace), each candidate confirmed by the landmark net's face flag in two passes. Pixels,
 * centres at +0.5. */
#ifndef LIMNER_PORTRAIT_DETECT_H
#define LIMNER_PORTRAIT_DETECT_H

#include "portrait/landmarks.h"

/* The detector's keypoints; left and right are the subject's. */
enum {
    LIMNER_KEYPOINT_RIGHT_EYE, LIMNER_KEYPOINT_LEFT_EYE, LIMNER_KEYPOINT_NOSE,
    LIMNER_KEYPOINT_MOUTH, LIMNER_KEYPOINT_RIGHT_EAR, LIMNER_KEYPOINT_LEFT_EAR,
    LIMNER_N_KEYPOINTS
};

/* What the detector alone says of a region. */
typedef struct limner_detection {
    float x_px, y_px, width_px, height_px;      /* upper left corner, size; may leave the picture */
    float keypoint[LIMNER_N_KEYPOINTS][2];      /* pixels */
    float score;                                /* 0..1 */
} limner_detection;

/* How good a face is for a portrait. limner_face_check turns it into a verdict. */
typedef struct limner_face_quality {
    float score;                /* detector, 0..1 */
    float flag;                 /* landmark net's face flag in the second pass, 0..1 */
    float flag_first;           /* the same in the first pass */
    float agreement;            /* mean distance between the passes' landmarks / eye distance */
    float keypoint_error;       /* mean distance of the detector's eyes, nose and mouth from the
                                 * landmarks' / eye distance */
    float eye_distance_px;      /* between the outer eye corners */
    float yaw, pitch, roll;     /* degrees, rough, from the landmarks; signs as in limner.h */
} limner_face_quality;

typedef struct limner_found_face {
    limner_detection detection;
    float landmarks[LIMNER_N_LANDMARK][3];     /* second pass; see landmarks.h */
    limner_face_quality quality;
} limner_found_face;

/* Up to `max` faces of at least LIMNER_DETECT_MIN_SCORE in a square region (clear of NMS), best
 * first. Returns their number. */
#define LIMNER_DETECT_MIN_SCORE 0.5f
size_t limner_detect_region(limner_nets_run *run, const limner_image *img,
                            const limner_region *region, limner_detection *out, size_t max);

/* All faces that pass the face flag, largest first, each once. img: 3 channels. *n <= max.
 * LIMNER_OK (also with *n = 0), E_ARG, E_NOMEM. */
limner_status limner_detect_faces(limner_nets_run *run, const limner_image *img,
                                  limner_found_face *out, size_t max, size_t *n);

typedef enum limner_face_verdict {
    LIMNER_FACE_GOOD,
    LIMNER_FACE_TINY,           /* too few pixels */
    LIMNER_FACE_PROFILE,        /* turned away too far */
    LIMNER_FACE_NOT_HUMAN       /* an animal, or no face at all */
} limner_face_verdict;

limner_face_verdict limner_face_check(const limner_face_quality *q);

#endif
