/* SPDX-License-Identifier: Apache-2.0 */
/* The level follower (see level.h): quickly up with loud sound, slowly down, slower in pauses. */
#include "speech/level.h"

#include <math.h>
#include <stdbool.h>

enum { N_MEL = LIMNER_FEATURES_N_MEL };

void limner_level_follow(const float rule[LIMNER_LEVEL_N], float *level, const float mel[N_MEL],
                         float out[N_MEL])
{
    float sum = 0.0f, loud;

    for (int m = 0; m < N_MEL; m++)
        sum += expf(mel[m]);
    loud = logf(sum / N_MEL);
    if (loud > *level) {
        *level += rule[LIMNER_LEVEL_ATTACK] * (loud - *level);
    } else {
        const bool is_sound = loud > *level - rule[LIMNER_LEVEL_SPAN];
        *level = fmaxf(*level - rule[is_sound ? LIMNER_LEVEL_FALL : LIMNER_LEVEL_FALL_QUIET],
                       rule[LIMNER_LEVEL_MIN]);
    }
    for (int m = 0; m < N_MEL; m++)
        out[m] = fmaxf(mel[m] - *level, rule[LIMNER_LEVEL_FLOOR]);
}
