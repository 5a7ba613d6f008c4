/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the performance share: a made-up voice in steps of 10 ms, silence, and the mean and
 * the standard deviation of a track. */
#ifndef LIMNER_TESTS_TALKING_VOICE_H
#define LIMNER_TESTS_TALKING_VOICE_H

#include <math.h>

#include "motion/prosody.h"

enum { STEPS_PER_S = 100, MINUTES = 20, N_STEPS = MINUTES * 60 * STEPS_PER_S };

/* A voice that talks for 3 s, pauses for 0.6 s, with accents. */
static inline limner_prosody voice_at(int k)
{
    limner_prosody v = {0};
    const int t = k % 360;

    v.is_speech = t < 300;
    v.loud_slow = 0.6f;
    v.beat = v.is_speech ? 0.2f * sinf(0.25f * (float)t) : 0.0f;
    v.loud = v.is_speech ? 0.6f + v.beat : 0.0f;
    v.is_accent = v.is_speech && t % 70 == 35;
    v.is_phrase_end = t == 315;
    v.is_phrase_start = t == 0;
    v.silence_s = v.is_speech ? 0.0f : (float)(t - 300) / STEPS_PER_S;
    return v;
}

static inline double mean(const float *x, int n)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

static inline double deviation(const float *x, int n)
{
    double m = mean(x, n), sum = 0.0;

    for (int i = 0; i < n; i++)
        sum += (x[i] - m) * (x[i] - m);
    return sqrt(sum / n);
}

static inline limner_prosody silence_at(int k)
{
    const limner_prosody v = {.loud_slow = 0.5f, .silence_s = 1.0f + (float)k / STEPS_PER_S};

    return v;
}

#endif
