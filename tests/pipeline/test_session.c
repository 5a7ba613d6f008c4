/* SPDX-License-Identifier: Apache-2.0 */
/* The whole pipeline on the demo portrait: repeatability, bounds, memory, controls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <math.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fixture.h"

enum { RATE_HZ = 22050, N_SAMPLES = RATE_HZ * 3 / 2 };

static float voice[N_SAMPLES];

/* Syllables: a buzz with two formants, four times a second, silent at the end. */
static void make_voice(void)
{
    for (int i = 0; i < N_SAMPLES; i++) {
        const double t = (double)i / RATE_HZ, phase = fmod(t * 120, 1);
        const double gate = t < 1.1 ? fmax(0, sin(2 * 3.14159265 * 4 * t)) : 0;

        voice[i] = (float)(0.3 * gate * exp(-4 * phase) *
                           (sin(2 * 3.14159265 * 700 * t) + 0.5 * sin(2 * 3.14159265 * 1200 * t)));
    }
}

static uint64_t fnv(uint64_t h, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

static uint64_t hash_frame(uint64_t h, const limner_frame *f)
{
    const int is_rgba = f->pixel == LIMNER_PIXEL_RGBA;

    for (int p = 0; p < 3 && f->plane[p]; p++) {
        const uint32_t rows = p ? f->height_px / 2 : f->height_px;
        const size_t cols = is_rgba ? f->width_px * 4u :
                            p && f->pixel == LIMNER_PIXEL_I420 ? f->width_px / 2 : f->width_px;

        for (uint32_t y = 0; y < rows; y++)
            h = fnv(h, f->plane[p] + (ptrdiff_t)y * f->stride[p], cols);
    }
    h = fnv(h, &f->motion, sizeof(f->motion));
    return fnv(h, &f->pts_samples, sizeof(f->pts_samples));
}

typedef struct take {
    uint64_t hash;
    int n_frames;
    limner_motion motion[64];           /* as generated */
} take;

static limner_settings standard(void)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.rate_hz = RATE_HZ;
    set.width_px = set.height_px = 256;
    set.n_threads = 1;
    set.seed = 7;
    return set;
}

static void collect(limner_session *s, take *t)
{
    limner_frame f;

    while (limner_session_receive(s, &f) == LIMNER_OK) {
        assert_true(t->n_frames < 64);
        t->motion[t->n_frames++] = f.generated;
        t->hash = hash_frame(t->hash, &f);
        limner_frame_unref(&f);
    }
}

static void play(limner_session *s, size_t chunk, take *t)
{
    memset(t, 0, sizeof(*t));
    for (size_t at = 0; at < N_SAMPLES;) {
        const size_t n = chunk < N_SAMPLES - at ? chunk : N_SAMPLES - at;
        size_t used;
        const limner_status st = limner_session_send(s, voice + at, n, &used);

        assert_true(st == LIMNER_OK || st == LIMNER_AGAIN);
        at += used;
        collect(s, t);
    }
    assert_int_equal(limner_session_finish(s), LIMNER_OK);
    collect(s, t);
}

static take take_of(fixture *fix, const limner_settings *set, size_t chunk)
{
    limner_session *s;
    limner_frame f;
    take t;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, set, NULL), LIMNER_OK);
    play(s, chunk, &t);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_EOS);
    limner_session_close(&s);
    return t;
}

static void output_depends_on_neither_chunks_nor_threads(void **state)
{
    static const size_t chunks[] = {1, 7, 160, N_SAMPLES};
    limner_settings set = standard();
    const take first = take_of(*state, &set, 441);

    assert_int_equal(first.n_frames, 38);       /* 1.5 s at 25 frames/s, rounded up */
    for (size_t i = 0; i < 4; i++)
        assert_true(take_of(*state, &set, chunks[i]).hash == first.hash);
    for (uint32_t n = 2; n <= 8; n *= 4) {
        set.n_threads = n;
        assert_true(take_of(*state, &set, 441).hash == first.hash);
    }
}

static void a_seed_changes_the_head_and_not_the_lips(void **state)
{
    limner_settings set = standard();
    const take a = take_of(*state, &set, 441);
    take b;
    double head = 0;

    set.seed = 8;
    b = take_of(*state, &set, 441);
    assert_int_equal(a.n_frames, b.n_frames);
    for (int i = 0; i < a.n_frames; i++) {
        const float ja = a.motion[i].expression[LIMNER_JAW_OPEN];
        const float jb = b.motion[i].expression[LIMNER_JAW_OPEN];

        assert_true(fabsf(ja - jb) < 1e-6f);
        head += fabs(a.motion[i].yaw - b.motion[i].yaw);
    }
    assert_true(head > 0.1);
}

static void lips_move_with_the_voice_and_rest_in_silence(void **state)
{
    limner_settings set = standard();
    const take t = take_of(*state, &set, 441);
    /* 0.4 s after the voice: on the way from where lips hover in a pause to rest */
    float most = 0, last = t.motion[t.n_frames - 1].expression[LIMNER_JAW_OPEN];

    for (int i = 0; i < t.n_frames; i++)
        most = fmaxf(most, t.motion[i].expression[LIMNER_JAW_OPEN]);
    assert_true(most > 0.08f);
    assert_true(last < 0.08f && last < 0.5f * most);
}

/* A take shown again by way of limner_portrait_apply is what the session itself made of it. */
static void applied_motion_is_what_the_session_shows(void **state)
{
    fixture *fix = *state;
    const limner_settings set = standard();
    limner_motion applied;
    limner_session *s;
    limner_frame f;
    size_t used;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    assert_int_equal(limner_session_send(s, voice, N_SAMPLES / 2, &used), LIMNER_OK);
    while (limner_session_receive(s, &f) == LIMNER_OK) {
        limner_portrait_apply(fix->portrait, &f.generated, &applied);
        assert_memory_equal(&applied, &f.motion, sizeof(applied));
        applied = f.generated;
        limner_portrait_apply(fix->portrait, &applied, &applied);
        assert_memory_equal(&applied, &f.motion, sizeof(applied));
        limner_frame_unref(&f);
    }
    limner_session_close(&s);
}

static void a_running_session_allocates_nothing(void **state)
{
    fixture *fix = *state;
    const limner_settings set = standard();
    limner_session *s;
    size_t before;
    take t;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    before = limner_mem_count();
    play(s, 441, &t);
    assert_int_equal(limner_mem_count(), before);
    limner_session_close(&s);
}

static void frames_outlive_session_portrait_and_model(void **state)
{
    fixture *fix = *state;
    const limner_settings set = standard();
    const size_t live = limner_mem_live();
    limner_motion m;
    limner_session *s;
    limner_frame f;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    limner_portrait_motion(fix->portrait, &m);
    assert_int_equal(limner_session_send_motion(s, &m), LIMNER_OK);
    assert_int_equal(limner_session_send_motion(s, &m), LIMNER_AGAIN);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_OK);
    limner_session_close(&s);
    assert_true(f.plane[0][0] >= 16);
    limner_frame_unref(&f);
    assert_int_equal(limner_mem_live(), live);
}

static void senseless_settings_and_calls_are_refused(void **state)
{
    fixture *fix = *state;
    const limner_settings good = standard();
    limner_settings set;
    limner_controls c;
    limner_session *s;
    limner_motion m;
    size_t used;
    char why[LIMNER_DETAIL_SIZE];

#define REFUSED(field, value)                                                                  \
    do {                                                                                       \
        set = good;                                                                            \
        set.field = value;                                                                     \
        assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, why),        \
                         LIMNER_E_ARG);                                                        \
        assert_null(s);                                                                        \
        assert_true(strlen(why) > 10);                                                         \
    } while (0)
    REFUSED(rate_hz, 7999);
    REFUSED(fps_den, 0);
    REFUSED(fps_num, 1000);
    REFUSED(width_px, 257);
    REFUSED(height_px, 300);
    REFUSED(framing, LIMNER_FRAMING_ALPHA);
    REFUSED(framing, (limner_framing)3);
    REFUSED(framing, (limner_framing)-1);
    REFUSED(pixel, (limner_pixel)3);
#undef REFUSED
    set = good;
    set.n_threads = 65;
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, why),
                     LIMNER_E_LIMIT);
    assert_string_equal(why, "65 threads; 1 to 64 are possible");
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &good, why), LIMNER_OK);
    limner_controls_init(&c, sizeof(c));
    assert_int_equal(limner_session_control(s, &c), LIMNER_OK);
    c.distance = NAN;
    assert_int_equal(limner_session_control(s, &c), LIMNER_E_ARG);
    assert_int_equal(limner_session_send(s, voice, 10, &used), LIMNER_OK);
    limner_portrait_motion(fix->portrait, &m);
    assert_int_equal(limner_session_send_motion(s, &m), LIMNER_E_STATE);
    assert_int_equal(limner_session_finish(s), LIMNER_OK);
    assert_int_equal(limner_session_send(s, voice, 10, &used), LIMNER_E_STATE);
    limner_session_close(&s);
    limner_session_close(&s);
}

static void every_sample_value_is_survived(void **state)
{
    fixture *fix = *state;
    const limner_settings set = standard();
    float bad[4410];
    limner_session *s;
    size_t used;
    take t = {0};

    for (int i = 0; i < 4410; i++)
        bad[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30f;
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_OK);
    assert_int_equal(limner_session_send(s, bad, 4410, &used), LIMNER_OK);
    limner_session_finish(s);
    collect(s, &t);
    assert_int_equal(t.n_frames, 5);
    for (int i = 0; i < t.n_frames; i++) {
        float v[sizeof(limner_motion) / sizeof(float)];

        memcpy(v, &t.motion[i], sizeof(v));
        for (size_t k = 0; k < sizeof(v) / sizeof(*v); k++)
            assert_true(isfinite(v[k]));
    }
    limner_session_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_depends_on_neither_chunks_nor_threads),
        cmocka_unit_test(a_seed_changes_the_head_and_not_the_lips),
        cmocka_unit_test(lips_move_with_the_voice_and_rest_in_silence),
        cmocka_unit_test(applied_motion_is_what_the_session_shows),
        cmocka_unit_test(a_running_session_allocates_nothing),
        cmocka_unit_test(frames_outlive_session_portrait_and_model),
        cmocka_unit_test(senseless_settings_and_calls_are_refused),
        cmocka_unit_test(every_sample_value_is_survived)
    };

    make_voice();
    return cmocka_run_group_tests_name("session", tests, fixture_open, fixture_close);
}
