/* SPDX-License-Identifier: Apache-2.0 */
/* The speech encoder: sound features at 100 Hz -> what the mouth is doing, at 50 Hz, for any
 * language; streaming. Frame k describes the sound of samples k * 320 to k * 320 + 319 at 16 kHz
 * and needs the sound up to LIMNER_SPEECH_AHEAD_MAX samples after its middle at most. Results do
 * not depend on how the sound was cut. Allocates at opening only; one thread at a time; the weights
 * are shared and read only. The net is trained by train/speech. */
#ifndef LIMNER_SPEECH_ENCODER_H
#define LIMNER_SPEECH_ENCODER_H

#include "audio/features.h"
#include "limner/limner.h"

enum {
    LIMNER_SPEECH_HOP = 320,            /* samples at 16 kHz */
    LIMNER_SPEECH_AHEAD_MAX = 1280,     /* samples: 80 ms */
    LIMNER_SPEECH_AHEAD = 6,            /* feature frames: frame k, whose middle is that of feature
                                         * frame 2 k + 1, comes out with 2 k + 1 + this */
    LIMNER_SPEECH_N_BOTTLENECK = 32
};

typedef struct limner_speech_frame {
    float share[LIMNER_SPEECH_N_CLASSES];       /* posterior, sums to 1 */
    float closure;                      /* 0..1: lips pressed together */
    float rounding;                     /* 0 spread .. 1 rounded and forward */
    float jaw;                          /* 0 shut .. 1 as low as for an open vowel */
    float bottleneck[LIMNER_SPEECH_N_BOTTLENECK];       /* for nets that build on this one */
    float loudness_db;                  /* A-weighted, 0 = mean square 1 */
    float level;                        /* 0 at 30 dB below the voice's loud parts, 1 at them */
    float f0_hz;                        /* YIN (audio/pitch.h), 0 when voicing is low */
    float voicing;                      /* 0..1 */
} limner_speech_frame;

typedef struct limner_speech_net limner_speech_net;     /* weights; read only, any thread */
typedef struct limner_speech limner_speech;             /* one voice; one thread at a time */

/* models/speech.limner, hostile until checked. `bytes` must outlive the net (aligned to 4).
 * E_FORMAT, E_NOMEM. */
limner_status limner_speech_net_open(limner_speech_net **out, const void *bytes,
                                     size_t len_bytes);
void limner_speech_net_close(limner_speech_net **net);  /* NULL-safe; sets NULL */

/* The net must outlive it. E_NOMEM. */
limner_status limner_speech_open(limner_speech **out, const limner_speech_net *net);
/* Takes the next frame of features; 1: *out is the next frame of speech, 0: not yet. */
int limner_speech_push(limner_speech *s, const limner_feature_frame *f, limner_speech_frame *out);
void limner_speech_close(limner_speech **s);            /* NULL-safe; sets NULL */

#endif
