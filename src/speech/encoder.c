/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder (see encoder.h): the net on the mel bands, beside it loudness, pitch and voicing of
 * the same time, kept until the net has heard enough. */
#include "speech/encoder.h"

#include "core/mem.h"
#include "speech/net.h"

enum { KEPT = 16 };                     /* feature frames; more than the net looks ahead */

struct limner_speech {
    const limner_speech_net *net;
    limner_speech_state *state;
    limner_feature_frame kept[KEPT];    /* frame j at j % KEPT */
    int64_t n_features, n_frames;
};

limner_status limner_speech_open(limner_speech **out, const limner_speech_net *net)
{
    limner_speech *s = limner_calloc(1, sizeof(*s));
    limner_status st;

    *out = NULL;
    if (!s)
        return LIMNER_E_NOMEM;
    s->net = net;
    st = limner_speech_state_open(&s->state, net);
    if (st < 0)
        limner_speech_close(&s);
    *out = s;
    return st;
}

int limner_speech_push(limner_speech *s, const limner_feature_frame *f, limner_speech_frame *out)
{
    const limner_feature_frame *middle;

    s->kept[s->n_features++ % KEPT] = *f;
    if (!limner_speech_net_step(s->net, s->state, f->mel, out))
        return 0;
    middle = &s->kept[(2 * s->n_frames++ + 1) % KEPT];
    out->loudness_db = middle->loudness_db;
    out->level = middle->level;
    out->f0_hz = middle->f0_hz;
    out->voicing = middle->voicing;
    return 1;
}

void limner_speech_close(limner_speech **s)
{
    if (!s || !*s)
        return;
    limner_speech_state_close(&(*s)->state);
    limner_mem_free(*s);
    *s = NULL;
}
