/* SPDX-License-Identifier: Apache-2.0 */
/* Faces of a picture: MediaPipe's short-range detector on the whole picture, then on overlapping
 * crops of 1/2 and 1/3 of the long side (of the short side where that is less), weighted
 * non-maximum suppression (Bazarevsky et al. 2019, BlazeFace), each candidate confirmed by the
 * landmark net's face flag in two to four passes, then judged by close looks of the detector.
 * Pixels, centres at +0.5. */
#ifndef LIMNER_PORTRAIT_DETECT_H
#define LIMNER_PORTRAIT_DETECT_H

#include "portrait/face_quality.h"
#include "portrait/landmarks.h"

/* What the detector alone says of a region. */
typedef struct limner_detection {
    float x_px, y_px, width_px, height_px;      /* upper left corner, size; may leave the picture */
    float keypoint[LIMNER_N_KEYPOINTS][2];      /* pixels */
    float score;                                /* 0..1 */
} limner_detection;

typedef struct limner_found_face {
    limner_detection detection;                 /* the close look's, where it saw the face */
    float landmarks[LIMNER_N_LANDMARK][3];      /* limner_landmarks_mean's */
    limner_face_quality quality;
} limner_found_face;

/* Up to `max` faces of at least LIMNER_DETECT_MIN_SCORE in a square region (clear of NMS), best
 * first. Returns their number. */
#define LIMNER_DETECT_MIN_SCORE 0.5f
size_t limner_detect_region(limner_nets_run *run, const limner_image *img,
                            const limner_region *region, limner_detection *out, size_t max);

/* All faces that pass the face flag, largest first, each once. img: 3 channels. *n <= max. What
 * does not look human is left out, unless there is nothing else. LIMNER_OK (also with *n = 0),
 * E_ARG. */
limner_status limner_detect_faces(limner_nets_run *run, const limner_image *img,
                                  limner_found_face *out, size_t max, size_t *n);

#endif
