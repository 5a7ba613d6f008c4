/* SPDX-License-Identifier: Apache-2.0 */
/* Mel bands relative to a level that follows the voice's loud parts, so that nets know no volume.
 * Natural logarithms of mel power; a step per mel frame (100 Hz). Twin:
 * train/speech/features.py. */
#ifndef LIMNER_SPEECH_LEVEL_H
#define LIMNER_SPEECH_LEVEL_H

#include "audio/features.h"

/* The rule, as files hold it. */
enum {
    LIMNER_LEVEL_START,
    LIMNER_LEVEL_MIN,                   /* below is silence in any file */
    LIMNER_LEVEL_ATTACK,                /* share of the way up, 0..1 */
    LIMNER_LEVEL_FALL,                  /* while there is sound, which reaches ... */
    LIMNER_LEVEL_FALL_QUIET,
    LIMNER_LEVEL_SPAN,                  /* ... so far below the level */
    LIMNER_LEVEL_FLOOR,                 /* of a band, relative to the level */
    LIMNER_LEVEL_N
};

/* Brings *level up to date with a mel frame; out: its bands relative to it. */
void limner_level_follow(const float rule[LIMNER_LEVEL_N], float *level,
                         const float mel[LIMNER_FEATURES_N_MEL],
                         float out[LIMNER_FEATURES_N_MEL]);

#endif
