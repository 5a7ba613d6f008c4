/* SPDX-License-Identifier: Apache-2.0 */
/* What head, brows, lids and gaze need to know of the voice: loudness and pitch relative to the
 * speaker's own, accents, phrase starts and ends. 100 Hz, causal. */
#ifndef LIMNER_MOTION_PROSODY_H
#define LIMNER_MOTION_PROSODY_H

#include <stdbool.h>

#include "audio/features.h"

typedef struct limner_prosody {
    float loud;                 /* level smoothed over a syllable, 0..1, 0 in silence */
    float loud_slow;            /* the same over 2 s of speech: how lively the voice is */
    float beat;                 /* loud less its mean: about -0.5..0.5 */
    float pitch;                /* log pitch less the speaker's mean, smoothed, octaves */
    float stress;               /* how far the last accent stood out: 0.14..1 */
    float speech_s, silence_s;  /* length of the present speech or silence, seconds */
    bool is_speech;
    bool is_accent;             /* true for one step at a syllable that stands out */
    bool is_hush;               /* true for one step, 100 ms into a silence, be it a short one */
    bool is_phrase_end;         /* true for one step, 200 ms into a silence */
    bool is_phrase_start;       /* true for one step */
    /* private */
    float mean_loud, mean_pitch, last_loud, since_accent_s, fast_activity;
    int n_pitch;
    bool is_loud;               /* since the last hush */
} limner_prosody;

void limner_prosody_init(limner_prosody *p);
void limner_prosody_step(limner_prosody *p, const limner_feature_frame *f);

#endif
