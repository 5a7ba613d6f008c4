/* SPDX-License-Identifier: Apache-2.0 */
/* One clip of eval_speech: the real take, what the library makes of its sound, and how the two
 * compare. */
#ifndef LIMNER_EVAL_SPEECH_CLIP_H
#define LIMNER_EVAL_SPEECH_CLIP_H

#include "eval/eval.h"
#include "eval/script.h"
#include "eval/sync.h"
#include "io/media.h"

enum {
    EVAL_MOST_SEEDS = 8,
    EVAL_N_BASELINES = 6, /* the real take 0 to 4 frames late; loudness alone */
    EVAL_STRIP_FRAMES = 8,
    EVAL_STRIP_PX = 128
};

/* Series for plots, [n_frames] each. */
typedef enum eval_speech_curve {
    EVAL_CURVE_OPENING, EVAL_CURVE_YAW, EVAL_CURVE_PITCH, EVAL_CURVE_ROLL, EVAL_N_CURVES
} eval_speech_curve;

typedef struct eval_speech_clip {
    char why[LIMNER_IO_ERROR_SIZE];       /* why it is left out; "": it is not */
    char no_phones[LIMNER_IO_ERROR_SIZE]; /* why its closures are not known; "": they are */
    double fps, offset_ms;
    size_t n_frames;
    size_t n_seeds;
    eval_talk real, made[EVAL_MOST_SEEDS];
    eval_sync sync[EVAL_MOST_SEEDS], baseline[EVAL_N_BASELINES];
    double same_opening_r, same_yaw_r; /* mean r of the first take with those of other seeds */
    double *real_curve[EVAL_N_CURVES], *made_curve[EVAL_N_CURVES], *loudness;
    uint8_t *strip; /* [2][px][frames][px][3]: real above generated, packed */
} eval_speech_clip;

/* portrait: NULL: the clip's own. Fills out, or out->why. The caller closes. Any thread. */
void eval_speech_clip_run(eval_speech_clip *out, const eval_job *job, const eval_script *script,
                          limner_portrait *portrait, const char *path);
void eval_speech_clip_close(eval_speech_clip *clip);

#endif
