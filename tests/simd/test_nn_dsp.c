/* SPDX-License-Identifier: Apache-2.0 */
/* Each variant of the nets' kernels against plain C on random input, over odd sizes, with canaries
 * around every output. The bound is that of summing k products in float, in any order, fused or
 * not: k * 2^-23 times the sum of their magnitudes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/rng.h"
#include "nn/nn_dsp.h"

enum { CANARY = 32 };

#define CANARY_VALUE 12345.678f

static const uint32_t masks[] = { LIMNER_CPU_AVX2, LIMNER_CPU_AVX512, LIMNER_CPU_NEON };

enum { N_MASKS = sizeof(masks) / sizeof(masks[0]) };

/* The variant of masks[index] if this machine has it, else NULL. */
static const limner_nn_dsp *variant(int index)
{
    const limner_nn_dsp *dsp = limner_nn_dsp_get(limner_cpu_flags() & masks[index]);

    return dsp != limner_nn_dsp_get(0) ? dsp : NULL;
}

static float *random_floats(limner_rng *rng, size_t n)
{
    float *x = limner_alloc(n, sizeof(*x));

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = limner_rng_normal(rng);
    return x;
}

/* n floats with canaries on both sides; the result points at the first of the n. */
static float *guarded(size_t n)
{
    float *y = limner_alloc(n + 2 * CANARY, sizeof(*y));

    assert_non_null(y);
    for (size_t i = 0; i < n + 2 * CANARY; i++)
        y[i] = CANARY_VALUE;
    return y + CANARY;
}

static void check_and_free(float *y, size_t n)
{
    for (int i = 0; i < CANARY; i++) {
        assert_float_equal(y[-1 - i], CANARY_VALUE, 0);
        assert_float_equal(y[n + (size_t)i], CANARY_VALUE, 0);
    }
    limner_mem_free(y - CANARY);
}

static void compare(const float *y, const float *expected, size_t n, double bound)
{
    for (size_t i = 0; i < n; i++)
        assert_float_equal(y[i], expected[i], bound);
}

static void check_gemm(const limner_nn_dsp *dsp, limner_rng *rng, uint32_t rows, uint32_t n,
                       uint32_t k, int post)
{
    const uint32_t padded = (n + LIMNER_NN_PANEL - 1) / LIMNER_NN_PANEL * LIMNER_NN_PANEL;
    const ptrdiff_t a_stride = (ptrdiff_t)k + (rows % 3);
    float *a = random_floats(rng, (size_t)rows * (size_t)a_stride);
    float *w = random_floats(rng, (size_t)padded * k), *bias = random_floats(rng, padded);
    float *residual = random_floats(rng, (size_t)rows * n), *slope = random_floats(rng, padded);
    float *y = guarded((size_t)rows * n), *expected = guarded((size_t)rows * n);
    limner_nn_gemm g = { .a = a, .a_stride = a_stride, .w = w, .bias = bias, .c = expected,
                         .rows = rows, .n = n, .k = k };

    if (post & 1)
        g.post.residual = residual;
    if (post & 2)
        g.post.slope = slope;
    g.post.residual_n = post & 4 && n > 3 ? n - 3 : n;
    limner_nn_dsp_get(0)->gemm(&g);
    g.c = y;
    dsp->gemm(&g);
    compare(y, expected, (size_t)rows * n, (k + 4) * (k + 4) * (double)FLT_EPSILON * 4);
    check_and_free(y, (size_t)rows * n);
    check_and_free(expected, (size_t)rows * n);
    limner_mem_free(a);
    limner_mem_free(w);
    limner_mem_free(bias);
    limner_mem_free(residual);
    limner_mem_free(slope);
}

static void gemm_equals_c(void **state)
{
    static const uint32_t ns[] = { 1, 2, 8, 15, 16, 17, 24, 31, 32, 33, 48, 50, 64 };
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 1, 0);
    for (int v = 0; v < N_MASKS; v++) {
        if (!variant(v))
            continue;
        for (uint32_t rows = 1; rows <= 21; rows++)
            for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++)
                check_gemm(variant(v), &rng, rows, ns[i], 1 + (rows * 7 + ns[i]) % 40,
                           (int)(rows + i) % 8);
        for (uint32_t n = 1; n <= 300; n += 13)         /* one row takes several panels at once */
            check_gemm(variant(v), &rng, 1, n, 1 + n % 40, (int)n % 8);
    }
}

static void check_depthwise(const limner_nn_dsp *dsp, limner_rng *rng, uint32_t pixels,
                            uint32_t channels, uint32_t taps, uint32_t stride, int post)
{
    const ptrdiff_t x_row = (ptrdiff_t)((pixels * stride + taps) * channels);
    float *x = random_floats(rng, (size_t)x_row * taps);
    float *w = random_floats(rng, (size_t)(taps + 2) * taps * channels);
    float *bias = random_floats(rng, channels), *slope = random_floats(rng, channels);
    float *residual = random_floats(rng, (size_t)pixels * channels);
    float *y = guarded((size_t)pixels * channels);
    float *expected = guarded((size_t)pixels * channels);
    limner_nn_depthwise d = { .x = x, .x_row = x_row, .x_step = (ptrdiff_t)(stride * channels),
                              .w = w, .w_row = (ptrdiff_t)((taps + 2) * channels), .bias = bias,
                              .y = expected, .pixels = pixels, .channels = channels,
                              .taps_y = taps, .taps_x = taps > 1 ? taps - pixels % 2 : 1 };

    if (post & 1)
        d.post.residual = residual;
    if (post & 2)
        d.post.slope = slope;
    d.post.residual_n = channels;
    limner_nn_dsp_get(0)->depthwise(&d);
    d.y = y;
    dsp->depthwise(&d);
    compare(y, expected, (size_t)pixels * channels, 26 * 26 * (double)FLT_EPSILON * 4);
    check_and_free(y, (size_t)pixels * channels);
    check_and_free(expected, (size_t)pixels * channels);
    limner_mem_free(x);
    limner_mem_free(w);
    limner_mem_free(bias);
    limner_mem_free(slope);
    limner_mem_free(residual);
}

static void depthwise_equals_c(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 2, 0);
    for (int v = 0; v < N_MASKS; v++) {
        if (!variant(v))
            continue;
        for (uint32_t channels = 1; channels <= 50; channels++)
            for (uint32_t pixels = 1; pixels <= 11; pixels += 2)
                check_depthwise(variant(v), &rng, pixels, channels, 1 + (channels + pixels) % 5,
                                1 + channels % 3, (int)(channels % 4));
    }
}

static void activations_equal_c(void **state)
{
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 3, 0);
    for (int v = 0; v < N_MASKS; v++) {
        if (!variant(v))
            continue;
        for (size_t n = 1; n <= 70; n++) {
            float *x = random_floats(&rng, n), *y = guarded(n), *expected = guarded(n);

            for (size_t i = 0; i < n; i++)
                x[i] *= i % 5 == 0 ? 40.0f : 3.0f;
            limner_nn_dsp_get(0)->logistic(expected, x, n);
            variant(v)->logistic(y, x, n);
            compare(y, expected, n, 1e-6);
            memcpy(y, x, n * sizeof(*y));
            variant(v)->logistic(y, y, n);      /* in place */
            compare(y, expected, n, 1e-6);
            limner_nn_dsp_get(0)->hard_swish(expected, x, n);
            variant(v)->hard_swish(y, x, n);
            compare(y, expected, n, 2e-5);
            check_and_free(y, n);
            check_and_free(expected, n);
            limner_mem_free(x);
        }
    }
}

static void logistic_holds_over_its_range(void **state)
{
    (void)state;
    for (int v = 0; v < N_MASKS; v++) {
        if (!variant(v))
            continue;
        for (float x = -100; x <= 100; x += 0.0625f) {
            float y;

            variant(v)->logistic(&y, &x, 1);
            assert_float_equal(y, 1 / (1 + exp(-(double)x)), 2e-6);
        }
    }
}

/* Zero and negative values alike are scaled; NaN stays NaN. */
static void slope_keeps_zero_and_nan(void **state)
{
    const float w[LIMNER_NN_PANEL] = { 1, 1, 1 }, bias[LIMNER_NN_PANEL] = { 0, -1, 2 };
    const float slope[LIMNER_NN_PANEL] = { 0.5f, 0.5f, 0.5f }, zero = 0, nan_value = NAN;
    float y[3];
    limner_nn_gemm g = { .a = &zero, .a_stride = 1, .w = w, .bias = bias, .c = y, .rows = 1,
                         .n = 3, .k = 1, .post = { .slope = slope } };

    (void)state;
    for (int v = -1; v < N_MASKS; v++) {
        const limner_nn_dsp *dsp = v < 0 ? limner_nn_dsp_get(0) : variant(v);

        if (!dsp)
            continue;
        g.a = &zero;
        dsp->gemm(&g);
        assert_float_equal(y[0], 0, 0);
        assert_float_equal(y[1], -0.5, 0);
        assert_float_equal(y[2], 2, 0);
        g.a = &nan_value;
        dsp->gemm(&g);
        assert_true(isnan(y[0]) && isnan(y[1]) && isnan(y[2]));
    }
}

static void each_flag_selects_its_variant(void **state)
{
    static const char *const names[] = { "avx2", "avx512", "neon" };

    (void)state;
    assert_string_equal(limner_nn_dsp_get(0)->name, "c");
    for (int v = 0; v < N_MASKS; v++) {
        if (variant(v))
            assert_string_equal(variant(v)->name, names[v]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flag_selects_its_variant),
        cmocka_unit_test(gemm_equals_c),
        cmocka_unit_test(depthwise_equals_c),
        cmocka_unit_test(activations_equal_c),
        cmocka_unit_test(logistic_holds_over_its_range),
        cmocka_unit_test(slope_keeps_zero_and_nan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
