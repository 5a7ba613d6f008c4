/* SPDX-License-Identifier: Apache-2.0 */
/* One eyeball as a flat texture, completed from its visible part. A window of w x h pixels; iris in
 * window coordinates; planes [h][w], colours 0..1. */
#ifndef LIMNER_PORTRAIT_EYE_MODEL_H
#define LIMNER_PORTRAIT_EYE_MODEL_H

#include "limner/limner.h"

typedef struct limner_eye_model {
    int x0, y0, w, h;           /* in: the window in the crop */
    float eye_width;            /* in: corner to corner, pixels */
    float iris_x, iris_y, iris_radius;  /* in */
    float white[3];             /* in to run: what the eyes' white is in this picture; .. */
    int n_white;                /* .. from so many pixels (0: unknown): limner_eye_model_white */
    float *rgb[3];              /* in: the photo */
    float *visible;             /* in: 0..1, 1 safely between the lids */
    float *edge;                /* in: pixels from the lids' contour, > 0 inside */
    float *highlight;           /* out: 0..1, membership in a highlight */
    float *clean[3];            /* out: the photo without highlights, where visible */
    float *model[3];            /* out: iris and sclera everywhere */
    float *weight, *spot, *low, *scratch;       /* private */
    void *block;                /* private */
} limner_eye_model;

/* Allocates the planes for w, h; the rest of the fields stay. LIMNER_OK, E_NOMEM. */
limner_status limner_eye_model_open(limner_eye_model *m);
/* Moves and enlarges the iris where the picture, a drawn one, has it end clearly further out. */
void limner_eye_model_limbus(limner_eye_model *m);
/* Sets white and n_white from rgb and visible. One eye may be shut: take the mean of both. */
void limner_eye_model_white(limner_eye_model *m);
/* Part of run. model: the white (colour [3]) with its shading fitted to the pixels of weight > 0,
 * everywhere; clean: what rgb differs from it. */
void limner_eye_model_fit_white(const limner_eye_model *m, const float white[3]);
/* LIMNER_OK, E_NOMEM. */
limner_status limner_eye_model_run(limner_eye_model *m);
void limner_eye_model_close(limner_eye_model *m);

#endif
