/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as the speech encoder's weights; a net that opens listens for a second,
 * and whatever it hears is within its ranges. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "speech/encoder.h"

enum { N_FEATURES = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const limner_speech_frame *f)
{
    for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
        if (!(f->share[c] >= 0 && f->share[c] <= 1.0001f))
            abort();
    for (int i = 0; i < LIMNER_SPEECH_N_BOTTLENECK; i++)
        if (!(fabsf(f->bottleneck[i]) <= 1))
            abort();
    if (!(f->closure >= 0 && f->closure <= 1 && f->rounding >= 0 && f->rounding <= 1 &&
          f->jaw >= 0 && f->jaw <= 1))
        abort();
}

static void listen_once(const limner_speech_net *net)
{
    limner_feature_frame features = {0};
    limner_speech_frame frame;
    limner_speech *s;

    if (limner_speech_open(&s, net) < 0)
        return;
    for (int j = 0; j < N_FEATURES; j++) {
        for (int m = 0; m < LIMNER_FEATURES_N_MEL; m++)
            features.mel[m] = (float)((j * 7 + m * 3) % 29) - 26;
        if (limner_speech_push(s, &features, &frame))
            check(&frame);
    }
    limner_speech_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = limner_alloc(n ? n : 1, 1);         /* aligned, as the caller has to */
    limner_speech_net *net;

    if (!copy)
        return 0;
    memcpy(copy, bytes, n);
    if (limner_speech_net_open(&net, copy, n) == LIMNER_OK)
        listen_once(net);
    limner_speech_net_close(&net);
    limner_mem_free(copy);
    return 0;
}
