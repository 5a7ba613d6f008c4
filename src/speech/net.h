/* SPDX-License-Identifier: Apache-2.0 */
/* The speech encoder's net, one step at a time: log-mel frames at 100 Hz in, one frame of classes,
 * lips and bottleneck for every two. train/speech/net.py is its twin. */
#ifndef LIMNER_SPEECH_NET_H
#define LIMNER_SPEECH_NET_H

#include "nn/sequence.h"
#include "speech/encoder.h"

typedef struct limner_speech_state limner_speech_state; /* what one voice's net remembers */

limner_status limner_speech_state_open(limner_speech_state **out, const limner_speech_net *net);
/* The next mel frame. 1: share, closure, rounding, jaw and bottleneck of
 * *out are those of the next frame. */
int limner_speech_net_step(const limner_speech_net *net, limner_speech_state *s,
                           const float mel[LIMNER_FEATURES_N_MEL], limner_speech_frame *out);
void limner_speech_state_close(limner_speech_state **s);        /* NULL-safe; sets NULL */

#endif
