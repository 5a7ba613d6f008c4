/* SPDX-License-Identifier: Apache-2.0 */
/* The speech encoder: sound features at 100 Hz -> what the mouth is doing, at 50 Hz, for any
 * language; streaming. Frame k describes the sound of samples k * 320 to k * 320 + 319 at 16 kHz
 * and needs the sound up to LIMNER_SPEECH_AHEAD_MAX samples after its middle at most. Results do
 * not depend on how the sound was cut. Allocates at opening only; one thread at a time; the weights
 * are shared and read only. The net is trained by train/speech; its card is
 * models/speech.md. */
#ifndef LIMNER_SPEECH_ENCODER_H
#define LIMNER_SPEECH_ENCODER_H

#include "audio/features.h"

enum {
    LIMNER_SPEECH_HOP = 320,            /* samples at 16 kHz */
    LIMNER_SPEECH_AHEAD_MAX = 1280,     /* samples: 80 ms */
    LIMNER_SPEECH_N_BOTTLENECK = 32
};

/* Articulatory classes shared by all languages; examples in IPA. */
typedef enum limner_speech_class {
    LIMNER_SPEECH_SILENCE,
    LIMNER_SPEECH_CLOSURE,              /* p b m */
    LIMNER_SPEECH_LABIODENTAL,          /* f v */
    LIMNER_SPEECH_DENTAL,               /* th */
    LIMNER_SPEECH_ALVEOLAR,             /* t d n */
    LIMNER_SPEECH_LATERAL,              /* l */
    LIMNER_SPEECH_SIBILANT,             /* s z */
    LIMNER_SPEECH_POSTALVEOLAR,         /* sh ch */
    LIMNER_SPEECH_VELAR,                /* k g ng h and what is behind them */
    LIMNER_SPEECH_RHOTIC,               /* English r */
    LIMNER_SPEECH_ROUNDED_GLIDE,        /* w */
    LIMNER_SPEECH_SPREAD,               /* i, y as in yes */
    LIMNER_SPEECH_MID,                  /* e */
    LIMNER_SPEECH_OPEN,                 /* a */
    LIMNER_SPEECH_SCHWA,
    LIMNER_SPEECH_ROUNDED_OPEN,         /* o */
    LIMNER_SPEECH_ROUNDED_CLOSE,        /* u */
    LIMNER_SPEECH_ROUNDED_FRONT,        /* German ue, oe */
    LIMNER_SPEECH_N_CLASSES
} limner_speech_class;

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

#endif
