/* SPDX-License-Identifier: Apache-2.0 */
/* Prosody (see prosody.h): running means of loudness and log pitch; an accent is a maximum of the
 * smoothed loudness, or of loudness with raised pitch, clearly above the mean, at most one in
 * 0.35 s. */
#include "motion/prosody.h"

#include <math.h>
#include <string.h>

#include "motion/smooth.h"

void limner_prosody_init(limner_prosody *p)
{
    memset(p, 0, sizeof(*p));
    p->mean_loud = 0.6f;
    p->silence_s = 2.5f;            /* nobody was heard yet */
    p->loud_slow = 0.5f;
}

static void follow_pitch(limner_prosody *p, const limner_feature_frame *f)
{
    float octave;

    if (f->f0_hz <= 0.0f || f->voicing < 0.6f || f->activity < 0.5f) {
        p->pitch *= 0.985f;
        return;
    }
    octave = log2f(f->f0_hz / 150.0f);
    if (p->n_pitch < 300)               /* the first 3 s of voice count evenly */
        p->n_pitch++;
    p->mean_pitch += (octave - p->mean_pitch) / (float)p->n_pitch;
    octave = limner_clampf(octave - p->mean_pitch, -0.6f, 0.6f);
    p->pitch += 0.12f * (octave - p->pitch);
}

static void find_phrases(limner_prosody *p)
{
    bool was_speech = p->is_speech;

    p->is_phrase_end = p->is_phrase_start = false;
    p->is_hush = p->is_loud && p->speech_s > 0.5f && p->fast_activity < 0.3f;
    if (p->fast_activity > 0.8f || p->is_hush)
        p->is_loud = !p->is_hush;
    if (p->fast_activity > 0.5f)
        p->is_speech = true;
    else if (p->fast_activity < 0.05f)
        p->is_speech = false;
    if (p->is_speech) {
        p->speech_s = was_speech ? p->speech_s + LIMNER_STEP_S : 0.0f;
        p->is_phrase_start = !was_speech && p->silence_s > 0.3f;
        p->silence_s = 0.0f;
        return;
    }
    p->silence_s += LIMNER_STEP_S;
    p->is_phrase_end = p->speech_s > 0.5f && p->silence_s > 0.15f;
    if (p->is_phrase_end)
        p->speech_s = 0.0f;
}

static void find_accents(limner_prosody *p, float before)
{
    float stress = p->beat + 0.8f * p->pitch;

    p->since_accent_s += LIMNER_STEP_S;
    p->is_accent = p->is_speech && before > p->loud && before >= p->last_loud &&
                   stress > 0.14f && p->since_accent_s > 0.35f;
    if (p->is_accent) {
        p->since_accent_s = 0.0f;
        p->stress = fminf(stress, 1.0f);
    }
    p->last_loud = before;
}

void limner_prosody_step(limner_prosody *p, const limner_feature_frame *f)
{
    float x = f->level * f->activity, before = p->loud;

    p->fast_activity += (f->activity > p->fast_activity ? 0.3f : 0.12f) *
                        (f->activity - p->fast_activity);
    p->loud += 0.16f * (x - p->loud);
    find_phrases(p);
    if (p->is_speech) {
        p->mean_loud += 0.008f * (p->loud - p->mean_loud);
        p->loud_slow += 0.005f * (p->loud - p->loud_slow);
        p->beat = p->loud - p->mean_loud;
    } else {
        p->beat *= 0.97f;
    }
    follow_pitch(p, f);
    find_accents(p, before);
}
