/* SPDX-License-Identifier: Apache-2.0 */
/* The clips of eval_speech as tables, goals, plots and pictures, and their means. */
#ifndef LIMNER_EVAL_SPEECH_REPORT_H
#define LIMNER_EVAL_SPEECH_REPORT_H

#include "eval/speech_clip.h"

/* clips [job->n_paths], in the order of job->paths. 0, or -1: no memory. */
int eval_speech_report(const eval_job *job, const eval_speech_clip *clips);

/* Means over clips (of each clip's mean over seeds). Shares of moments are of all clips' moments
 * together. What needs time to show, `made` and `real` and the scores, is of the clips of at least
 * 4 s, where there are any; blinks per minute are theirs together. */
typedef struct eval_speech_means {
    size_t n_clips, n_long;
    double seconds;
    eval_sync sync, baseline[EVAL_N_BASELINES];
    eval_talk made, real;
    double score;            /* as THEval has it: `made` beside `real`, means of the whole set */
    double score_takes;      /* mean of each take's own against the medians of real people */
    double same_opening_r, same_yaw_r;
} eval_speech_means;

/* Clips that could not be used (why) are left out. 0, or -1: no memory. */
int eval_speech_mean(eval_speech_means *out, const eval_speech_clip *clips, size_t n);
/* One clip's mean over its seeds. */
void eval_speech_clip_mean(eval_talk *made, eval_sync *sync, const eval_speech_clip *clip);

/* Medians over real people speaking to a camera, as today's tracker reads them (doc/real-motion.md,
 * all): what the score needs, and the bands. */
extern const eval_talk eval_speech_people;

#endif
