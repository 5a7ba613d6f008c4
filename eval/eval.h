/* SPDX-License-Identifier: Apache-2.0 */
/* The judges. Each goes over its inputs, fills the report and says what it could not use; an input
 * that fails is a row with the reason, not the end. doc/evaluation.md defines every figure. */
#ifndef LIMNER_EVAL_EVAL_H
#define LIMNER_EVAL_EVAL_H

#include "eval/report.h"
#include "limner/limner.h"

typedef struct eval_job {
    limner_model *model;
    const char *const *paths; /* photos or videos, in the order of the report */
    size_t n_paths;
    uint32_t size_px;         /* of what is rendered: 512 */
    uint32_t n_threads;       /* inputs at once; results do not depend on it */
    double max_s;             /* of each clip; <= 0: all of it */
    uint64_t seed;            /* speech: of the first take */
    uint32_t n_seeds;         /* speech: takes per clip */
    const char *portrait;     /* speech: of everyone; NULL: each clip's first frame */
    const char *transcripts;  /* speech: file of CLIP|text lines for closures; NULL: none */
    eval_report *report;
    /* Called from any of the threads, one at a time: n_done of n_paths, or what went wrong. */
    void (*progress)(void *user, size_t n_done, const char *note);
    void *user;
} eval_job;

/* 0: at least one input was used; -1: none was, or memory ran out, with a sentence in err. */
int eval_control(const eval_job *job, char *err); /* photos: is every control obeyed by itself? */
int eval_reenact(const eval_job *job, char *err); /* videos: first frame and tracked motion in */
int eval_speech(const eval_job *job, char *err);  /* videos: first frame and sound in */
int eval_motion(const eval_job *job, char *err);  /* videos: how the real people move */

#endif
