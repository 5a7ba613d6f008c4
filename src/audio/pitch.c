/* SPDX-License-Identifier: Apache-2.0 */
/* YIN (see pitch.h). The window of 25 ms holds at least one and a half periods of the lowest
 * voice; half the sampling rate costs a quarter of the work and loses nothing below 1 kHz, since
 * the minimum is interpolated. */
#include "audio/pitch.h"

enum {
    RATE_HZ = 8000,
    WINDOW = 200,                       /* samples at 8 kHz: 25 ms */
    MIN_LAG = 8,                        /* 1000 Hz */
    MAX_LAG = 134,                      /* 60 Hz */
    N_DECIMATED = WINDOW + MAX_LAG + 2,
    N_TAPS = 23
};

static const float DIP = 0.15f;         /* the paper's absolute threshold (0.1) for worse sound */

/* Half-band low-pass: sinc times Hamming, gain 1; zero at even distances from the centre. */
static const float HALF_BAND[N_TAPS] = {
    -0.0023201f, 0.0f, 0.0054241f, 0.0f, -0.0159010f, 0.0f, 0.0386303f, 0.0f, -0.0894552f, 0.0f,
    0.3130693f, 0.5011053f, 0.3130693f, 0.0f, -0.0894552f, 0.0f, 0.0386303f, 0.0f, -0.0159010f,
    0.0f, 0.0054241f, 0.0f, -0.0023201f
};

static void decimate(const float *pcm, float *out)
{
    for (int i = 0; i < N_DECIMATED; i++) {
        float sum = 0.0f;

        for (int k = 0; k < N_TAPS; k++)
            sum += HALF_BAND[k] * pcm[2 * i + k];
        out[i] = sum;
    }
}

/* Squared difference of the window and itself `lag` later; eight sums so that it vectorises. */
static float difference(const float *x, int lag)
{
    float sum[8] = {0};

    for (int j = 0; j < WINDOW; j += 8)
        for (int k = 0; k < 8; k++) {
            float d = x[j + k] - x[j + k + lag];

            sum[k] += d * d;
        }
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* The first dip below the threshold, followed down to its bottom, else the deepest place. */
static int choose_lag(const float *d)
{
    int best = MIN_LAG;

    for (int lag = MIN_LAG; lag <= MAX_LAG; lag++) {
        if (d[lag] < DIP) {
            while (lag < MAX_LAG && d[lag + 1] < d[lag])
                lag++;
            return lag;
        }
        if (d[lag] < d[best])
            best = lag;
    }
    return best;
}

float limner_pitch_estimate(const float *pcm, float *voicing)
{
    float x[N_DECIMATED], d[MAX_LAG + 2], sum = 0.0f, shift = 0.0f, bend;
    int lag;

    *voicing = 0.0f;
    decimate(pcm, x);
    d[0] = 1.0f;
    for (int i = 1; i <= MAX_LAG + 1; i++) {    /* cumulative mean normalised difference */
        float raw = difference(x, i);

        sum += raw;
        d[i] = sum > 1e-9f ? raw * (float)i / sum : 1.0f;
    }
    if (sum <= 1e-9f)
        return 0.0f;
    lag = choose_lag(d);
    bend = d[lag - 1] - 2.0f * d[lag] + d[lag + 1];
    if (bend > 1e-6f)
        shift = 0.5f * (d[lag - 1] - d[lag + 1]) / bend;
    if (shift > 0.5f || shift < -0.5f)
        shift = 0.0f;
    *voicing = (0.6f - d[lag]) / 0.5f;
    *voicing = *voicing < 0.0f ? 0.0f : *voicing > 1.0f ? 1.0f : *voicing;
    return (float)RATE_HZ / ((float)lag + shift);
}
