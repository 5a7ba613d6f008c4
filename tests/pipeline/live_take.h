/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of clocked sessions share: a voice, and all frames of a run for comparison. The
 * clock is a count, so that every run is the same. */
#ifndef LIMNER_TESTS_LIVE_TAKE_H
#define LIMNER_TESTS_LIVE_TAKE_H

#include "fixture.h"

enum { RATE_HZ = 16000, MAX_FRAMES = 300, SIDE_PX = 128 };

typedef struct take {
    uint64_t hash;                      /* of pixels, motion and time */
    int n;
    limner_motion motion[MAX_FRAMES];
    uint8_t luma[MAX_FRAMES][SIDE_PX * SIDE_PX];
} take;

extern float voice[8 * RATE_HZ];        /* silence to 2 s, speech to 5 s, silence */

void make_voice(void);
limner_settings standard(void);         /* clocked, one thread */
limner_session *open_session(fixture *fix, const limner_settings *set);
/* Adds the frames that are due at `now`. */
void take_due(limner_session *s, int64_t now, take *t);
/* Adds all that is left, a millisecond after another, and closes the session. */
void end_clocked(limner_session *s, int64_t now, take *t);
/* All frames of the sound, as fast as it goes. */
void run_unclocked(fixture *fix, limner_settings set, const float *pcm, size_t n, take *t);
/* Sound as it is recorded, in packets, frames asked for at each. */
void run_live(limner_session *s, const float *pcm, size_t n, size_t packet, take *t);

#endif
