/* SPDX-License-Identifier: Apache-2.0 */
/* Articulation by rule (see articulation.h). Opening follows loudness and the first formant,
 * spread and rounding the second one, both relative to the speaker's running mean (formants scale
 * with the length of the throat). Fricatives come from the share of high bands. Closures of p b m
 * show as less sound than before and after, middle and high bands that are weak against the voice's
 * own vowels, and murmur; a linear rule weighs these.
 * Coarticulation: each gesture is averaged over a window of its own width, vowels' the widest
 * (longer backwards: the share of fast movement is then nearest to real lips), the closure's
 * the narrowest and last applied, so that neighbours cannot open it again. */
#include "motion/articulation.h"

#include <math.h>
#include <string.h>

#include "motion/smooth.h"

enum {
    AHEAD = LIMNER_ARTICULATION_AHEAD,
    CENTRE = LIMNER_ARTICULATION_PAST + 1,      /* of smoothing, in the window */
    LENGTH = LIMNER_ARTICULATION_PAST + AHEAD + 1
};

/* Mean band levels of the vowels of a voice of usual loudness. */
static const float START_BAND_DB[LIMNER_FEATURES_N_BANDS] = {
    -32.0f, -28.0f, -35.0f, -38.0f, -42.0f, -48.0f
};

/* Logistic regression of "lips closed for p b m" on 7 read sentences (LJ Speech, public domain,
 * aligned by force with pocketsphinx) and 51 of flite's voices, rounded. Of the frames with closed
 * lips it finds 40 % there and 48 % in 11 sentences of other speakers (GRID), with 6 % false ones.
 * Bands, now and 30 ms later, are in units of 20 dB over the voice's mean. */
static const float CLOSURE_BAND[LIMNER_FEATURES_N_BANDS] = {
    0.3f, -1.05f, 0.45f, 0.0f, -0.75f, -0.55f
};
static const float CLOSURE_BAND_LATER[LIMNER_FEATURES_N_BANDS] = {
    0.85f, -0.55f, 0.75f, 0.0f, 0.0f, -0.3f
};
static const float CLOSURE_FALL = 1.6f, CLOSURE_RISE = 0.6f;    /* per unit of level */
static const float CLOSURE_MURMUR = 1.5f, CLOSURE_BIAS = -2.8f;
static const float CLOSURE_GAIN = 1.4f;         /* makes up for the smoothing of short ones */

void limner_articulation_init(limner_articulation *a)
{
    memset(a, 0, sizeof(*a));
    a->mean_f1 = logf(430.0f);
    a->mean_f2 = logf(1600.0f);
    memcpy(a->mean_band_db, START_BAND_DB, sizeof(START_BAND_DB));
    a->voiced_share = 0.4f;
}

/* The speaker's means over vowels; the first ones count more. */
static void learn_voice(limner_articulation *a, const limner_feature_frame *f, float voiced)
{
    float rate;

    if (f->activity > 0.5f)
        a->voiced_share += 0.004f * (voiced - a->voiced_share);
    if (f->level < 0.6f || voiced < 0.6f || f->sibilance > 0.3f)
        return;
    if (a->n_vowel < 600)
        a->n_vowel++;
    rate = 1.0f / (float)(a->n_vowel + 100);    /* the start value counts as 1 s ... */
    a->mean_f1 += rate * (logf(f->f1_hz) - a->mean_f1);
    a->mean_f2 += rate * (logf(f->f2_hz) - a->mean_f2);
    rate = a->n_vowel < 30 ? 1.0f / 30.0f : rate;       /* ... but levels differ more */
    for (int b = 0; b < LIMNER_FEATURES_N_BANDS; b++)
        a->mean_band_db[b] += rate * (f->band_db[b] - a->mean_band_db[b]);
}

/* 1 for voiced sound, and for all sound of a voice that whispers. */
static float voiced_part(const limner_articulation *a, const limner_feature_frame *f)
{
    float voiced = limner_smoothstep(f->voicing, 0.15f, 0.6f);
    float whisper = limner_clampf((0.2f - a->voiced_share) / 0.1f, 0.0f, 1.0f);

    return voiced + (1.0f - voiced) * whisper;
}

static void shape_vowel(const limner_articulation *a, const limner_feature_frame *f, float voiced,
                        limner_gesture *g)
{
    float loud = limner_smoothstep(f->level, 0.25f, 1.05f);
    float f1 = (logf(f->f1_hz) - a->mean_f1) / 0.28f;
    float f2 = (logf(f->f2_hz) - a->mean_f2) / 0.22f;
    float height = limner_clampf(0.52f + 0.27f * f1 + 0.11f * f2, 0.14f, 1.0f);

    g->spread = loud * voiced * limner_clampf(0.5f * f2 - 0.1f, 0.0f, 1.0f);
    g->round = loud * voiced *
               limner_clampf(-0.6f * f2 - 0.35f * fmaxf(0.0f, f1) - 0.1f, 0.0f, 1.0f);
    g->open = loud * height * (0.3f + 0.7f * voiced) * (1.0f - 0.45f * g->round);
}

static void shape_fricative(const limner_feature_frame *f, float voiced, limner_gesture *g)
{
    float noisy = 1.0f - 0.7f * voiced;
    float audible = limner_smoothstep(f->level, 0.05f, 0.35f);

    g->teeth = audible * noisy * limner_smoothstep(f->sibilance, 0.35f, 0.7f);
    g->hush = audible * noisy * (1.0f - g->teeth) * limner_smoothstep(f->hush, 0.45f, 0.7f) *
              (1.0f - voiced);
    g->tuck = audible * (1.0f - voiced) * (1.0f - g->teeth) * (1.0f - g->hush) *
              (1.0f - limner_smoothstep(f->level, 0.4f, 0.6f));
    g->open *= 1.0f - 0.8f * fmaxf(g->teeth, fmaxf(g->hush, 0.6f * g->tuck));
}

/* Sound without any voice near it is breath or noise, unless the voice whispers. */
static float noise_part(limner_articulation *a, float voiced)
{
    a->unvoiced_s = voiced > 0.5f ? 0.0f : fminf(a->unvoiced_s + LIMNER_STEP_S, 1.0f);
    return 0.7f * limner_smoothstep(a->unvoiced_s, 0.5f, 0.9f);
}

static void gate_speech(limner_articulation *a, const limner_feature_frame *f, float noise,
                        limner_gesture *g)
{
    a->gate += (f->activity > a->gate ? 0.4f : 0.08f) * (f->activity - a->gate);
    g->part = a->gate * (1.0f - noise);
    g->open *= f->activity * (1.0f - noise);
    g->spread *= f->activity;
    g->round *= f->activity;
    g->teeth *= f->activity;
    g->hush *= f->activity;
    g->tuck *= f->activity;
}

/* Level of a band over the voice's mean, units of 20 dB. */
static float band_over(const limner_articulation *a, const limner_feature_frame *f, int b)
{
    return limner_clampf((f->band_db[b] - a->mean_band_db[b]) / 20.0f, -2.0f, 1.5f);
}

/* Closure of the frame at index i of the window, from its neighbours on both sides. */
static float closure_at(const limner_articulation *a, int i)
{
    const limner_feature_frame *f = a->feature + i, *later = f + 3;
    float before = 0.0f, after = 0.0f, score = CLOSURE_BIAS;

    for (int k = 1; k <= 9; k++)
        before = fmaxf(before, f[-k].level);
    for (int k = 1; k <= 3; k++)
        after = fmaxf(after, f[k].level);
    score += CLOSURE_FALL * (before - f->level) + CLOSURE_RISE * (after - f->level);
    for (int b = 0; b < LIMNER_FEATURES_N_BANDS; b++)
        score += CLOSURE_BAND[b] * band_over(a, f, b) +
                 CLOSURE_BAND_LATER[b] * band_over(a, later, b);
    score += CLOSURE_MURMUR * f->voicing *
             limner_clampf(band_over(a, f, 0) - band_over(a, f, 2), 0.0f, 1.5f);
    return limner_smoothstep(score, -0.6f, 0.5f) *
           limner_smoothstep(before - f->level, 0.0f, 0.1f);
}

/* Mean of the member at `offset` over the frames `before` and `after` CENTRE, weighted by half a
 * Hann window on each side. */
static float average(const limner_articulation *a, size_t offset, int before, int after)
{
    float sum = 0.0f, weight = 0.0f;

    for (int k = -before; k <= after; k++) {
        float u = (float)k / (float)((k < 0 ? before : after) + 1);
        float w = 0.5f + 0.5f * cosf(3.14159265f * u);
        const char *g = (const char *)(a->past + CENTRE + k);

        sum += w * *(const float *)(const void *)(g + offset);
        weight += w;
    }
    return sum / weight;
}

#define AVERAGE(member, before, after) \
    (a->now.member = average(a, offsetof(limner_gesture, member), before, after))

int limner_articulation_step(limner_articulation *a, const limner_feature_frame *f)
{
    limner_gesture g = {0};
    float voiced = voiced_part(a, f);

    learn_voice(a, f, limner_smoothstep(f->voicing, 0.15f, 0.6f));
    shape_vowel(a, f, voiced, &g);
    shape_fricative(f, voiced, &g);
    gate_speech(a, f, noise_part(a, voiced), &g);
    memmove(a->past, a->past + 1, (LENGTH - 1) * sizeof(a->past[0]));
    memmove(a->feature, a->feature + 1, (LENGTH - 1) * sizeof(a->feature[0]));
    a->past[LENGTH - 1] = g;
    a->feature[LENGTH - 1] = *f;
    a->past[CENTRE + 2].closure = closure_at(a, CENTRE + 2) * a->past[CENTRE + 2].part;
    if (a->n_frames < AHEAD) {
        a->n_frames++;
        return 0;
    }
    AVERAGE(open, 8, 5);
    AVERAGE(part, 8, 5);
    AVERAGE(spread, 8, 5);
    AVERAGE(round, 8, 5);
    AVERAGE(teeth, 4, 4);
    AVERAGE(hush, 4, 4);
    AVERAGE(tuck, 4, 4);
    AVERAGE(closure, 2, 2);
    a->now.closure = fminf(1.0f, CLOSURE_GAIN * a->now.closure);
    a->now.tip = limner_clampf(0.5f * a->now.teeth + 0.3f * a->now.part * (1.0f - a->now.open),
                               0.0f, 1.0f);
    return 1;
}

static void add(limner_motion *m, int index, float x)
{
    m->expression[index] += x;
}

static void add_pair(limner_motion *m, int left, int right, float x)
{
    m->expression[left] += x;
    m->expression[right] += x;
}

void limner_articulation_apply(const limner_articulation *a, float gain, limner_motion *m)
{
    const limner_gesture *g = &a->now;
    float free = 1.0f - g->closure;
    float jaw = gain * (0.04f * g->part + 0.45f * g->open + 0.04f * g->hush) *
                (1.0f - 0.6f * g->closure);
    float apart = gain * free;
    float narrow = 1.0f - 0.85f * g->round;

    add(m, LIMNER_JAW_OPEN, jaw);
    add(m, LIMNER_MOUTH_CLOSE, jaw * g->closure);
    add(m, LIMNER_MOUTH_FUNNEL, apart * (0.35f * g->round + 0.3f * g->hush));
    add(m, LIMNER_MOUTH_PUCKER, apart * (0.65f * g->round + 0.2f * g->hush));
    add_pair(m, LIMNER_MOUTH_STRETCH_LEFT, LIMNER_MOUTH_STRETCH_RIGHT,
             apart * (0.32f * g->spread + 0.15f * g->teeth));
    add_pair(m, LIMNER_MOUTH_SMILE_LEFT, LIMNER_MOUTH_SMILE_RIGHT,
             gain * (0.22f * g->spread + 0.04f * g->teeth));
    add_pair(m, LIMNER_MOUTH_LOWER_DOWN_LEFT, LIMNER_MOUTH_LOWER_DOWN_RIGHT,
             apart * narrow * (0.09f * g->part + 0.2f * g->open + 0.28f * g->spread +
                               0.22f * g->teeth) * (1.0f - g->tuck));
    add_pair(m, LIMNER_MOUTH_UPPER_UP_LEFT, LIMNER_MOUTH_UPPER_UP_RIGHT,
             apart * narrow * (0.03f * g->part + 0.12f * g->open + 0.18f * g->spread +
                               0.1f * g->teeth + 0.1f * g->tuck));
    add(m, LIMNER_MOUTH_ROLL_LOWER, gain * (0.12f * g->closure + 0.3f * g->tuck * free));
    add(m, LIMNER_MOUTH_ROLL_UPPER, gain * 0.08f * g->closure);
    add_pair(m, LIMNER_MOUTH_PRESS_LEFT, LIMNER_MOUTH_PRESS_RIGHT, gain * 0.15f * g->closure);
    m->tongue_up += gain * g->tip;
}
