/* SPDX-License-Identifier: Apache-2.0 */
/* What a voice's mouth does, as a public object: sound -> resampler -> features -> speech encoder
 * -> a bounded queue. Work is done in push; a full queue takes no more sound. */
#include <string.h>

#include "audio/features.h"
#include "audio/resample.h"
#include "core/mem.h"
#include "model.h"
#include "speech/encoder.h"

enum { STAGE_SAMPLES = 1024, MAX_WAITING = 64 /* frames */ };

struct limner_listener {
    limner_model *model;
    limner_resampler *resampler;
    limner_features *features;
    limner_speech *speech;
    uint32_t rate_hz;
    float staged[STAGE_SAMPLES];        /* at 16 kHz, not analysed yet */
    size_t n_staged, staged_from;
    int64_t n_samples;                  /* of the sound, at 16 kHz */
    int64_t n_frames;                   /* that came out of the encoder */
    bool is_finished, is_flushed;
    limner_heard waiting[MAX_WAITING];
    int first_waiting, n_waiting;
};

void limner_listener_settings_init(limner_listener_settings *set, uint32_t struct_size)
{
    if (!set || struct_size < sizeof(*set))
        return;
    memset(set, 0, sizeof(*set));
    set->struct_size = sizeof(*set);
    set->rate_hz = LIMNER_FEATURES_RATE_HZ;
}

limner_status limner_listener_open(limner_listener **out, limner_model *model,
                                   const limner_listener_settings *set)
{
    const uint32_t rate_hz = set ? set->rate_hz : LIMNER_FEATURES_RATE_HZ;
    limner_listener *l;
    limner_status st;

    if (!out)
        return LIMNER_E_ARG;
    *out = NULL;
    if (!model || (set && set->struct_size < sizeof(*set)))
        return LIMNER_E_ARG;
    if (!model->speech)
        return LIMNER_E_STATE;
    l = limner_calloc(1, sizeof(*l));
    if (!l)
        return LIMNER_E_NOMEM;
    l->model = limner_model_ref(model);
    l->rate_hz = rate_hz;
    if ((st = limner_resampler_open(&l->resampler, rate_hz)) < 0 ||
        (st = limner_features_open(&l->features)) < 0 ||
        (st = limner_speech_open(&l->speech, model->speech)) < 0)
        limner_listener_close(&l);
    *out = l;
    return st;
}

static void keep(limner_listener *l, const limner_speech_frame *f)
{
    limner_heard *h = &l->waiting[(l->first_waiting + l->n_waiting++) % MAX_WAITING];

    h->pts_samples = l->n_frames++ * LIMNER_SPEECH_HOP * l->rate_hz / LIMNER_FEATURES_RATE_HZ;
    memcpy(h->share, f->share, sizeof(h->share));
    h->closure = f->closure;
    h->rounding = f->rounding;
    h->jaw = f->jaw;
    h->loudness_db = f->loudness_db;
    h->level = f->level;
    h->f0_hz = f->f0_hz;
    h->voicing = f->voicing;
}

/* Analyses n samples at 16 kHz while the queue has room; returns how many were taken. */
static size_t analyse(limner_listener *l, const float *pcm, size_t n)
{
    size_t done = 0;

    while (done < n && l->n_waiting < MAX_WAITING) {
        limner_feature_frame features;
        limner_speech_frame frame;
        size_t used;

        if (limner_features_push(l->features, pcm + done, n - done, &used, &features) &&
            limner_speech_push(l->speech, &features, &frame))
            keep(l, &frame);
        done += used;
    }
    return done;
}

/* True when nothing staged is left. */
static bool analyse_staged(limner_listener *l)
{
    const size_t used = analyse(l, l->staged + l->staged_from, l->n_staged);

    l->n_samples += (int64_t)used;
    l->staged_from += used;
    l->n_staged -= used;
    if (l->n_staged == 0)
        l->staged_from = 0;
    return l->n_staged == 0;
}

limner_status limner_listener_push(limner_listener *l, const float *pcm, size_t n, size_t *n_used)
{
    size_t done = 0;

    if (n_used)
        *n_used = 0;
    if (!l || (n && !pcm) || !n_used)
        return LIMNER_E_ARG;
    if (l->is_finished)
        return LIMNER_E_STATE;
    while (done < n && analyse_staged(l)) {
        size_t used = 0;

        limner_resampler_process(l->resampler, pcm + done, n - done, &used, l->staged,
                                 STAGE_SAMPLES, &l->n_staged);
        done += used;
    }
    analyse_staged(l);
    *n_used = done;
    return done || !n ? LIMNER_OK : LIMNER_AGAIN;
}

limner_status limner_listener_finish(limner_listener *l)
{
    if (!l)
        return LIMNER_E_ARG;
    if (l->is_finished)
        return LIMNER_E_STATE;
    l->is_finished = true;
    return LIMNER_OK;
}

/* The end: what the resampler holds, then silence until every 20 ms begun has its frame. */
static void drain(limner_listener *l)
{
    static const float SILENCE[LIMNER_FEATURES_HOP];

    while (!l->n_waiting && !l->is_flushed) {
        if (!analyse_staged(l))
            return;
        limner_resampler_flush(l->resampler, l->staged, STAGE_SAMPLES, &l->n_staged);
        l->is_flushed = l->n_staged == 0;
    }
    while (!l->n_waiting && l->n_frames * LIMNER_SPEECH_HOP < l->n_samples)
        analyse(l, SILENCE, LIMNER_FEATURES_HOP);
}

limner_status limner_listener_receive(limner_listener *l, limner_heard *out)
{
    if (!l || !out)
        return LIMNER_E_ARG;
    if (l->is_finished)
        drain(l);
    else if (!l->n_waiting)
        analyse_staged(l);
    if (!l->n_waiting) {
        memset(out, 0, sizeof(*out));
        return l->is_finished ? LIMNER_EOS : LIMNER_AGAIN;
    }
    *out = l->waiting[l->first_waiting];
    l->first_waiting = (l->first_waiting + 1) % MAX_WAITING;
    l->n_waiting--;
    return LIMNER_OK;
}

void limner_listener_close(limner_listener **listener)
{
    limner_listener *l;

    if (!listener || !*listener)
        return;
    l = *listener;
    *listener = NULL;
    limner_speech_close(&l->speech);
    limner_features_close(&l->features);
    limner_resampler_close(&l->resampler);
    limner_model_close(&l->model);
    limner_mem_free(l);
}
