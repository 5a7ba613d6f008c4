/* SPDX-License-Identifier: Apache-2.0 */
/* Streaming resampler (see resample.h). Output n lies at input position n * step / phases with
 * phases / step = 16000 / rate in lowest terms. Rates with few phases get one filter row for each;
 * odd rates (44101 Hz) share MAX_PHASES rows and interpolate between neighbours, which costs less
 * than -100 dB. Filter: Kaiser window, beta 8 (-80 dB), 32 zero crossings to each side; half
 * amplitude at 94 % of the smaller Nyquist frequency, so that next to nothing folds back. */
#include "audio/resample.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"

enum {
    OUT_RATE_HZ = 16000,
    MIN_RATE_HZ = 8000,
    MAX_RATE_HZ = 192000,
    N_CROSSINGS = 32,
    MAX_PHASES = 640,               /* 11025 Hz needs 640 */
    BLOCK_SAMPLES = 2048            /* input kept beyond the filter's own length */
};

static const double CUTOFF = 0.94;
static const double KAISER_BETA = 8.0;
static const double PI = 3.14159265358979323846;

struct limner_resampler {
    float *table;                   /* [n_rows + 1][n_taps] */
    float *input;                   /* [n_taps + BLOCK_SAMPLES] */
    uint32_t n_rows, n_taps, half;  /* n_taps = 2 * half */
    uint32_t step, phases;
    uint32_t phase;                 /* of the next output, 0..phases-1 */
    size_t at, n_held;              /* first tap of the next output, samples held, in `input` */
    uint64_t n_in, n_out;           /* totals */
    uint64_t n_due;                 /* total outputs of the whole sound, known at the flush */
    uint32_t n_pad;                 /* zeros appended by the flush so far */
    int is_flushing;
};

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t t = a % b;

        a = b;
        b = t;
    }
    return a;
}

/* Modified Bessel function of the first kind, order 0, by its series. */
static double bessel_i0(double x)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; term > 1e-17 * sum; k++) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

/* Row `row` holds the filter for an output row / n_rows of a sample after tap half - 1; scaled to
 * unit gain at 0 Hz. */
static void fill_row(const limner_resampler *r, uint32_t row, double cutoff)
{
    float *w = r->table + (size_t)row * r->n_taps;
    double sum = 0.0, scale = 1.0 / bessel_i0(KAISER_BETA);

    for (uint32_t i = 0; i < r->n_taps; i++) {
        double x = (double)i - (double)(r->half - 1) - (double)row / r->n_rows;
        double u = x / r->half, arg = PI * cutoff * x;
        double h = fabs(arg) < 1e-9 ? 1.0 : sin(arg) / arg;

        h *= u * u < 1.0 ? bessel_i0(KAISER_BETA * sqrt(1.0 - u * u)) * scale : 0.0;
        sum += h;
        w[i] = (float)h;
    }
    for (uint32_t i = 0; i < r->n_taps; i++)
        w[i] = (float)(w[i] / sum);
}

limner_status limner_resampler_open(limner_resampler **out, uint32_t rate_hz)
{
    limner_resampler *r;
    double ratio, cutoff;
    uint32_t g;

    *out = NULL;
    if (rate_hz < MIN_RATE_HZ || rate_hz > MAX_RATE_HZ)
        return LIMNER_E_ARG;
    r = limner_calloc(1, sizeof(*r));
    if (!r)
        return LIMNER_E_NOMEM;
    g = gcd(OUT_RATE_HZ, rate_hz);
    r->phases = OUT_RATE_HZ / g;
    r->step = rate_hz / g;
    ratio = rate_hz > OUT_RATE_HZ ? (double)OUT_RATE_HZ / rate_hz : 1.0;
    cutoff = rate_hz == OUT_RATE_HZ ? 1.0 : CUTOFF * ratio;     /* same rate: an exact copy */
    r->half = (uint32_t)ceil(N_CROSSINGS / ratio);
    r->n_taps = 2 * r->half;
    r->n_rows = r->phases < MAX_PHASES ? r->phases : MAX_PHASES;
    r->table = limner_alloc((size_t)(r->n_rows + 1) * r->n_taps, sizeof(float));
    r->input = limner_calloc(r->n_taps + BLOCK_SAMPLES, sizeof(float));
    if (!r->table || !r->input) {
        limner_resampler_close(&r);
        return LIMNER_E_NOMEM;
    }
    for (uint32_t row = 0; row <= r->n_rows; row++)
        fill_row(r, row, cutoff);
    r->n_held = r->half - 1;        /* silence before the first sample */
    *out = r;
    return LIMNER_OK;
}

static float sample_at(const limner_resampler *r)
{
    const float *x = r->input + r->at;
    uint64_t scaled = (uint64_t)r->phase * r->n_rows;
    uint32_t row = (uint32_t)(scaled / r->phases);
    float frac = (float)(scaled % r->phases) / (float)r->phases;
    const float *w = r->table + (size_t)row * r->n_taps;
    float y = limner_dot(x, w, r->n_taps);

    if (frac > 0.0f)
        y += frac * (limner_dot(x, w + r->n_taps, r->n_taps) - y);
    return y;
}

/* Writes outputs whose taps have all come; returns how many. */
static size_t emit(limner_resampler *r, float *out, size_t n_out)
{
    size_t n = 0;

    while (n < n_out && r->at + r->n_taps <= r->n_held) {
        if (r->is_flushing && r->n_out >= r->n_due)
            break;
        out[n++] = sample_at(r);
        r->n_out++;
        r->phase += r->step;
        r->at += r->phase / r->phases;
        r->phase %= r->phases;
    }
    return n;
}

/* Moves what is still needed to the front; returns how many samples may be appended. */
static size_t make_room(limner_resampler *r)
{
    size_t drop = r->at < r->n_held ? r->at : r->n_held;

    if (r->n_held == r->n_taps + BLOCK_SAMPLES && drop) {
        memmove(r->input, r->input + drop, (r->n_held - drop) * sizeof(float));
        r->n_held -= drop;
        r->at -= drop;
    }
    return r->n_taps + BLOCK_SAMPLES - r->n_held;
}

static float clean(float x)
{
    if (!(x >= -1.0f))              /* true for NaN */
        return x < -1.0f ? -1.0f : 0.0f;
    return x > 1.0f ? 1.0f : x;
}

void limner_resampler_process(limner_resampler *r, const float *in, size_t n_in, size_t *n_used,
                              float *out, size_t n_out, size_t *n_written)
{
    *n_used = *n_written = 0;
    for (;;) {
        size_t room, n;

        *n_written += emit(r, out + *n_written, n_out - *n_written);
        room = make_room(r);
        n = n_in - *n_used < room ? n_in - *n_used : room;
        if (n == 0)
            return;
        for (size_t i = 0; i < n; i++)
            r->input[r->n_held + i] = clean(in[*n_used + i]);
        r->n_held += n;
        r->n_in += n;
        *n_used += n;
    }
}

void limner_resampler_flush(limner_resampler *r, float *out, size_t n_out, size_t *n_written)
{
    if (!r->is_flushing) {
        r->is_flushing = 1;
        r->n_due = (r->n_in * r->phases + r->step - 1) / r->step;
        r->n_pad = r->half + 1;
    }
    *n_written = 0;
    for (;;) {
        size_t room, n;

        *n_written += emit(r, out + *n_written, n_out - *n_written);
        room = make_room(r);
        n = r->n_pad < room ? r->n_pad : room;
        if (n == 0)
            return;
        memset(r->input + r->n_held, 0, n * sizeof(float));
        r->n_held += n;
        r->n_pad -= (uint32_t)n;
    }
}

uint32_t limner_resampler_ahead(const limner_resampler *r)
{
    return r->half + 1;
}

void limner_resampler_close(limner_resampler **r)
{
    if (!r || !*r)
        return;
    limner_mem_free((*r)->table);
    limner_mem_free((*r)->input);
    limner_mem_free(*r);
    *r = NULL;
}
