/* SPDX-License-Identifier: Apache-2.0 */
/* Acoustic features (see features.h). Spectrum: 512-point FFT of a 32 ms Hann window, centred on
 * the frame's time. Loudness: A-weighting (IEC 61672-1). Background: the least loudness of the
 * last 3 s (after Martin 2001, minimum statistics) over runs of 100 ms without voice or hiss; while
 * there are none, the least loudness of all, where voiced sound counts 20 dB lower, so that a sung
 * note is not taken for hum. Loud parts: a peak that falls slowly while there is speech. Mel scale:
 * 2595 log10(1 + f / 700). */
#include "audio/features.h"

#include <math.h>
#include <string.h>

#include "audio/fft.h"
#include "audio/pitch.h"
#include "core/mem.h"

enum {
    WINDOW = 512,
    N_BINS = WINDOW / 2 + 1,
    HISTORY = LIMNER_PITCH_N_SAMPLES,
    N_FLOOR = 12,                       /* background: this many pieces ... */
    FLOOR_FRAMES = 25,                  /* ... of a quarter of a second */
    RUN_FRAMES = 10                     /* of noise, to be background */
};

static const float MIN_SPEECH_DB = -78.0f;      /* quieter is silence in every file */
static const float NO_FLOOR_DB = 50.0f;         /* louder than any sound */
static const float SPAN_DB = 30.0f;             /* from the loud parts to level 0 */
static const float BAND_EDGE_HZ[LIMNER_FEATURES_N_BANDS + 1] = {
    100.0f, 350.0f, 800.0f, 1400.0f, 2200.0f, 3800.0f, 7600.0f
};

struct limner_features {
    limner_fft *fft;
    float history[HISTORY];
    size_t n_missing;                   /* samples until the next frame */
    float window[WINDOW];
    float a_weight[N_BINS];             /* power gain, includes the window's scale */
    float mel_edge[LIMNER_FEATURES_N_MEL + 2];  /* bins */
    float power[N_BINS];
    float run_floor_db[N_FLOOR];        /* least of noise runs; [0] is being filled */
    float any_floor_db[N_FLOOR];        /* least of all sound */
    int floor_frames;
    int run_frames;                     /* length of the present noise run */
    float run_db;                       /* its running mean */
    float peak_db;
};

static float clamp01(float x)
{
    return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
}

static double mel_to_hz(double mel)
{
    return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
}

static float bin_of_hz(float hz)
{
    return hz * WINDOW / LIMNER_FEATURES_RATE_HZ;
}

/* Power gain of the A curve, 1 at 1 kHz. */
static double a_curve(double f)
{
    double f2 = f * f;
    double h = 12194.0 * 12194.0 * f2 * f2 /
               ((f2 + 20.6 * 20.6) * (f2 + 12194.0 * 12194.0) *
                sqrt((f2 + 107.7 * 107.7) * (f2 + 737.9 * 737.9)));

    return h * h * 1.5849;              /* + 2.0 dB */
}

static void fill_tables(limner_features *f)
{
    double low = 2595.0 * log10(1.0 + 20.0 / 700.0), high = 2595.0 * log10(1.0 + 7600.0 / 700.0);
    double sum = 0.0;

    for (int i = 0; i < WINDOW; i++) {
        double w = 0.5 - 0.5 * cos(2.0 * 3.14159265358979323846 * i / WINDOW);

        f->window[i] = (float)w;
        sum += w * w;
    }
    /* Parseval: 2 / (N sum w^2) times the sum over positive bins is the mean square. */
    for (int i = 0; i < WINDOW; i++)
        f->window[i] *= (float)sqrt(2.0 / (WINDOW * sum));
    for (int k = 0; k < N_BINS; k++)
        f->a_weight[k] = (float)a_curve((double)k * LIMNER_FEATURES_RATE_HZ / WINDOW);
    for (int m = 0; m < LIMNER_FEATURES_N_MEL + 2; m++)
        f->mel_edge[m] = bin_of_hz(
            (float)mel_to_hz(low + (high - low) * m / (LIMNER_FEATURES_N_MEL + 1)));
}

limner_status limner_features_open(limner_features **out)
{
    limner_features *f = limner_calloc(1, sizeof(*f));
    limner_status st;

    *out = NULL;
    if (!f)
        return LIMNER_E_NOMEM;
    st = limner_fft_open(&f->fft, WINDOW);
    if (st < 0) {
        limner_features_close(&f);
        return st;
    }
    fill_tables(f);
    f->n_missing = LIMNER_FEATURES_AHEAD;
    f->peak_db = -48.0f;                /* a quiet voice; a louder one lifts it at once */
    for (int i = 0; i < N_FLOOR; i++)
        f->run_floor_db[i] = f->any_floor_db[i] = NO_FLOOR_DB;
    *out = f;
    return LIMNER_OK;
}

static void take_spectrum(limner_features *f)
{
    float x[WINDOW], re[N_BINS], im[N_BINS];
    const float *in = f->history + HISTORY - WINDOW;

    for (int i = 0; i < WINDOW; i++)
        x[i] = in[i] * f->window[i];
    limner_fft_forward(f->fft, x, re, im);
    for (int k = 0; k < N_BINS; k++)
        f->power[k] = re[k] * re[k] + im[k] * im[k];
}

/* Triangles that overlap by half; a band narrower than a bin takes what it is next to. */
static void take_mel(const limner_features *f, float *mel)
{
    for (int m = 0; m < LIMNER_FEATURES_N_MEL; m++) {
        float a = f->mel_edge[m], b = f->mel_edge[m + 1], c = f->mel_edge[m + 2];
        float sum = 0.0f, weight = 0.0f;

        for (int k = (int)a; k <= (int)c + 1 && k < N_BINS; k++) {
            float x = (float)k, w = x < b ? (x - a) / (b - a) : (c - x) / (c - b);

            if (w <= 0.0f)
                continue;
            sum += w * f->power[k];
            weight += w;
        }
        if (weight <= 0.0f)
            sum = f->power[(int)(b + 0.5f)], weight = 1.0f;
        mel[m] = logf(sum / weight + 1e-12f);
    }
}

static float band_power(const limner_features *f, float low_hz, float high_hz)
{
    int a = (int)(bin_of_hz(low_hz) + 0.5f), b = (int)(bin_of_hz(high_hz) + 0.5f);
    float sum = 1e-12f;

    for (int k = a; k < b; k++)
        sum += f->power[k];
    return sum;
}

/* Centre of gravity; power times frequency squared (6 dB per octave) levels the voice's slope. */
static float centre_hz(const limner_features *f, float low_hz, float high_hz)
{
    int a = (int)(bin_of_hz(low_hz) + 0.5f), b = (int)(bin_of_hz(high_hz) + 0.5f);
    float sum = 1e-12f, moment = 0.0f;

    for (int k = a; k <= b; k++) {
        float p = f->power[k] * (float)k * (float)k;

        sum += p;
        moment += p * (float)k;
    }
    moment = moment / sum * (float)LIMNER_FEATURES_RATE_HZ / WINDOW;
    return moment < low_hz ? low_hz : moment;
}

static float least(const float *x)
{
    float y = x[0];

    for (int i = 1; i < N_FLOOR; i++)
        y = x[i] < y ? x[i] : y;
    return y;
}

static float background_db(limner_features *f, const limner_feature_frame *now)
{
    float loud = now->loudness_db, any = loud - 20.0f * now->voicing * now->voicing;

    if (++f->floor_frames > FLOOR_FRAMES) {
        memmove(f->run_floor_db + 1, f->run_floor_db, (N_FLOOR - 1) * sizeof(float));
        memmove(f->any_floor_db + 1, f->any_floor_db, (N_FLOOR - 1) * sizeof(float));
        f->run_floor_db[0] = f->any_floor_db[0] = NO_FLOOR_DB;
        f->floor_frames = 1;
    }
    if (now->voicing > 0.35f || now->sibilance > 0.65f) {
        f->run_frames = 0;
    } else {
        f->run_frames += f->run_frames < RUN_FRAMES;
        f->run_db += (loud - f->run_db) / (float)f->run_frames;
        if (f->run_frames == RUN_FRAMES)
            f->run_floor_db[0] = fminf(f->run_floor_db[0], f->run_db);
    }
    f->any_floor_db[0] = fminf(f->any_floor_db[0], any);
    any = least(f->run_floor_db);
    return any < NO_FLOOR_DB ? any : least(f->any_floor_db);
}

/* Fills level and activity. The peak falls 1.5 dB/s while there is speech, faster when the voice
 * has become much quieter, and not at all in silence. */
static void take_level(limner_features *f, limner_feature_frame *out)
{
    float loud = out->loudness_db, back = background_db(f, out);
    float threshold = back + 6.0f - 3.0f * out->voicing;

    if (loud > f->peak_db)
        f->peak_db += 0.15f * (loud - f->peak_db);
    else if (loud > back + 12.0f && loud > MIN_SPEECH_DB)
        f->peak_db -= 0.015f + 0.006f * fmaxf(0.0f, f->peak_db - loud - 8.0f);
    threshold = fmaxf(threshold, f->peak_db - SPAN_DB);
    threshold = fmaxf(threshold, MIN_SPEECH_DB);
    out->activity = clamp01((loud - threshold) / 6.0f);
    out->level = clamp01((loud - f->peak_db + SPAN_DB) / SPAN_DB);
}

static void analyse(limner_features *f, limner_feature_frame *out)
{
    float loud = 1e-10f, all;

    take_spectrum(f);
    take_mel(f, out->mel);
    for (int k = 1; k < N_BINS; k++)
        loud += f->power[k] * f->a_weight[k];
    out->loudness_db = 10.0f * log10f(loud);
    out->f0_hz = limner_pitch_estimate(f->history + HISTORY - LIMNER_PITCH_N_SAMPLES,
                                       &out->voicing);
    if (out->voicing < 0.3f)
        out->f0_hz = 0.0f;
    all = band_power(f, 100.0f, 7800.0f);
    out->sibilance = band_power(f, 3800.0f, 7800.0f) / all;
    out->hush = band_power(f, 1800.0f, 3800.0f) / all;
    take_level(f, out);
    for (int b = 0; b < LIMNER_FEATURES_N_BANDS; b++)
        out->band_db[b] = 10.0f * log10f(band_power(f, BAND_EDGE_HZ[b], BAND_EDGE_HZ[b + 1]));
    out->f1_hz = centre_hz(f, 200.0f, 1000.0f);
    out->f2_hz = centre_hz(f, 800.0f, 3000.0f);
}

static float clean(float x)
{
    if (!(x >= -1.0f))                  /* true for NaN */
        return x < -1.0f ? -1.0f : 0.0f;
    return x > 1.0f ? 1.0f : x;
}

int limner_features_push(limner_features *f, const float *pcm, size_t n, size_t *n_used,
                         limner_feature_frame *out)
{
    size_t take = n < f->n_missing ? n : f->n_missing;

    memmove(f->history, f->history + take, (HISTORY - take) * sizeof(float));
    for (size_t i = 0; i < take; i++)
        f->history[HISTORY - take + i] = clean(pcm[i]);
    f->n_missing -= take;
    *n_used = take;
    if (f->n_missing)
        return 0;
    f->n_missing = LIMNER_FEATURES_HOP;
    analyse(f, out);
    return 1;
}

void limner_features_close(limner_features **f)
{
    if (!f || !*f)
        return;
    limner_fft_close(&(*f)->fft);
    limner_mem_free(*f);
    *f = NULL;
}
