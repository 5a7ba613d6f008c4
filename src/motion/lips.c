/* SPDX-License-Identifier: Apache-2.0 */
/* The articulation net (see lips.h; twin: train/motion/lips_net.py). Input of frame k: classes,
 * closure, rounding and jaw of speech frame k, the mel frames 2 k + 6 and 2 k + 7 relative to the
 * voice's level. relu(dense), relu(convolution over five frames), GRU; from GRU and convolution
 * together one dense layer reads the mouth at mel frame 2 k. */
#include "motion/lips.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "nn/sequence.h"
#include "speech/level.h"

enum {
    N_MEL = LIMNER_FEATURES_N_MEL, N_CLASSES = LIMNER_SPEECH_N_CLASSES,
    N_READINGS = N_CLASSES + 3, N_IN = N_READINGS + 2 * N_MEL,
    N_OUT = sizeof(limner_gesture) / sizeof(float), N_CHANCES = 2,      /* closure and tuck, last */
    TAPS = 5, MAX_WIDTH = 512,
    VERSION = 2
};

static const float MOST = 100.0f;       /* of a number of the file's */
static const float HEARD_NOW = 0.5f;    /* weight of a p b m that sounds, beside one foreseen */

struct limner_lips_net {
    limner_weights *file;
    const float *mean, *scale;          /* [N_IN] */
    const float *level;                 /* [LIMNER_LEVEL_N] */
    limner_dense dense, conv, out;
    limner_gru gru;
};

struct limner_lips {
    const limner_lips_net *net;
    const limner_nn_dsp *dsp;
    float *memory;                      /* of y, h and scratch */
    float *y;                           /* [TAPS][width], newest last */
    float *both;                        /* [2][width]: the GRU's state, the convolution's output */
    float *scratch;                     /* [6][width] */
    float level;
    float mel[2][N_MEL];                /* the last two, relative to the level */
};

/* ---- weights ---- */

static limner_status find_numbers(limner_lips_net *n)
{
    static const uint32_t dims[] = { 2 };
    const int32_t wanted[] = { VERSION, TAPS };
    const limner_tensor *t = limner_weights_find(n->file, "lips.format", LIMNER_DTYPE_I32, 1,
                                                 dims);

    if (!t || memcmp(t->data, wanted, sizeof(wanted)) != 0)
        return LIMNER_E_FORMAT;
    n->mean = limner_weights_numbers(n->file, "lips.mean", N_IN, MOST);
    n->scale = limner_weights_numbers(n->file, "lips.scale", N_IN, MOST);
    n->level = limner_weights_numbers(n->file, "lips.level", LIMNER_LEVEL_N, MOST);
    if (!n->mean || !n->scale || !n->level ||
        !(n->level[LIMNER_LEVEL_ATTACK] >= 0.0f) || n->level[LIMNER_LEVEL_ATTACK] > 1.0f)
        return LIMNER_E_FORMAT;
    return LIMNER_OK;
}

static limner_status open_layers(limner_lips_net *n)
{
    limner_status st = find_numbers(n);

    if (st == LIMNER_OK)
        st = limner_dense_open(&n->dense, n->file, "lips.dense.weight", "lips.dense.bias", 0, N_IN);
    if (st == LIMNER_OK && n->dense.n_out > MAX_WIDTH)
        st = LIMNER_E_FORMAT;
    if (st == LIMNER_OK)
        st = limner_dense_open_conv(&n->conv, n->file, "lips.conv.weight", "lips.conv.bias",
                                    n->dense.n_out, n->dense.n_out, TAPS);
    if (st == LIMNER_OK)
        st = limner_gru_open(&n->gru, n->file, "lips.gru", n->conv.n_out);
    if (st == LIMNER_OK && n->gru.n != n->conv.n_out)
        st = LIMNER_E_FORMAT;
    if (st == LIMNER_OK)
        st = limner_dense_open(&n->out, n->file, "lips.out.weight", "lips.out.bias", N_OUT,
                               2 * n->gru.n);
    return st;
}

limner_status limner_lips_net_open(limner_lips_net **out, const void *bytes, size_t len_bytes)
{
    limner_lips_net *n = limner_calloc(1, sizeof(*n));
    limner_status st;

    *out = NULL;
    if (!n)
        return LIMNER_E_NOMEM;
    st = limner_weights_open(&n->file, bytes, len_bytes);
    if (st == LIMNER_OK && strcmp(limner_weights_kind(n->file), "motion") != 0)
        st = LIMNER_E_FORMAT;
    if (st == LIMNER_OK)
        st = open_layers(n);
    if (st < 0)
        limner_lips_net_close(&n);
    *out = n;
    return st;
}

void limner_lips_net_close(limner_lips_net **net)
{
    limner_lips_net *n;

    if (!net || !*net)
        return;
    n = *net;
    *net = NULL;
    limner_dense_close(&n->dense);
    limner_dense_close(&n->conv);
    limner_gru_close(&n->gru);
    limner_dense_close(&n->out);
    limner_weights_close(&n->file);
    limner_mem_free(n);
}

/* ---- one voice ---- */

limner_status limner_lips_open(limner_lips **out, const limner_lips_net *net)
{
    const size_t width = net->gru.n;
    limner_lips *l = limner_calloc(1, sizeof(*l));

    *out = NULL;
    if (!l)
        return LIMNER_E_NOMEM;
    l->net = net;
    l->dsp = limner_nn_dsp_get(limner_cpu_flags());
    l->memory = limner_calloc((TAPS + 2 + 6) * width, sizeof(float));
    if (!l->memory) {
        limner_lips_close(&l);
        return LIMNER_E_NOMEM;
    }
    l->y = l->memory;
    l->both = l->y + TAPS * width;
    l->scratch = l->both + 2 * width;
    l->level = net->level[LIMNER_LEVEL_START];
    *out = l;
    return LIMNER_OK;
}

void limner_lips_close(limner_lips **l)
{
    if (!l || !*l)
        return;
    limner_mem_free((*l)->memory);
    limner_mem_free(*l);
    *l = NULL;
}

/* ---- a step ---- */

static void rectify(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

static void gather(const limner_lips *l, const limner_speech_frame *speech, float x[N_IN])
{
    memcpy(x, speech->share, sizeof(speech->share));
    x[N_CLASSES] = speech->closure;
    x[N_CLASSES + 1] = speech->rounding;
    x[N_CLASSES + 2] = speech->jaw;
    memcpy(x + N_READINGS, l->mel, sizeof(l->mel));
    for (int i = 0; i < N_IN; i++)
        x[i] = (x[i] - l->net->mean[i]) * l->net->scale[i];
}

static void read_out(const limner_lips *l, const limner_speech_frame *speech,
                     limner_gesture *out)
{
    const float heard = fmaxf(speech->closure, speech->share[LIMNER_SPEECH_CLOSURE]);
    float answer[N_OUT], *chance = answer + N_OUT - N_CHANCES;

    limner_dense_run(&l->net->out, l->dsp, l->both, answer);
    for (int i = 0; i < N_OUT; i++)
        if (!(fabsf(answer[i]) <= MOST))        /* a damaged net gives no number */
            answer[i] = 0.0f;
    l->dsp->logistic(chance, chance, N_CHANCES);
    memcpy(out, answer, sizeof(*out));
    out->closure = fmaxf(out->closure, HEARD_NOW * heard);
}

int limner_lips_push(limner_lips *l, const float mel[N_MEL], const limner_speech_frame *speech,
                     limner_gesture *out)
{
    const limner_lips_net *net = l->net;
    const size_t width = net->gru.n;
    float *newest = l->y + (TAPS - 1) * width, *conv = l->both + width, x[N_IN];

    memcpy(l->mel[0], l->mel[1], sizeof(l->mel[0]));
    limner_level_follow(net->level, &l->level, mel, l->mel[1]);
    if (!speech)
        return 0;
    gather(l, speech, x);
    memmove(l->y, l->y + width, (TAPS - 1) * width * sizeof(*l->y));
    limner_dense_run(&net->dense, l->dsp, x, newest);
    rectify(newest, width);
    limner_dense_run(&net->conv, l->dsp, l->y, conv);
    rectify(conv, width);
    limner_gru_run(&net->gru, l->dsp, conv, l->both, l->scratch);
    read_out(l, speech, out);
    return 1;
}
