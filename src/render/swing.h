/* SPDX-License-Identifier: Apache-2.0 */
/* Hair lags behind the head and swings out: a damped spring that follows the head's pose from frame
 * to frame. The state depends on the motions shown so far and the frame rate alone. */
#ifndef LIMNER_RENDER_SWING_H
#define LIMNER_RENDER_SWING_H

#include <stdbool.h>

#include "limner/limner.h"

enum { LIMNER_SWING_YAW, LIMNER_SWING_PITCH, LIMNER_SWING_ROLL, LIMNER_SWING_X, LIMNER_SWING_Y,
       LIMNER_N_SWING };

typedef struct limner_swing {
    float at[LIMNER_N_SWING], speed[LIMNER_N_SWING];    /* degrees, cm; per second */
    float last[LIMNER_N_SWING];         /* the head's of the frame before */
    float lag[LIMNER_N_SWING];          /* of free hair behind the head: degrees, cm */
    bool is_begun;
} limner_swing;

/* The next frame, frame_s seconds after the one before; 0: there is no swing. The first frame, and
 * one that the head jumps to, is at rest. */
void limner_swing_follow(limner_swing *w, const limner_motion *m, float frame_s);

#endif
