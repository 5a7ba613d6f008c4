/* SPDX-License-Identifier: Apache-2.0 */
/* Plain C kernels of the nets, the truth that the others are tested against, and the choice among
 * the variants. Loops run over LIMNER_NN_PANEL channels so that compilers vectorise them. */
#include "nn/nn_dsp.h"

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#if defined(__x86_64__) && LIMNER_HAVE_SIMD
#include "x86/nn_x86.h"
#elif defined(__aarch64__) && LIMNER_HAVE_SIMD
#include "arm/nn_arm.h"
#endif

static float finish(float v, const limner_nn_post *post, const float *residual, uint32_t c)
{
    if (residual && c < post->residual_n)
        v += residual[c];
    if (post->slope && !(v > 0.0f))
        v *= post->slope[c];
    return v;
}

static void finish_row(float *y, const float *sum, uint32_t at, uint32_t n,
                       const limner_nn_post *post, size_t row)
{
    const float *residual = post->residual ? post->residual + row * post->residual_n : NULL;

    for (uint32_t c = 0; c < n; c++)
        y[at + c] = finish(sum[c], post, residual, at + c);
}

/* sum [LIMNER_NN_PANEL] += a [k] * w [k][LIMNER_NN_PANEL]. Four products are added at a time: GCC
 * keeps the sums in memory between steps, and this way there are four times fewer. */
static void sum_panel(float *restrict sum, const float *restrict a, const float *restrict w,
                      uint32_t k)
{
    uint32_t i = 0;

    for (; i + 4 <= k; i += 4, w += 4 * LIMNER_NN_PANEL) {
        const float a0 = a[i], a1 = a[i + 1], a2 = a[i + 2], a3 = a[i + 3];

        for (int c = 0; c < LIMNER_NN_PANEL; c++)
            sum[c] += a0 * w[c] + a1 * w[c + LIMNER_NN_PANEL] + a2 * w[c + 2 * LIMNER_NN_PANEL] +
                      a3 * w[c + 3 * LIMNER_NN_PANEL];
    }
    for (; i < k; i++, w += LIMNER_NN_PANEL)
        for (int c = 0; c < LIMNER_NN_PANEL; c++)
            sum[c] += a[i] * w[c];
}

static void gemm_c(const limner_nn_gemm *g)
{
    for (uint32_t at = 0; at < g->n; at += LIMNER_NN_PANEL) {
        const uint32_t n = g->n - at < LIMNER_NN_PANEL ? g->n - at : LIMNER_NN_PANEL;
        const float *panel = g->w + (size_t)at * g->k;

        for (uint32_t row = 0; row < g->rows; row++) {
            float sum[LIMNER_NN_PANEL];

            memcpy(sum, g->bias + at, sizeof(sum));
            sum_panel(sum, g->a + (ptrdiff_t)row * g->a_stride, panel, g->k);
            finish_row(g->c + (size_t)row * g->n, sum, at, n, &g->post, row);
        }
    }
}

static void depthwise_c(const limner_nn_depthwise *d)
{
    for (uint32_t p = 0; p < d->pixels; p++) {
        const float *x = d->x + (ptrdiff_t)p * d->x_step;
        float *y = d->y + (size_t)p * d->channels;

        for (uint32_t c = 0; c < d->channels; c++)
            y[c] = d->bias[c];
        for (uint32_t i = 0; i < d->taps_y; i++) {
            const float *xi = x + (ptrdiff_t)i * d->x_row;
            const float *wi = d->w + (ptrdiff_t)i * d->w_row;

            for (uint32_t j = 0; j < d->taps_x; j++, xi += d->channels, wi += d->channels)
                for (uint32_t c = 0; c < d->channels; c++)
                    y[c] += xi[c] * wi[c];
        }
        finish_row(y, y, 0, d->channels, &d->post, p);
    }
}

static void logistic_c(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float v = x[i] < -80.0f ? -80.0f : x[i] > 80.0f ? 80.0f : x[i];

        y[i] = 1.0f / (1.0f + expf(-v));
    }
}

static void hard_swish_c(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float up = x[i] + 3.0f;
        const float ramp = up < 0.0f ? 0.0f : up > 6.0f ? 6.0f : up;

        y[i] = x[i] * ramp * (1.0f / 6.0f);
    }
}

static const limner_nn_dsp dsp_c = { "c", gemm_c, depthwise_c, logistic_c, hard_swish_c };

const limner_nn_dsp *limner_nn_dsp_get(uint32_t cpu_flags)
{
#if defined(__x86_64__) && LIMNER_HAVE_SIMD
    if (cpu_flags & LIMNER_CPU_AVX512)
        return &limner_nn_dsp_avx512;
    if (cpu_flags & LIMNER_CPU_AVX2)
        return &limner_nn_dsp_avx2;
#elif defined(__aarch64__) && LIMNER_HAVE_SIMD
    if (cpu_flags & LIMNER_CPU_NEON)
        return &limner_nn_dsp_neon;
#endif
    (void)cpu_flags;
    return &dsp_c;
}
