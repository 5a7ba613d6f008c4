/* SPDX-License-Identifier: Apache-2.0 */
/* The brightness of a face in a frame, kept for the fit: cut out at whole pixels, large faces
 * averaged over blocks of pixels, so that nothing is resampled, and smoothed a little. Read between
 * pixels by Catmull-Rom. */
#ifndef LIMNER_FACE_FACE_VIEW_H
#define LIMNER_FACE_FACE_VIEW_H

#include <stdbool.h>

#include "face/appearance.h"

enum { LIMNER_FACE_VIEW_SIDE = 352 };

typedef struct limner_face_view {
    uint32_t w, h;                      /* 0: there is none */
    float step;                         /* frame pixels per pixel here */
    float x, y;                         /* its upper left corner in the frame */
    uint16_t px[LIMNER_FACE_VIEW_SIDE * LIMNER_FACE_VIEW_SIDE]; /* [h][w], brightness * 128 */
} limner_face_view;

/* Takes the face with these landmarks from img (3 channels). false, and v->w = 0: too little of it
 * is in the frame. */
bool limner_face_view_take(limner_face_view *v, const limner_image *img,
                           const float landmarks[LIMNER_N_LANDMARK][3]);

/* Brightness at a place of the frame, and its change per frame pixel to the right and down. false:
 * not in the view. */
bool limner_face_view_read(const limner_face_view *v, float x, float y, float *tone,
                           float slope[2]);

#endif
