/* SPDX-License-Identifier: Apache-2.0 */
/* A talking clip as numbers: what the tracker sees in each frame, and its sound. From a video file,
 * or filled frame by frame from rendered pictures. One thread at a time. */
#ifndef LIMNER_EVAL_TAKE_H
#define LIMNER_EVAL_TAKE_H

#include <stdbool.h>

#include "eval/measures.h"

enum { EVAL_RATE_HZ = 16000, EVAL_HOP = 160 }; /* of the sound; of loudness: 10 ms */

typedef struct eval_take {
    double fps;              /* mean rate of the frames */
    size_t n_frames;
    limner_tracked *tracked; /* [n_frames]; pts: the number of the frame */
    eval_measures *measures; /* [n_frames]; all NaN where there is no face */
    float *pcm;              /* [n_samples], mono at EVAL_RATE_HZ; NULL: silent video */
    size_t n_samples;
} eval_take;

/* Tracks the video, at most max_s seconds (<= 0: all), and decodes its sound. 0, or -1 and a
 * sentence in err (LIMNER_IO_ERROR_SIZE bytes). The caller closes. */
int eval_take_of_video(eval_take *out, limner_model *model, const char *path, double max_s,
                       char *err);
/* Only the sound of a file, at EVAL_RATE_HZ; free pcm by eval_take_close. */
int eval_take_sound(eval_take *take, const char *path, double max_s, char *err);
void eval_take_close(eval_take *take); /* NULL-safe */

/* The same frame by frame, from pictures: open, push each, finish into a take without sound. */
typedef struct eval_taker eval_taker;
limner_status eval_taker_open(eval_taker **out, limner_model *model, double fps);
limner_status eval_taker_push(eval_taker *t, const limner_photo *frame);
limner_status eval_taker_finish(eval_taker **t, eval_take *out); /* frees the taker */
void eval_taker_close(eval_taker **t);                           /* NULL-safe; gives up */

/* One value a frame out of a take, NaN where there is no face. v [n_frames]. */
typedef enum eval_quantity {
    EVAL_OPENING, EVAL_WIDTH, EVAL_LIDS, /* mean aperture of both eyes */
    EVAL_BROW, EVAL_YAW, EVAL_PITCH, EVAL_ROLL, EVAL_GAZE_YAW, EVAL_GAZE_PITCH,
    EVAL_CENTRE_X, EVAL_CENTRE_Y /* in px of a face EVAL_FACE_PX high */
} eval_quantity;
#define EVAL_FACE_PX 160.0 /* of 256, as THEval's crops have it */
void eval_take_series(double *v, const eval_take *take, eval_quantity what);

/* Loudness of each frame, dB above the clip's floor scaled to 0..1 between its 5th and 95th
 * percentile; and whether it lies in a silence: 25 dB below the clip's loud parts for >= 300 ms.
 * Either may be NULL. -1: no memory. shift_s: the sound is read that much later. */
int eval_take_loudness(double *loudness, bool *is_silent, const eval_take *take, double shift_s);
/* Root mean square of the sound over 60 ms around each frame's middle; NaN where there is none.
 * amplitude [n_frames]. -1: no memory. */
int eval_take_amplitude(double *amplitude, const eval_take *take);

#endif
