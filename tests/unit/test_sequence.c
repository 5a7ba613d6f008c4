/* SPDX-License-Identifier: Apache-2.0 */
/* Layers over time against sums in double, from weights of each kind; files that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/rng.h"
#include "nn/sequence.h"

enum { N_IN = 11, N_OUT = 21, TAPS = 3, MAX_VALUES = 4096 };

static float values[MAX_VALUES];

static void fill(uint64_t seed, float scale)
{
    limner_rng rng;

    limner_rng_init(&rng, seed, 0);
    for (int i = 0; i < MAX_VALUES; i++)
        values[i] = scale * limner_rng_normal(&rng);
}

/* What is put into a file, in the order of the calls. */
typedef struct maker {
    limner_weights_writer *writer;
    void *bytes;
    size_t len_bytes;
    limner_weights *file;
} maker;

static void begin(maker *m)
{
    memset(m, 0, sizeof(*m));
    assert_int_equal(limner_weights_writer_open(&m->writer, "test"), LIMNER_OK);
}

static void add(maker *m, const char *name, limner_dtype type, uint32_t rank,
                const uint32_t *dims, const void *data)
{
    assert_int_equal(limner_weights_writer_add(m->writer, name, type, rank, dims, data),
                     LIMNER_OK);
}

static const limner_weights *finish(maker *m)
{
    assert_int_equal(limner_weights_writer_finish(m->writer, &m->bytes, &m->len_bytes),
                     LIMNER_OK);
    limner_weights_writer_close(&m->writer);
    assert_int_equal(limner_weights_open(&m->file, m->bytes, m->len_bytes), LIMNER_OK);
    return m->file;
}

static void end(maker *m)
{
    limner_weights_close(&m->file);
    limner_mem_free(m->bytes);
}

static double matrix_row(const float *w, const float *x, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)w[i] * (double)x[i];
    return sum;
}

static void dense_is_a_matrix(void **state)
{
    const uint32_t dims[] = { N_OUT, N_IN };
    const float *bias = values + 1000, *x = values + 2000;
    float y[N_OUT];
    limner_dense d;
    maker m;

    (void)state;
    fill(1, 1);
    begin(&m);
    add(&m, "a.weight", LIMNER_DTYPE_F32, 2, dims, values);
    add(&m, "a.bias", LIMNER_DTYPE_F32, 1, dims, bias);
    assert_int_equal(limner_dense_open(&d, finish(&m), "a.weight", "a.bias", 0, 0), LIMNER_OK);
    assert_true(d.n_in == N_IN && d.n_out == N_OUT);
    limner_dense_run(&d, limner_nn_dsp_get(limner_cpu_flags()), x, y);
    for (uint32_t j = 0; j < N_OUT; j++)
        assert_float_equal(y[j], matrix_row(values + j * N_IN, x, N_IN) + (double)bias[j], 1e-5);
    limner_dense_close(&d);
    end(&m);
}

static void small_weights_are_expanded(void **state)
{
    static const int8_t bytes[] = { -127, 0, 64, 127 };
    static const uint16_t halves[] = { 0x3c00, 0xc000, 0x3555, 0x0001 }; /* 1 -2 1/3 2^-24 */
    static const float scale[] = { 0.5f, 2.0f }, zero[2] = { 0 }, x[] = { 1.0f, 1.0f };
    const uint32_t dims[] = { 2, 2 };
    float y[2];
    limner_dense d;
    maker m;

    (void)state;
    begin(&m);
    add(&m, "i.weight", LIMNER_DTYPE_I8, 2, dims, bytes);
    add(&m, "i.weight.scale", LIMNER_DTYPE_F32, 1, dims, scale);
    add(&m, "i.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    add(&m, "h.weight", LIMNER_DTYPE_F16, 2, dims, halves);
    add(&m, "h.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    finish(&m);
    assert_int_equal(limner_dense_open(&d, m.file, "i.weight", "i.bias", 2, 2), LIMNER_OK);
    limner_dense_run(&d, limner_nn_dsp_get(0), x, y);
    assert_true(y[0] == -63.5f && y[1] == 382.0f);
    limner_dense_close(&d);
    assert_int_equal(limner_dense_open(&d, m.file, "h.weight", "h.bias", 2, 2), LIMNER_OK);
    limner_dense_run(&d, limner_nn_dsp_get(0), x, y);
    assert_true(y[0] == -1.0f);
    assert_float_equal(y[1], 0.33325195f + 0x1p-24f, 1e-7);
    limner_dense_close(&d);
    end(&m);
}

static void a_convolution_sees_the_newest_step_last(void **state)
{
    const uint32_t dims[] = { N_OUT, N_IN, TAPS };
    const float *x = values + 2000;             /* [TAPS][N_IN] */
    static const float zero[N_OUT];
    float y[N_OUT];
    limner_dense d;
    maker m;

    (void)state;
    fill(2, 1);
    begin(&m);
    add(&m, "c.weight", LIMNER_DTYPE_F32, 3, dims, values);
    add(&m, "c.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    assert_int_equal(limner_dense_open_conv(&d, finish(&m), "c.weight", "c.bias", N_OUT, N_IN,
                                            TAPS), LIMNER_OK);
    limner_dense_run(&d, limner_nn_dsp_get(limner_cpu_flags()), x, y);
    for (int j = 0; j < N_OUT; j++) {
        double sum = 0;

        for (int i = 0; i < N_IN; i++)
            for (int t = 0; t < TAPS; t++)
                sum += (double)values[(j * N_IN + i) * TAPS + t] * (double)x[t * N_IN + i];
        assert_float_equal(y[j], sum, 1e-5);
    }
    limner_dense_close(&d);
    end(&m);
}

/* One step in double. w [3 n][n_in], u [3 n][n]. */
static void slow_gru(double *h, const float *x, const float *w, const float *u, const float *b,
                     const float *c, uint32_t n_in, uint32_t n)
{
    double next[N_OUT];
    float state[N_OUT];

    for (uint32_t i = 0; i < n; i++)
        state[i] = (float)h[i];
    for (uint32_t i = 0; i < n; i++) {
        double a[3], s[3], r, z, news;

        for (uint32_t g = 0; g < 3; g++) {
            const uint32_t row = g * n + i;

            a[g] = matrix_row(w + row * n_in, x, n_in) + (double)b[row];
            s[g] = matrix_row(u + row * n, state, n) + (double)c[row];
        }
        r = 1 / (1 + exp(-a[0] - s[0]));
        z = 1 / (1 + exp(-a[1] - s[1]));
        news = tanh(a[2] + r * s[2]);
        next[i] = (1 - z) * news + z * h[i];
    }
    memcpy(h, next, n * sizeof(*h));
}

static void a_gru_equals_its_formula(void **state)
{
    enum { N = 9 };
    const uint32_t input[] = { 3 * N, N_IN }, own[] = { 3 * N, N };
    const float *u = values + 500, *b = values + 1000, *c = values + 1100, *x = values + 2000;
    double expected[N] = { 0 };
    float h[N] = { 0 }, scratch[6 * N];
    limner_gru g;
    maker m;

    (void)state;
    fill(3, 0.7f);
    begin(&m);
    add(&m, "g.input", LIMNER_DTYPE_F32, 2, input, values);
    add(&m, "g.input_bias", LIMNER_DTYPE_F32, 1, input, b);
    add(&m, "g.state", LIMNER_DTYPE_F32, 2, own, u);
    add(&m, "g.state_bias", LIMNER_DTYPE_F32, 1, own, c);
    assert_int_equal(limner_gru_open(&g, finish(&m), "g", N_IN), LIMNER_OK);
    for (int k = 0; k < 40; k++) {
        limner_gru_run(&g, limner_nn_dsp_get(limner_cpu_flags()), x + k * N_IN, h, scratch);
        slow_gru(expected, x + k * N_IN, values, u, b, c, N_IN, N);
        for (int i = 0; i < N; i++)
            assert_float_equal(h[i], expected[i], 2e-5);
    }
    limner_gru_close(&g);
    end(&m);
}

static void assert_refused(const maker *m, const char *weight, const char *bias, uint32_t n_in,
                           uint32_t n_out)
{
    limner_dense d;

    assert_int_equal(limner_dense_open(&d, m->file, weight, bias, n_in, n_out), LIMNER_E_FORMAT);
}

static void files_that_lie_are_refused(void **state)
{
    const uint32_t dims[] = { 2, 2 }, six[] = { 6, 2 }, wide[] = { 1, LIMNER_SEQUENCE_MAX + 1 };
    static const int8_t bytes[12];
    static const float zero[12], bad[] = { 1, NAN, 1, 1 }, large[] = { 1, 1, 1, 1e9f };
    static const float many[LIMNER_SEQUENCE_MAX + 1];
    limner_gru g;
    maker m;

    (void)state;
    begin(&m);
    add(&m, "nan.weight", LIMNER_DTYPE_F32, 2, dims, bad);
    add(&m, "nan.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    add(&m, "large.weight", LIMNER_DTYPE_F32, 2, dims, large);
    add(&m, "large.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    add(&m, "unscaled.weight", LIMNER_DTYPE_I8, 2, dims, bytes);
    add(&m, "unscaled.bias", LIMNER_DTYPE_F32, 1, dims, zero);
    add(&m, "unbiased.weight", LIMNER_DTYPE_F32, 2, dims, zero);
    add(&m, "wide.weight", LIMNER_DTYPE_F32, 2, wide, many);
    add(&m, "wide.bias", LIMNER_DTYPE_F32, 1, wide, zero);
    add(&m, "g.input", LIMNER_DTYPE_F32, 2, six, zero);
    add(&m, "g.input_bias", LIMNER_DTYPE_F32, 1, six, zero);
    add(&m, "g.state", LIMNER_DTYPE_F32, 2, dims, zero);
    add(&m, "g.state_bias", LIMNER_DTYPE_F32, 1, dims, zero);
    finish(&m);
    assert_refused(&m, "nan.weight", "nan.bias", 0, 0);
    assert_refused(&m, "large.weight", "large.bias", 0, 0);
    assert_refused(&m, "unscaled.weight", "unscaled.bias", 0, 0);
    assert_refused(&m, "unbiased.weight", "unbiased.bias", 0, 0);
    assert_refused(&m, "wide.weight", "wide.bias", 0, 0);
    assert_refused(&m, "absent.weight", "absent.bias", 0, 0);
    assert_refused(&m, "nan.weight", "nan.bias", 3, 2);
    assert_int_equal(limner_gru_open(&g, m.file, "g", 2), LIMNER_E_FORMAT);
    end(&m);
    assert_int_equal(limner_mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_is_a_matrix),
        cmocka_unit_test(small_weights_are_expanded),
        cmocka_unit_test(a_convolution_sees_the_newest_step_last),
        cmocka_unit_test(a_gru_equals_its_formula),
        cmocka_unit_test(files_that_lie_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
