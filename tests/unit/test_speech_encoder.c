/* SPDX-License-Identifier: Apache-2.0 */
/* The speech encoder against its twin in Python (tests/data/speech-vector.*, made by train/speech),
 * on sound cut anyhow, without allocations, within its look-ahead; and files that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/rng.h"
#include "nn/weights.h"
#include "shipped_numbers.h"
#include "speech/encoder.h"

enum {
    N_MEL = LIMNER_FEATURES_N_MEL,
    N_OUT = LIMNER_SPEECH_N_CLASSES + 3 + LIMNER_SPEECH_N_BOTTLENECK,
    MAX_FRAMES = 400, RATE_HZ = 16000
};

static const double LARGEST_DIFFERENCE = 1e-3;

static void *bytes;
static size_t len_bytes;
static limner_speech_net *net;

static int open_net(void **state)
{
    (void)state;
    bytes = read_shipped_file("models/speech.limner", &len_bytes);
    if (!bytes || limner_speech_net_open(&net, bytes, len_bytes) < 0)
        return -1;
    return 0;
}

static int close_net(void **state)
{
    (void)state;
    limner_speech_net_close(&net);
    limner_mem_free(bytes);
    return limner_mem_live() != 0;
}

/* ---- the twin ---- */

static double distance(const limner_speech_frame *f, const float *expected)
{
    float got[N_OUT];
    double most = 0;

    memcpy(got, f->share, sizeof(f->share));
    got[LIMNER_SPEECH_N_CLASSES] = f->closure;
    got[LIMNER_SPEECH_N_CLASSES + 1] = f->rounding;
    got[LIMNER_SPEECH_N_CLASSES + 2] = f->jaw;
    memcpy(got + LIMNER_SPEECH_N_CLASSES + 3, f->bottleneck, sizeof(f->bottleneck));
    for (int i = 0; i < N_OUT; i++)
        most = fmax(most, fabs((double)got[i] - (double)expected[i]));
    return most;
}

static double distance_to_twin(void)
{
    limner_feature_frame features = {0};
    limner_speech_frame frame;
    limner_speech *s;
    size_t n_mel, n_out, n = 0;
    float *mel = read_shipped_numbers("tests/data/speech-vector.mel.f32", &n_mel);
    float *expected = read_shipped_numbers("tests/data/speech-vector.out.f32", &n_out);
    double most = 0;

    assert_true(n_out / N_OUT > 50);
    assert_int_equal(limner_speech_open(&s, net), LIMNER_OK);
    for (size_t j = 0; j < n_mel / N_MEL; j++) {
        memcpy(features.mel, mel + j * N_MEL, sizeof(features.mel));
        if (!limner_speech_push(s, &features, &frame))
            continue;
        assert_int_equal(j, 2 * n + 1 + LIMNER_SPEECH_AHEAD);
        assert_true(n < n_out / N_OUT);
        most = fmax(most, distance(&frame, expected + n++ * N_OUT));
    }
    assert_int_equal(n, n_out / N_OUT);
    limner_speech_close(&s);
    limner_mem_free(mel);
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

/* ---- sound ---- */

static float pcm[2 * RATE_HZ];
static limner_speech_frame whole[MAX_FRAMES], cut[MAX_FRAMES];

/* A buzz whose formants wander, with noise: something like a voice. */
static void make_sound(void)
{
    limner_rng rng;

    limner_rng_init(&rng, 5, 0);
    for (int i = 0; i < 2 * RATE_HZ; i++) {
        const double t = (double)i / RATE_HZ, syllable = fmax(0, sin(2 * 3.14159 * 3 * t));
        double v = 0;

        for (int k = 1; k < 24; k++)
            v += sin(2 * 3.14159 * 130 * k * t) / (k + 0.1 * pow(k - 4 - 3 * sin(7 * t), 2));
        pcm[i] = (float)(0.1 * syllable * v) + 0.002f * limner_rng_normal(&rng);
    }
}

static int listen_to(limner_speech_frame *out, size_t chunk)
{
    limner_feature_frame features;
    limner_features *f;
    limner_speech *s;
    size_t done = 0;
    int n = 0;

    assert_int_equal(limner_features_open(&f), LIMNER_OK);
    assert_int_equal(limner_speech_open(&s, net), LIMNER_OK);
    const size_t count = limner_mem_count();
    while (done < 2 * RATE_HZ) {
        const size_t left = 2 * RATE_HZ - done, give = left < chunk ? left : chunk;
        size_t used;

        if (limner_features_push(f, pcm + done, give, &used, &features) &&
            limner_speech_push(s, &features, &out[n])) {
            done += used;
            /* Nothing is heard later than promised after the frame's middle. */
            assert_true((int64_t)done <= n * LIMNER_SPEECH_HOP + LIMNER_SPEECH_HOP / 2 +
                                             LIMNER_SPEECH_AHEAD_MAX);
            n++;
        } else {
            done += used;
        }
    }
    assert_int_equal(limner_mem_count(), count);
    limner_speech_close(&s);
    limner_features_close(&f);
    return n;
}

static void chunks_change_nothing(void **state)
{
    static const size_t chunks[] = { 1, 7, 160, 5000 };
    int n;

    (void)state;
    make_sound();
    n = listen_to(whole, 333);
    assert_true(n >= 95);
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        assert_int_equal(listen_to(cut, chunks[i]), n);
        assert_memory_equal(whole, cut, (size_t)n * sizeof(whole[0]));
    }
}

static void loudness_changes_little(void **state)
{
    double most = 0;
    int n;

    (void)state;
    make_sound();
    n = listen_to(whole, 333);
    for (int i = 0; i < 2 * RATE_HZ; i++)
        pcm[i] *= 0.25f;
    listen_to(cut, 333);
    for (int k = 50; k < n; k++) {              /* the level has been found by then */
        assert_float_equal(whole[k].f0_hz, cut[k].f0_hz, 0.5);
        most = fmax(most, fabs((double)whole[k].jaw - (double)cut[k].jaw));
    }
    assert_true(most < 0.15);
}

static void silence_is_silence(void **state)
{
    int n;

    (void)state;
    memset(pcm, 0, sizeof(pcm));
    n = listen_to(whole, 333);
    for (int k = 5; k < n; k++)
        assert_true(whole[k].share[LIMNER_SPEECH_SILENCE] > 0.8f && whole[k].f0_hz == 0);
}

static void bad_samples_give_sane_frames(void **state)
{
    int n;

    (void)state;
    for (int i = 0; i < 2 * RATE_HZ; i++)
        pcm[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30f;
    n = listen_to(whole, 333);
    for (int k = 0; k < n; k++) {
        float sum = 0;

        for (int c = 0; c < LIMNER_SPEECH_N_CLASSES; c++)
            sum += whole[k].share[c];
        assert_float_equal(sum, 1, 1e-4);
        assert_true(whole[k].closure >= 0 && whole[k].closure <= 1);
    }
}

/* ---- files ---- */

/* The shipped file again without tensor `dropped`, or with one number of it changed. */
static limner_status open_changed(const char *dropped, int index, float value)
{
    limner_weights_writer *writer;
    limner_weights *file;
    limner_speech_net *other;
    void *copy, *changed = NULL;
    size_t len;

    assert_int_equal(limner_weights_open(&file, bytes, len_bytes), LIMNER_OK);
    assert_int_equal(limner_weights_writer_open(&writer, limner_weights_kind(file)), LIMNER_OK);
    for (uint32_t i = 0; i < limner_weights_count(file); i++) {
        const limner_tensor *t = limner_weights_at(file, i);
        const void *data = t->data;

        if (dropped && strcmp(t->name, dropped) == 0) {
            if (index < 0)
                continue;
            changed = limner_alloc(t->len_bytes, 1);
            assert_non_null(changed);
            memcpy(changed, t->data, t->len_bytes);
            memcpy((uint8_t *)changed + (size_t)index * sizeof(value), &value, sizeof(value));
            data = changed;
        }
        assert_int_equal(limner_weights_writer_add(writer, t->name, t->dtype, t->rank, t->dims,
                                                   data), LIMNER_OK);
    }
    assert_int_equal(limner_weights_writer_finish(writer, &copy, &len), LIMNER_OK);
    limner_weights_writer_close(&writer);
    limner_weights_close(&file);
    const limner_status st = limner_speech_net_open(&other, copy, len);
    limner_speech_net_close(&other);
    limner_mem_free(copy);
    limner_mem_free(changed);
    return st;
}

static void files_that_lie_are_refused(void **state)
{
    static const char *const needed[] = {
        "format", "input.mean", "input.scale", "input.level", "conv1.weight", "conv1.bias",
        "conv2.weight", "gru1.input", "gru1.state_bias", "gru2.state", "bottleneck.weight",
        "heads.bias"
    };
    limner_speech_net *other;

    (void)state;
    assert_int_equal(open_changed(NULL, -1, 0), LIMNER_OK);
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        assert_int_equal(open_changed(needed[i], -1, 0), LIMNER_E_FORMAT);
    assert_int_equal(open_changed("input.scale", 3, NAN), LIMNER_E_FORMAT);
    assert_int_equal(open_changed("input.level", 2, 1.5f), LIMNER_E_FORMAT);
    assert_int_equal(open_changed("conv1.bias", 0, INFINITY), LIMNER_E_FORMAT);
    assert_int_equal(open_changed("format", 1, 0x1p-100f), LIMNER_E_FORMAT);
    assert_int_equal(limner_speech_net_open(&other, bytes, len_bytes - 64), LIMNER_E_FORMAT);
    assert_null(other);
}

static void memory_may_run_out(void **state)
{
    const size_t live = limner_mem_live();
    limner_speech_net *other;
    limner_speech *s;
    limner_status st;
    size_t n = 0;

    (void)state;
    do {
        limner_mem_fail_after(++n);
        st = limner_speech_net_open(&other, bytes, len_bytes);
        if (st == LIMNER_OK)
            st = limner_speech_open(&s, other);
        limner_mem_fail_after(0);
        if (st == LIMNER_OK)
            limner_speech_close(&s);
        else
            assert_int_equal(st, LIMNER_E_NOMEM);
        limner_speech_net_close(&other);
        assert_int_equal(limner_mem_live(), live);
    } while (st != LIMNER_OK);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_equals_its_twin_in_python),
        cmocka_unit_test(chunks_change_nothing),
        cmocka_unit_test(loudness_changes_little),
        cmocka_unit_test(silence_is_silence),
        cmocka_unit_test(bad_samples_give_sane_frames),
        cmocka_unit_test(files_that_lie_are_refused),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, open_net, close_net);
}
