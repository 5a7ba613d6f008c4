/* SPDX-License-Identifier: Apache-2.0 */
/* The articulation net against its twin in Python (tests/data/lips-vector.*, made by train/motion),
 * at every level of the CPU, without allocations; and files that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "motion/lips.h"
#include "nn/weights.h"
#include "shipped_numbers.h"

enum {
    N_MEL = LIMNER_FEATURES_N_MEL, N_CLASSES = LIMNER_SPEECH_N_CLASSES, N_HEARD = N_CLASSES + 3,
    N_OUT = sizeof(limner_gesture) / sizeof(float), FIRST = 7
};

static const double LARGEST_DIFFERENCE = 1e-3;

static void *bytes;
static size_t len_bytes;
static limner_lips_net *net;

static int open_net(void **state)
{
    (void)state;
    bytes = read_shipped_file("models/motion.limner", &len_bytes);
    if (!bytes || limner_lips_net_open(&net, bytes, len_bytes) < 0)
        return -1;
    return 0;
}

static int close_net(void **state)
{
    (void)state;
    limner_lips_net_close(&net);
    limner_mem_free(bytes);
    return limner_mem_live() != 0;
}

static void fill(limner_speech_frame *f, const float *heard)
{
    memset(f, 0, sizeof(*f));
    memcpy(f->share, heard, sizeof(f->share));
    f->closure = heard[N_CLASSES];
    f->rounding = heard[N_CLASSES + 1];
    f->jaw = heard[N_CLASSES + 2];
}

static double distance(const limner_gesture *mouth, const float *expected)
{
    const float *got = (const float *)(const void *)mouth;
    double most = 0;

    for (int i = 0; i < N_OUT; i++)
        most = fmax(most, fabs((double)got[i] - (double)expected[i]));
    return most;
}

static double distance_to_twin(void)
{
    size_t n_mel, n_heard, n_out, n = 0;
    float *mel = read_shipped_numbers("tests/data/lips-vector.mel.f32", &n_mel);
    float *heard = read_shipped_numbers("tests/data/lips-vector.heard.f32", &n_heard);
    float *expected = read_shipped_numbers("tests/data/lips-vector.out.f32", &n_out);
    limner_speech_frame speech;
    limner_gesture mouth;
    limner_lips *l;
    double most = 0;

    assert_int_equal(n_out / N_OUT, n_heard / N_HEARD);
    assert_true(n_out / N_OUT > 50);
    assert_int_equal(limner_lips_open(&l, net), LIMNER_OK);
    const size_t live = limner_mem_live();
    for (size_t j = 0; j < n_mel / N_MEL; j++) {
        const bool is_new = j >= FIRST && (j - FIRST) % 2 == 0 && n < n_out / N_OUT;

        if (is_new)
            fill(&speech, heard + n * N_HEARD);
        assert_int_equal(limner_lips_push(l, mel + j * N_MEL, is_new ? &speech : NULL, &mouth),
                         is_new);
        if (is_new)
            most = fmax(most, distance(&mouth, expected + n++ * N_OUT));
    }
    assert_int_equal(n, n_out / N_OUT);
    assert_int_equal(limner_mem_live(), live);
    limner_lips_close(&l);
    limner_mem_free(mel);
    limner_mem_free(heard);
    limner_mem_free(expected);
    return most;
}

static void it_equals_its_twin_in_python(void **state)
{
    static const uint32_t masks[] = { 0, LIMNER_CPU_AVX2, ~0u };

    (void)state;
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        limner_cpu_set_mask(masks[i]);
        const double most = distance_to_twin();
        print_message("cpu mask %#x: largest difference %.2g\n", masks[i], most);
        assert_true(most < LARGEST_DIFFERENCE);
    }
    limner_cpu_set_mask(~0u);
}

/* A copy of the file with tensor i left out, or in another form: E_FORMAT. */
static void open_without(uint32_t left_out, bool is_bent)
{
    limner_weights *file;
    limner_weights_writer *w;
    limner_lips_net *none;
    void *copy;
    size_t len;

    assert_int_equal(limner_weights_open(&file, bytes, len_bytes), LIMNER_OK);
    assert_int_equal(limner_weights_writer_open(&w, "motion"), LIMNER_OK);
    for (uint32_t i = 0; i < limner_weights_count(file); i++) {
        const limner_tensor *t = limner_weights_at(file, i);
        const uint32_t n = (uint32_t)t->n_values;

        if (i != left_out)
            assert_int_equal(limner_weights_writer_add(w, t->name, t->dtype, t->rank, t->dims,
                                                       t->data), LIMNER_OK);
        else if (is_bent && t->rank > 1)
            assert_int_equal(limner_weights_writer_add(w, t->name, t->dtype, 1, &n, t->data),
                             LIMNER_OK);
    }
    assert_int_equal(limner_weights_writer_finish(w, &copy, &len), LIMNER_OK);
    assert_int_equal(limner_lips_net_open(&none, copy, len), LIMNER_E_FORMAT);
    assert_null(none);
    limner_weights_writer_close(&w);
    limner_mem_free(copy);
    limner_weights_close(&file);
}

static void it_refuses_files_that_lie(void **state)
{
    limner_weights *file;
    limner_lips_net *none;
    size_t len;
    void *speech = read_shipped_file("models/speech.limner", &len);

    (void)state;
    assert_int_equal(limner_weights_open(&file, bytes, len_bytes), LIMNER_OK);
    const uint32_t n = limner_weights_count(file);
    limner_weights_close(&file);
    for (uint32_t i = 0; i < n; i++) {
        open_without(i, false);
        open_without(i, true);
    }
    assert_non_null(speech);
    assert_int_equal(limner_lips_net_open(&none, speech, len), LIMNER_E_FORMAT);
    limner_mem_free(speech);
    assert_int_equal(limner_lips_net_open(&none, bytes, len_bytes / 2), LIMNER_E_FORMAT);
}

static void memory_may_run_out(void **state)
{
    limner_lips_net *n;
    limner_lips *l;
    bool is_open = false;

    (void)state;
    for (size_t k = 1; !is_open; k++) {
        limner_mem_fail_after(k);
        const limner_status st = limner_lips_net_open(&n, bytes, len_bytes);
        const limner_status st2 = st == LIMNER_OK ? limner_lips_open(&l, n) : st;
        limner_mem_fail_after(0);
        is_open = st2 == LIMNER_OK;
        assert_true(is_open || st2 == LIMNER_E_NOMEM);
        if (is_open)
            limner_lips_close(&l);
        limner_lips_net_close(&n);
        assert_true(k < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_equals_its_twin_in_python),
        cmocka_unit_test(it_refuses_files_that_lie),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, open_net, close_net);
}
