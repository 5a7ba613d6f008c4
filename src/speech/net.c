/* SPDX-License-Identifier: Apache-2.0 */
/* The net (see net.h; twin: train/speech/net.py): two convolutions over mel frames, the second one
 * at stride 2; two gated recurrent layers, the second one's output added to the first's; a
 * bottleneck, from which classes and lips are read. y[j] of the first convolution sees
 * x[j - 2 .. j + 2]; frame k sees y[2 k - 2 .. 2 k + 5], so that it comes with x[2 k + 7]. What
 * lies before the first frame is 0. x is the mel bands relative to a level that follows the
 * voice's loud parts, so that the net knows no volume. */
#include "speech/net.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "speech/level.h"

enum {
    N_MEL = LIMNER_FEATURES_N_MEL, N_CLASSES = LIMNER_SPEECH_N_CLASSES, N_LIPS = 3,
    N_BOTTLENECK = LIMNER_SPEECH_N_BOTTLENECK,
    TAPS_1 = 5, TAPS_2 = 8, AHEAD_1 = 2,
    VERSION = 1, TRUNK_GRU = 1, LAST = 7, STEP = 2,     /* of the file's format */
    MAX_WIDTH = 1024
};

struct limner_speech_net {
    limner_weights *file;
    const float *mean, *scale;          /* [N_MEL], of a band */
    const float *level;                 /* [LIMNER_LEVEL_N] */
    limner_dense conv1, conv2, bottleneck, heads;
    limner_gru gru1, gru2;
};

struct limner_speech_state {
    const limner_nn_dsp *dsp;
    float *memory;                      /* all that follows */
    float *x;                           /* [TAPS_1][N_MEL], newest last */
    float *y;                           /* [TAPS_2][outputs of conv1], newest last */
    float *z, *h1, *h2, *sum;           /* outputs of conv2, gru1, gru2; of both grus together */
    float *scratch;                     /* of a gru */
    float level;
    int64_t n_frames;                   /* taken */
};

/* ---- weights ---- */

static limner_status find_input(limner_speech_net *n)
{
    n->mean = limner_weights_numbers(n->file, "input.mean", N_MEL, 100.0f);
    n->scale = limner_weights_numbers(n->file, "input.scale", N_MEL, 100.0f);
    n->level = limner_weights_numbers(n->file, "input.level", LIMNER_LEVEL_N, 100.0f);
    if (!n->mean || !n->scale || !n->level || !(n->level[LIMNER_LEVEL_ATTACK] >= 0.0f) ||
        n->level[LIMNER_LEVEL_ATTACK] > 1.0f)
        return LIMNER_E_FORMAT;
    return LIMNER_OK;
}

/* What the file says of the rest of this program. */
static limner_status check_format(const limner_speech_net *n)
{
    const uint32_t dims[] = { 4 };
    const limner_tensor *t = limner_weights_find(n->file, "format", LIMNER_DTYPE_I32, 1, dims);
    const int32_t wanted[] = { VERSION, TRUNK_GRU, LAST, STEP };

    return t && memcmp(t->data, wanted, sizeof(wanted)) == 0 ? LIMNER_OK : LIMNER_E_FORMAT;
}

static limner_status open_layers(limner_speech_net *n)
{
    const limner_weights *file = n->file;
    limner_status st = check_format(n);

    if (st == LIMNER_OK)
        st = find_input(n);
    if (st == LIMNER_OK)
        st = limner_dense_open_conv(&n->conv1, file, "conv1.weight", "conv1.bias", 0, N_MEL,
                                    TAPS_1);
    if (st == LIMNER_OK)
        st = limner_dense_open_conv(&n->conv2, file, "conv2.weight", "conv2.bias", 0,
                                    n->conv1.n_out, TAPS_2);
    if (st == LIMNER_OK)
        st = limner_gru_open(&n->gru1, file, "gru1", n->conv2.n_out);
    if (st == LIMNER_OK)
        st = limner_gru_open(&n->gru2, file, "gru2", n->gru1.n);
    if (st == LIMNER_OK)
        st = limner_dense_open(&n->bottleneck, file, "bottleneck.weight", "bottleneck.bias",
                               N_BOTTLENECK, n->gru1.n);
    if (st == LIMNER_OK)
        st = limner_dense_open(&n->heads, file, "heads.weight", "heads.bias",
                               N_CLASSES + N_LIPS, N_BOTTLENECK);
    if (st == LIMNER_OK && (n->gru2.n != n->gru1.n || n->gru1.n > MAX_WIDTH))
        st = LIMNER_E_FORMAT;
    return st;
}

limner_status limner_speech_net_open(limner_speech_net **out, const void *bytes, size_t len_bytes)
{
    limner_speech_net *n = limner_calloc(1, sizeof(*n));
    limner_status st;

    *out = NULL;
    if (!n)
        return LIMNER_E_NOMEM;
    st = limner_weights_open(&n->file, bytes, len_bytes);
    if (st == LIMNER_OK && strcmp(limner_weights_kind(n->file), "speech") != 0)
        st = LIMNER_E_FORMAT;
    if (st == LIMNER_OK)
        st = open_layers(n);
    if (st < 0)
        limner_speech_net_close(&n);
    *out = n;
    return st;
}

void limner_speech_net_close(limner_speech_net **net)
{
    limner_speech_net *n;

    if (!net || !*net)
        return;
    n = *net;
    *net = NULL;
    limner_dense_close(&n->conv1);
    limner_dense_close(&n->conv2);
    limner_gru_close(&n->gru1);
    limner_gru_close(&n->gru2);
    limner_dense_close(&n->bottleneck);
    limner_dense_close(&n->heads);
    limner_weights_close(&n->file);
    limner_mem_free(n);
}

/* ---- one voice ---- */

limner_status limner_speech_state_open(limner_speech_state **out, const limner_speech_net *net)
{
    const size_t n_x = (size_t)TAPS_1 * N_MEL, n_y = (size_t)TAPS_2 * net->conv1.n_out;
    const size_t n_z = net->conv2.n_out, n = net->gru1.n;
    limner_speech_state *s = limner_calloc(1, sizeof(*s));

    *out = NULL;
    if (!s)
        return LIMNER_E_NOMEM;
    s->dsp = limner_nn_dsp_get(limner_cpu_flags());
    s->memory = limner_calloc(n_x + n_y + n_z + 3 * n + 6 * n, sizeof(float));
    if (!s->memory) {
        limner_speech_state_close(&s);
        return LIMNER_E_NOMEM;
    }
    s->x = s->memory;
    s->y = s->x + n_x;
    s->z = s->y + n_y;
    s->h1 = s->z + n_z;
    s->h2 = s->h1 + n;
    s->sum = s->h2 + n;
    s->scratch = s->sum + n;
    s->level = net->level[LIMNER_LEVEL_START];
    *out = s;
    return LIMNER_OK;
}

void limner_speech_state_close(limner_speech_state **s)
{
    if (!s || !*s)
        return;
    limner_mem_free((*s)->memory);
    limner_mem_free(*s);
    *s = NULL;
}

/* ---- a step ---- */

static void rectify(float *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

/* Moves all up by one; returns the place of the newest. */
static float *shift(float *window, size_t taps, size_t n)
{
    memmove(window, window + n, (taps - 1) * n * sizeof(*window));
    return window + (taps - 1) * n;
}

static void read_classes(const float *logit, float *share)
{
    float top = logit[0], sum = 0.0f;

    for (int c = 1; c < N_CLASSES; c++)
        top = logit[c] > top ? logit[c] : top;
    for (int c = 0; c < N_CLASSES; c++)
        sum += share[c] = expf(logit[c] - top);
    for (int c = 0; c < N_CLASSES; c++)
        share[c] /= sum;
}

static void read_heads(const limner_speech_net *net, const limner_speech_state *s,
                       limner_speech_frame *out)
{
    float *b = out->bottleneck, logit[N_CLASSES + N_LIPS], lips[N_LIPS];

    limner_dense_run(&net->bottleneck, s->dsp, s->sum, b);
    for (int i = 0; i < N_BOTTLENECK; i++) {
        b[i] = tanhf(b[i]);
        if (!(fabsf(b[i]) <= 1.0f))     /* a damaged net gives no number */
            b[i] = 0.0f;
    }
    limner_dense_run(&net->heads, s->dsp, b, logit);
    read_classes(logit, out->share);
    s->dsp->logistic(lips, logit + N_CLASSES, N_LIPS);
    out->closure = lips[0];
    out->rounding = lips[1];
    out->jaw = lips[2];
}

/* x: the bands of a mel frame as the net wants them. */
static void normalise(const limner_speech_net *net, limner_speech_state *s, const float *mel,
                      float *x)
{
    limner_level_follow(net->level, &s->level, mel, x);
    for (int m = 0; m < N_MEL; m++)
        x[m] = (x[m] - net->mean[m]) * net->scale[m];
}

int limner_speech_net_step(const limner_speech_net *net, limner_speech_state *s,
                           const float mel[LIMNER_FEATURES_N_MEL], limner_speech_frame *out)
{
    const int64_t j = s->n_frames++;

    normalise(net, s, mel, shift(s->x, TAPS_1, N_MEL));
    if (j < AHEAD_1)
        return 0;
    float *y = shift(s->y, TAPS_2, net->conv1.n_out);
    limner_dense_run(&net->conv1, s->dsp, s->x, y);
    rectify(y, net->conv1.n_out);
    if (j < LAST || (j - LAST) % STEP)
        return 0;
    limner_dense_run(&net->conv2, s->dsp, s->y, s->z);
    rectify(s->z, net->conv2.n_out);
    limner_gru_run(&net->gru1, s->dsp, s->z, s->h1, s->scratch);
    limner_gru_run(&net->gru2, s->dsp, s->h1, s->h2, s->scratch);
    for (uint32_t i = 0; i < net->gru1.n; i++)
        s->sum[i] = s->h1[i] + s->h2[i];
    read_heads(net, s, out);
    return 1;
}
