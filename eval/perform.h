/* SPDX-License-Identifier: Apache-2.0 */
/* A portrait speaks a sound, and is watched doing so: frames as a viewer gets them (before any
 * codec), read back by the tracker. */
#ifndef LIMNER_EVAL_PERFORM_H
#define LIMNER_EVAL_PERFORM_H

#include "eval/take.h"

typedef struct eval_performance {
    eval_take take;           /* as seen, with a copy of its sound */
    limner_motion *generated; /* [take.n_frames]: as commanded, relative to a neutral face */
} eval_performance;

/* n_frames at fps from the sound (EVAL_RATE_HZ; silence follows where it is shorter), rendered at
 * size_px by one thread. Called with every frame (packed sRGB) unless `watch` is NULL. 0, or -1 and
 * a sentence in err (LIMNER_IO_ERROR_SIZE). The caller closes. */
typedef struct eval_performing {
    limner_model *model;
    limner_portrait *portrait;
    const float *pcm;
    size_t n_samples;
    double fps;
    size_t n_frames;
    uint64_t seed;
    uint32_t size_px;
    void (*watch)(void *user, size_t frame, const limner_photo *photo);
    void *user;
} eval_performing;
int eval_perform(eval_performance *out, const eval_performing *p, char *err);
void eval_performance_close(eval_performance *p); /* NULL-safe */

/* The first picture of a video that makes a portrait, of the first 5 s. 0, or -1 and a sentence in
 * err. */
int eval_portrait_of_video(limner_portrait **out, limner_model *model, const char *path, char *err);

#endif
