/* SPDX-License-Identifier: Apache-2.0 */
/* Sound at 16 kHz -> acoustic features at 100 Hz, streaming. Frame k describes the sound around
 * sample k * 160 and needs the samples up to k * 160 + LIMNER_FEATURES_AHEAD; before the first
 * sample there is silence. The level is relative to this voice: the loud parts and the background
 * are followed, so that quiet, loud and noisy files give the same motion. Results do not depend on
 * how the sound was cut. Allocates at opening only; one thread at a time. */
#ifndef LIMNER_AUDIO_FEATURES_H
#define LIMNER_AUDIO_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "limner/limner.h"

enum {
    LIMNER_FEATURES_RATE_HZ = 16000,
    LIMNER_FEATURES_HOP = 160,          /* samples */
    LIMNER_FEATURES_AHEAD = 256,        /* samples after a frame's own time */
    LIMNER_FEATURES_N_MEL = 80,
    LIMNER_FEATURES_N_BANDS = 6
};

typedef struct limner_feature_frame {
    float mel[LIMNER_FEATURES_N_MEL];   /* ln of mel band power, 20..7600 Hz */
    float loudness_db;                  /* A-weighted, 0 = mean square 1; >= -100 */
    float level;                        /* 0 at 30 dB below the voice's loud parts, 1 at them */
    float activity;                     /* 0..1: above background and silence */
    float voicing;                      /* 0..1: periodicity */
    float f0_hz;                        /* pitch, 0 when voicing is low */
    float f1_hz, f2_hz;                 /* centres of gravity of 200..1000 and 800..3000 Hz */
    float band_db[LIMNER_FEATURES_N_BANDS];     /* between 100, 350, 800, 1400, 2200, 3800,
                                                 * 7600 Hz */
    float sibilance;                    /* 0..1: share of power above 3.8 kHz (s, z) */
    float hush;                         /* 0..1: share of power in 1.8..3.8 kHz (sh, ch) */
} limner_feature_frame;

typedef struct limner_features limner_features;

limner_status limner_features_open(limner_features **out);      /* E_NOMEM */
/* Takes *n_used <= n samples (NaN read as 0, beyond -1..1 clamped). Returns 1 with a frame in *out
 * as soon as one is complete (call again for the rest), 0 when all samples are taken. */
int limner_features_push(limner_features *f, const float *pcm, size_t n, size_t *n_used,
                         limner_feature_frame *out);
void limner_features_close(limner_features **f);        /* NULL-safe; sets NULL */

#endif
