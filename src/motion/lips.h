/* SPDX-License-Identifier: Apache-2.0 */
/* The learned articulation: a small causal net (dense, convolution, GRU; 50 Hz) on what the speech
 * encoder hears and the latest mel bands -> how far the lips part and how wide they are, and how
 * surely they are shut. Trained by train/motion on people who talk, in each person's own spread.
 * Allocates at opening only; weights are read only, any thread; a state belongs to one voice. */
#ifndef LIMNER_MOTION_LIPS_H
#define LIMNER_MOTION_LIPS_H

#include "speech/encoder.h"

enum { LIMNER_LIPS_N_SHAPE = 7, LIMNER_LIPS_N_OUT = LIMNER_LIPS_N_SHAPE + 3 };

typedef struct limner_lips_net limner_lips_net;
typedef struct limner_lips limner_lips;

/* Of the mouth at one time; see limner_lips_push for which. */
typedef struct limner_lips_frame {
    /* Opening, width, upper lip, chin, thickness of both lips, corners: off a person's mean, in the
     * person's standard deviations (train/motion/takes.py). */
    float shape[LIMNER_LIPS_N_SHAPE];
    float shut;                         /* 0..1: lips closed to the eye */
    float closure;                      /* 0..1: p b m */
    float tuck;                         /* 0..1: f v */
} limner_lips_frame;

/* models/motion.limner, hostile until checked. `bytes` must outlive the net (aligned to 4).
 * E_FORMAT, E_NOMEM. */
limner_status limner_lips_net_open(limner_lips_net **out, const void *bytes, size_t len_bytes);
void limner_lips_net_close(limner_lips_net **net);      /* NULL-safe; sets NULL */
/* Opening (what = 0) and width (1), eye distances, that frame asks for: a typical person's mean and
 * spread, the spread widened by what the net shrinks. Width is relative to that at rest. */
float limner_lips_size(const limner_lips_net *net, const limner_lips_frame *f, int what);

/* The net must outlive it. E_NOMEM. */
limner_status limner_lips_open(limner_lips **out, const limner_lips_net *net);
/* The next mel frame (100 Hz), and the frame of speech that came with it, NULL where none did (see
 * limner_speech_push). 1: *out is the mouth at the time of mel frame j - 7, j being this one. */
int limner_lips_push(limner_lips *l, const float mel[LIMNER_FEATURES_N_MEL],
                     const limner_speech_frame *speech, limner_lips_frame *out);
void limner_lips_close(limner_lips **l);                /* NULL-safe; sets NULL */

#endif
