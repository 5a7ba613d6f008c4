/* SPDX-License-Identifier: Apache-2.0 */
/* The learned articulation: a small causal net (dense, convolution, GRU; 50 Hz) on what the speech
 * encoder hears and the latest mel bands -> the mouth some 90 ms earlier. Trained by train/motion
 * on people who talk, each in the own spread, and to foresee what the encoder will say. Allocates
 * at opening only; weights are read only, any thread; a state belongs to one voice. */
#ifndef LIMNER_MOTION_LIPS_H
#define LIMNER_MOTION_LIPS_H

#include "speech/encoder.h"

typedef struct limner_lips_net limner_lips_net;
typedef struct limner_lips limner_lips;

/* What the sound asks of the mouth; the first three in shares of the eyes' distance, the rest
 * 0..1. */
typedef struct limner_gesture {
    float open;                 /* of the inner lips */
    float width;                /* of the mouth, beyond that at rest; signed */
    float chin;                 /* how much lower than with the same opening on average; signed */
    float round;                /* lips forward: oo */
    float hush;                 /* sh ch: lips forward, teeth near */
    float teeth;                /* s z: teeth together, lips apart */
    float tip;                  /* t d n l: tongue at the teeth ridge */
    float silence;
    float closure;              /* p b m */
    float tuck;                 /* f v: lower lip to the upper teeth */
} limner_gesture;

/* models/motion.limner, hostile until checked. `bytes` must outlive the net (aligned to 4).
 * E_FORMAT, E_NOMEM. */
limner_status limner_lips_net_open(limner_lips_net **out, const void *bytes, size_t len_bytes);
void limner_lips_net_close(limner_lips_net **net);      /* NULL-safe; sets NULL */

/* The net must outlive it. E_NOMEM. */
limner_status limner_lips_open(limner_lips **out, const limner_lips_net *net);
/* The next mel frame (100 Hz), and the frame of speech that came with it, NULL where none did (see
 * limner_speech_push). 1: *out is the mouth at the time of mel frame j - 7, j being this one; its
 * closure and tuck are as sure as the net is. */
int limner_lips_push(limner_lips *l, const float mel[LIMNER_FEATURES_N_MEL],
                     const limner_speech_frame *speech, limner_gesture *out);
void limner_lips_close(limner_lips **l);                /* NULL-safe; sets NULL */

#endif
