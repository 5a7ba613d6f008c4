/* SPDX-License-Identifier: Apache-2.0 */
/* Sound on a caller's clock: samples are laid one after another, are taken up to a time, and where
 * none has come by then silence is laid instead. Positions are samples since opening, silence
 * included. Allocates at opening; one thread at a time. */
#ifndef LIMNER_AUDIO_TIMELINE_H
#define LIMNER_AUDIO_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

typedef struct limner_timeline limner_timeline;

/* Holds a second of sound that has not been taken yet. E_NOMEM. */
limner_status limner_timeline_open(limner_timeline **out, uint32_t rate_hz);
/* Lays sound at the end; returns how many of n samples had room. */
size_t limner_timeline_push(limner_timeline *t, const float *pcm, size_t n);
/* Lays sound that was recorded up to `now`. Its oldest part is left out where the end would lie
 * more than LIMNER_MAX_BEHIND_MS after now, or after now at all in a pause (0.2 s of quiet). */
void limner_timeline_push_live(limner_timeline *t, int64_t now, const float *pcm, size_t n);
/* The next run of samples before position `to`, sound or silence, valid until the next push;
 * returns its length, 0 when all up to there have been taken. */
size_t limner_timeline_pull(limner_timeline *t, int64_t to, const float **pcm);
/* Where the next sample pushed will lie. */
int64_t limner_timeline_end(const limner_timeline *t);
void limner_timeline_close(limner_timeline **t);        /* NULL-safe; sets NULL */

#endif
