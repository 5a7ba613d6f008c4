/* SPDX-License-Identifier: Apache-2.0 */
/* The TFLite reader on small files made here: graphs compute what a slow reference computes, and
 * memory is taken only when they are opened. What is malformed: test_tflite_bad.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "nn/nn_warp.h"
#include "nn/tflite.h"
#include "tflite_graphs.h"

static double residual_block_at(const float *x, int row, int column, int n)
{
    double sum = bias[n];

    for (int i = 0; i < TAPS; i++)
        for (int j = 0; j < TAPS; j++)
            for (int c = 0; c < CHANNELS; c++) {
                const int r = row + i - 1, k = column + j - 1;

                if (r >= 0 && k >= 0 && r < SIDE && k < SIDE)
                    sum += (double)weight(n, i, j, c) * x[(r * SIDE + k) * CHANNELS + c];
            }
    if (n < CHANNELS)
        sum += x[(row * SIDE + column) * CHANNELS + n];
    return sum > 0 ? sum : sum * slope[n];
}

static void residual_block_matches_reference(void **state)
{
    const file_graph g = residual_block();
    limner_tflite_run *run;
    limner_tflite *m;
    limner_rng rng;
    float x[SIDE * SIDE * CHANNELS];

    (void)state;
    limner_rng_init(&rng, 1, 1);
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    memset(file.b, 0xff, sizeof(file.b));       /* the model has copied what it needs */
    assert_int_equal(limner_tflite_n_inputs(m), 1);
    assert_int_equal(limner_tflite_find_output(m, "tj", SIDE * SIDE * WIDE), 0);
    assert_int_equal(limner_tflite_find_output(m, "tj", SIDE * SIDE * WIDE + 1), -1);
    assert_int_equal(limner_tflite_find_output(m, "tk", SIDE * SIDE * WIDE), -1);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    for (int round = 0; round < 3; round++) {
        const float *y;

        for (size_t i = 0; i < SIDE * SIDE * CHANNELS; i++)
            x[i] = limner_rng_normal(&rng);
        memcpy(limner_tflite_run_input(run, 0), x, sizeof(x));
        limner_tflite_run_execute(run);
        y = limner_tflite_run_output(run, 0);
        for (int i = 0; i < SIDE * SIDE * WIDE; i++)
            assert_float_equal(y[i], residual_block_at(x, i / WIDE / SIDE, i / WIDE % SIDE,
                                                       i % WIDE), 1e-5);
    }
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
}

static void chain_matches_hand_values(void **state)
{
    const file_graph g = chain();
    /* pooled: 5 7 13 15; up to 4 x 4 with centres aligned: 5, 5.5, 6.5, 7 in the first row */
    const double first[8] = { 0, 5, 1, 5.5, 2, 6.5, 3, 7 };
    limner_tflite_run *run;
    limner_tflite *m;
    const float *y;

    (void)state;
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    for (int i = 0; i < 16; i++)
        limner_tflite_run_input(run, 0)[i] = (float)i;
    limner_tflite_run_execute(run);
    y = limner_tflite_run_output(run, 0);
    for (int i = 0; i < 8; i++)
        assert_float_equal(y[i], 1 / (1 + exp(-first[i] / 2)), 1e-6);
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
}

static void attention_matches_its_operators(void **state)
{
    const file_graph g = attention();
    const limner_nn_box box = { .n_points = 4, .point = { 2, 5, 7, 23 }, .left = 2, .right = 5,
                                .angle = 0.125f, .scale_x = 1.5f, .scale_y = 1.25f, .out_h = 3,
                                .out_w = 4 };
    float x[72], m[16], y[24];
    limner_tflite_run *run;
    limner_tflite *t;
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 3, 3);
    for (int i = 0; i < 72; i++)
        x[i] = 5 * limner_rng_uniform(&rng);
    assert_int_equal(open_graph(&g, &t), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, t, NULL), LIMNER_OK);
    memcpy(limner_tflite_run_input(run, 0), x, sizeof(x));
    limner_tflite_run_execute(run);
    limner_nn_box_matrix(&box, x, m);
    limner_nn_cut_out(x, 6, 6, 2, m, y, 3, 4);
    assert_memory_equal(limner_tflite_run_output(run, 0), y, sizeof(y));
    assert_true(y[10] > 0);             /* some of it lies inside */
    for (int i = 0; i < 72; i++)
        limner_tflite_run_input(run, 0)[i] = i % 2 ? NAN : INFINITY;
    limner_tflite_run_execute(run);     /* harmless */
    limner_tflite_run_close(&run);
    limner_tflite_close(&t);
}

static void every_failed_allocation_is_survived(void **state)
{
    const file_graph g = residual_block();
    const size_t live = limner_mem_live();
    limner_status st = LIMNER_E_NOMEM;

    (void)state;
    file_write(&file, &g);
    for (size_t n = 1; st == LIMNER_E_NOMEM && n < 100; n++) {
        limner_tflite_run *run = NULL;
        limner_tflite *m;

        limner_mem_fail_after(n);
        st = limner_tflite_open(&m, file.b, file.n, NULL);
        if (st == LIMNER_OK)
            st = limner_tflite_run_open(&run, m, NULL);
        limner_mem_fail_after(0);
        limner_tflite_run_close(&run);
        limner_tflite_close(&m);
        assert_int_equal(limner_mem_live(), live);
    }
    assert_int_equal(st, LIMNER_OK);
}

static void running_allocates_nothing(void **state)
{
    const file_graph g = residual_block();
    limner_tflite_run *run;
    limner_tflite *m;
    size_t count;

    (void)state;
    assert_int_equal(open_graph(&g, &m), LIMNER_OK);
    assert_int_equal(limner_tflite_run_open(&run, m, NULL), LIMNER_OK);
    count = limner_mem_count();
    limner_tflite_run_execute(run);
    assert_int_equal(limner_mem_count(), count);
    limner_tflite_run_close(&run);
    limner_tflite_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_block_matches_reference),
        cmocka_unit_test(chain_matches_hand_values),
        cmocka_unit_test(attention_matches_its_operators),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(running_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
