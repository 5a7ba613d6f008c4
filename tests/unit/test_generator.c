/* SPDX-License-Identifier: Apache-2.0 */
/* motion/generator and motion/apply: framing, determinism, silence, vowels, closures, seeds,
 * controls, memory. Sounds are made here. */
#include "motion/generator.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rng.h"
#include "shipped_file.h"

enum { MAX_FRAMES = 4000, RATE_HZ = LIMNER_GENERATOR_RATE_HZ };

typedef struct take {
    limner_motion frame[MAX_FRAMES];
    int n;
} take;

static void *net_bytes, *lips_bytes;
static limner_speech_net *net;
static limner_lips_net *lips;
static take a, b;
static float pcm[20 * RATE_HZ];

static int open_net(void **state)
{
    size_t len;

    (void)state;
    net_bytes = read_shipped_file("models/speech.limner", &len);
    if (!net_bytes || limner_speech_net_open(&net, net_bytes, len) < 0)
        return -1;
    lips_bytes = read_shipped_file("models/motion.limner", &len);
    return lips_bytes && limner_lips_net_open(&lips, lips_bytes, len) == LIMNER_OK ? 0 : -1;
}

static int close_net(void **state)
{
    (void)state;
    limner_speech_net_close(&net);
    limner_lips_net_close(&lips);
    limner_mem_free(net_bytes);
    limner_mem_free(lips_bytes);
    return 0;
}

static void receive_all(limner_generator *g, take *t)
{
    while (limner_generator_receive(g, &t->frame[t->n]) == LIMNER_OK)
        assert_true(++t->n < MAX_FRAMES);
}

/* Runs n samples of pcm in chunks with the controls (may be NULL) set at sample `at`. */
static void run(take *t, size_t n, size_t chunk, uint32_t fps, uint64_t seed,
                const limner_controls *c, size_t at)
{
    limner_generator *g;
    size_t done = 0, used;

    assert_int_equal(limner_generator_open(&g, net, lips, fps, 1, seed), LIMNER_OK);
    t->n = 0;
    while (done < n) {
        size_t give = n - done < chunk ? n - done : chunk;

        if (c && done <= at && at < done + give) {
            give = at - done ? at - done : give;
            if (done == at)
                assert_int_equal(limner_generator_control(g, c), LIMNER_OK);
        }
        assert_int_equal(limner_generator_send(g, pcm + done, give, &used), LIMNER_OK);
        done += used;
        receive_all(g, t);
    }
    assert_int_equal(limner_generator_finish(g), LIMNER_OK);
    receive_all(g, t);
    assert_int_equal(limner_generator_receive(g, &t->frame[t->n]), LIMNER_EOS);
    limner_generator_close(&g);
    assert_null(g);
}

static void silence(size_t n)
{
    memset(pcm, 0, n * sizeof(float));
}

/* Harmonics near two formants: an open vowel by default. */
static void add_vowel(size_t from, size_t to, float f1, float f2, float size)
{
    for (float hz = 130.0f; hz < 4000.0f; hz += 130.0f) {
        float gain = size * (1.0f / (1.0f + powf((hz - f1) / 120.0f, 2.0f)) +
                             0.4f / (1.0f + powf((hz - f2) / 150.0f, 2.0f)));

        for (size_t i = from; i < to; i++)
            pcm[i] += gain * sinf(6.2831853f * fmodf(hz * (float)i / RATE_HZ, 1.0f));
    }
}

static void add_noise(size_t from, size_t to, float size)
{
    limner_rng r;

    limner_rng_init(&r, 5, 5);
    for (size_t i = from; i < to; i++)
        pcm[i] += size * limner_rng_normal(&r);
}

/* Syllables of 200 ms, a fifth of a second apart from time to time, with faint noise. */
static void make_speech(size_t n)
{
    silence(n);
    for (size_t at = RATE_HZ / 2, k = 0; at + 3200 <= n; at += k % 9 == 8 ? 12000 : 4000, k++)
        add_vowel(at, at + 3200, k % 3 ? 700.0f : 400.0f, k % 2 ? 1200.0f : 2000.0f, 0.1f);
    add_noise(0, n, 0.0005f);
}

/* In units of the jaw's, by the parts that articulation.c has from rendered mixtures. */
static float opening(const limner_motion *m)
{
    return m->expression[LIMNER_JAW_OPEN] - m->expression[LIMNER_MOUTH_CLOSE] +
           0.22f * m->expression[LIMNER_MOUTH_LOWER_DOWN_LEFT] +
           0.25f * m->expression[LIMNER_MOUTH_UPPER_UP_LEFT];
}

static int is_mouth(int index)
{
    return (index >= LIMNER_JAW_FORWARD && index <= LIMNER_MOUTH_UPPER_UP_RIGHT) ||
           index == LIMNER_TONGUE_OUT;
}

static void number_of_frames_is_exact(void **state)
{
    static const size_t LENGTHS[] = {0, 1, 159, 160, 640, 641, 16000, 20001};
    static const uint32_t FPS[] = {1, 24, 25, 30, 60, 120};

    (void)state;
    silence(20001);
    for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++)
        for (size_t k = 0; k < sizeof(FPS) / sizeof(FPS[0]); k++) {
            run(&a, LENGTHS[i], 1000, FPS[k], 1, NULL, 0);
            assert_int_equal(a.n, (LENGTHS[i] * FPS[k] + RATE_HZ - 1) / RATE_HZ);
        }
}

static void frames_come_within_the_latency(void **state)
{
    limner_generator *g;
    limner_motion m;
    int n = 0;
    size_t used;

    (void)state;
    silence(RATE_HZ);
    assert_int_equal(limner_generator_open(&g, net, lips, 30000, 1001, 1), LIMNER_OK);
    assert_true(limner_generator_latency_samples(g) <= RATE_HZ * 17 / 100);
    for (int64_t i = 1; i <= RATE_HZ; i++) {
        int64_t due = i - limner_generator_latency_samples(g);

        assert_int_equal(limner_generator_send(g, pcm, 1, &used), LIMNER_OK);
        assert_int_equal(used, 1);
        while (limner_generator_receive(g, &m) == LIMNER_OK)
            n++;
        assert_true(due < (int64_t)n * RATE_HZ * 1001 / 30000);     /* frame n is not due yet */
    }
    limner_generator_close(&g);
}

static void chunks_change_nothing(void **state)
{
    static const size_t CHUNKS[] = {1, 7, 160, 1000000};
    limner_controls c;

    (void)state;
    make_speech(3 * RATE_HZ);
    limner_controls_init(&c, sizeof(c));
    c.yaw = 10.0f;
    c.gaze_pitch = -8.0f;
    c.emotion[LIMNER_HAPPY] = 0.7f;
    run(&a, 3 * RATE_HZ, 333, 30, 7, &c, 20011);
    for (int k = 0; k < 4; k++) {
        run(&b, 3 * RATE_HZ, CHUNKS[k], 30, 7, &c, 20011);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.frame, b.frame, (size_t)a.n * sizeof(a.frame[0]));
    }
}

static void a_full_queue_takes_no_more(void **state)
{
    limner_generator *g;
    size_t used, total = 0;
    limner_status st;

    (void)state;
    make_speech(3 * RATE_HZ);
    assert_int_equal(limner_generator_open(&g, net, lips, 25, 1, 7), LIMNER_OK);
    while ((st = limner_generator_send(g, pcm + total, 3 * RATE_HZ - total, &used)) == LIMNER_OK)
        total += used;
    assert_int_equal(st, LIMNER_AGAIN);
    assert_true(total < 2 * RATE_HZ);
    b.n = 0;
    receive_all(g, &b);
    while (total < 3 * RATE_HZ) {
        assert_int_equal(limner_generator_send(g, pcm + total, 3 * RATE_HZ - total, &used), 0);
        total += used;
        receive_all(g, &b);
    }
    assert_int_equal(limner_generator_finish(g), LIMNER_OK);
    assert_int_equal(limner_generator_send(g, pcm, 1, &used), LIMNER_E_STATE);
    assert_int_equal(limner_generator_finish(g), LIMNER_E_STATE);
    receive_all(g, &b);
    limner_generator_close(&g);
    run(&a, 3 * RATE_HZ, 160, 25, 7, NULL, 0);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.frame, b.frame, (size_t)a.n * sizeof(a.frame[0]));
}

static void silence_shuts_the_lips_and_keeps_the_face_alive(void **state)
{
    double yaw = 0.0, breath = 0.0;
    int blinks = 0;

    (void)state;
    silence(20 * RATE_HZ);
    add_noise(0, 20 * RATE_HZ, 0.0003f);
    run(&a, 20 * RATE_HZ, 4000, 25, 3, NULL, 0);
    for (int k = 0; k < a.n; k++) {
        assert_true(opening(&a.frame[k]) < (k < 10 ? 0.1f : 0.02f));      /* hearing settles */
        yaw += fabsf(a.frame[k].yaw);
        breath = fmax(breath, a.frame[k].breath);
        blinks += k && a.frame[k].expression[LIMNER_EYE_BLINK_LEFT] > 0.5f &&
                  a.frame[k - 1].expression[LIMNER_EYE_BLINK_LEFT] <= 0.5f;
    }
    assert_true(yaw / a.n > 0.5 && breath > 0.9 && blinks >= 2);
}

static void the_first_frame_is_the_photo(void **state)
{
    const limner_motion *m = &a.frame[0];

    (void)state;
    silence(RATE_HZ);
    run(&a, RATE_HZ, 4000, 25, 3, NULL, 0);
    assert_true(m->yaw == 0.0f && m->pitch == 0.0f && m->roll == 0.0f && m->x == 0.0f &&
                m->y == 0.0f && m->z == 0.0f && m->distance == 1.0f && m->sway == 0.0f);
    for (int k = 1; k < a.n; k++)
        assert_true(fabsf(a.frame[k].yaw - a.frame[k - 1].yaw) < 2.0f);
}

static void vowels_open_and_pauses_close(void **state)
{
    (void)state;
    silence(4 * RATE_HZ);
    add_vowel(RATE_HZ, 22400, 750.0f, 1300.0f, 0.1f);   /* 400 ms */
    add_noise(0, 4 * RATE_HZ, 0.0003f);
    run(&a, 4 * RATE_HZ, 4000, 25, 1, NULL, 0);
    for (int k = 0; k < a.n; k++) {
        if (k >= 29 && k < 34)
            assert_true(opening(&a.frame[k]) > 0.2f);
        if (k < 21 || k >= 65)                  /* 1.2 s after the end */
            assert_true(opening(&a.frame[k]) < 0.03f);
        if (k)                                  /* 40 ms: no hard snap */
            assert_true(fabsf(opening(&a.frame[k]) - opening(&a.frame[k - 1])) < 0.35f);
    }
}

/* Three seconds of syllables, silence: a breath through parted lips, then rest. */
static void long_speech_is_followed_by_a_breath(void **state)
{
    float most = 0.0f;

    (void)state;
    silence(8 * RATE_HZ);
    for (size_t at = RATE_HZ / 2, k = 0; at < 4 * RATE_HZ; at += 3600, k++)
        add_vowel(at, at + 3400, k % 3 ? 700.0f : 400.0f, k % 2 ? 1200.0f : 2000.0f, 0.1f);
    add_noise(0, 8 * RATE_HZ, 0.0003f);
    run(&a, 8 * RATE_HZ, 4000, 25, 1, NULL, 0);
    for (int k = 110; k < 130; k++)             /* 0.3 to 1.1 s after the voice */
        most = fmaxf(most, opening(&a.frame[k]));
    assert_true(most > 0.05f && most < 0.3f);
    for (int k = 175; k < a.n; k++)
        assert_true(opening(&a.frame[k]) < 0.02f);
}

static void rounded_and_spread_vowels_differ(void **state)
{
    const float *u, *i;

    (void)state;
    silence(4 * RATE_HZ);
    add_vowel(RATE_HZ / 2, RATE_HZ, 500.0f, 1600.0f, 0.1f);
    add_vowel(RATE_HZ, 2 * RATE_HZ, 320.0f, 850.0f, 0.1f);
    add_vowel(2 * RATE_HZ, 3 * RATE_HZ, 320.0f, 2500.0f, 0.1f);
    run(&a, 4 * RATE_HZ, 4000, 25, 1, NULL, 0);
    u = a.frame[37].expression;
    i = a.frame[62].expression;
    assert_true(u[LIMNER_MOUTH_PUCKER] > i[LIMNER_MOUTH_PUCKER] + 0.2f);
    assert_true(i[LIMNER_MOUTH_PUCKER] < 0.1f && u[LIMNER_MOUTH_STRETCH_LEFT] == 0.0f);
}

/* An m: a hundred milliseconds of the lowest harmonics between two vowels. */
static void a_murmur_between_vowels_closes_the_lips(void **state)
{
    float least = 1.0f;

    (void)state;
    silence(3 * RATE_HZ);
    add_vowel(RATE_HZ / 2, 20800, 700.0f, 1200.0f, 0.1f);
    add_vowel(20800, 22400, 200.0f, 250.0f, 0.03f);
    add_vowel(22400, 2 * RATE_HZ, 700.0f, 1200.0f, 0.1f);
    add_noise(0, 3 * RATE_HZ, 0.0003f);
    run(&a, 3 * RATE_HZ, 4000, 100, 1, NULL, 0);
    for (int k = 130; k < 145; k++)
        least = fminf(least, opening(&a.frame[k]));
    assert_true(opening(&a.frame[115]) > 0.2f && opening(&a.frame[160]) > 0.2f);
    assert_true(least < 0.06f);
}

static void noise_does_not_make_the_mouth_chatter(void **state)
{
    (void)state;
    silence(6 * RATE_HZ);
    add_noise(0, 6 * RATE_HZ, 0.1f);
    run(&a, 6 * RATE_HZ, 4000, 25, 1, NULL, 0);
    for (int k = 10; k < a.n; k++) {
        assert_true(fabsf(opening(&a.frame[k]) - opening(&a.frame[k - 1])) < 0.01f);
        assert_true(opening(&a.frame[k]) < (k < 25 ? 0.08f : 0.03f));     /* a second to settle */
    }
}

static void a_seed_changes_the_head_and_not_the_lips(void **state)
{
    double apart = 0.0;

    (void)state;
    make_speech(5 * RATE_HZ);
    run(&a, 5 * RATE_HZ, 4000, 25, 1, NULL, 0);
    run(&b, 5 * RATE_HZ, 4000, 25, 2, NULL, 0);
    for (int k = 0; k < a.n; k++) {
        apart += fabsf(a.frame[k].yaw - b.frame[k].yaw) / (float)a.n;
        for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
            if (is_mouth(i))
                assert_true(a.frame[k].expression[i] == b.frame[k].expression[i]);
    }
    assert_true(apart > 1.0);
    run(&b, 5 * RATE_HZ, 4000, 25, 1, NULL, 0);
    assert_memory_equal(a.frame, b.frame, (size_t)a.n * sizeof(a.frame[0]));
}

static void a_take_is_the_same_at_every_frame_rate(void **state)
{
    (void)state;
    make_speech(2 * RATE_HZ);
    run(&a, 2 * RATE_HZ, 4000, 25, 1, NULL, 0);
    run(&b, 2 * RATE_HZ, 4000, 50, 1, NULL, 0);
    for (int k = 0; k < a.n; k++)
        assert_memory_equal(&a.frame[k], &b.frame[2 * k], sizeof(a.frame[0]));
}

static void controls_are_obeyed_smoothly(void **state)
{
    limner_controls c;

    (void)state;
    make_speech(6 * RATE_HZ);
    limner_controls_init(&c, sizeof(c));
    c.is_still = 1;
    c.yaw = 20.0f;
    c.distance = 1.5f;
    c.gaze_yaw = -15.0f;
    c.mouth_gain = 0.0f;
    c.blink_rate = 0.0f;
    c.emotion[LIMNER_SURPRISED] = 1.0f;
    run(&a, 6 * RATE_HZ, 4000, 25, 1, NULL, 0);
    run(&b, 6 * RATE_HZ, 4000, 25, 1, &c, 2 * RATE_HZ);
    assert_memory_equal(a.frame, b.frame, 50 * sizeof(a.frame[0]));
    for (int k = 100; k < b.n; k++) {
        assert_true(fabsf(b.frame[k].yaw - 20.0f) < 0.05f && fabsf(b.frame[k].pitch) < 0.05f);
        assert_true(fabsf(b.frame[k].distance - 1.5f) < 0.01f);
        assert_true(fabsf(b.frame[k].gaze_yaw + 15.0f) < 14.0f);
        assert_true(b.frame[k].expression[LIMNER_BROW_INNER_UP] > 0.6f);
        assert_true(b.frame[k].expression[LIMNER_MOUTH_PUCKER] < 0.01f);
        assert_true(b.frame[k].expression[LIMNER_EYE_BLINK_LEFT] == 0.0f);
    }
    for (int k = 50; k < 100; k++)
        assert_true(fabsf(b.frame[k].yaw - b.frame[k - 1].yaw) < 4.0f);
    run(&b, RATE_HZ, 4000, 25, 1, &c, 0);       /* set before the first sound: from frame 0 */
    assert_true(b.frame[0].yaw == 20.0f && b.frame[0].distance == 1.5f);
}

static void nothing_is_allocated_after_opening(void **state)
{
    const size_t live = limner_mem_live();
    limner_generator *g;
    limner_controls c;
    limner_motion m;
    size_t used, count;

    (void)state;
    make_speech(RATE_HZ);
    limner_controls_init(&c, sizeof(c));
    assert_int_equal(limner_generator_open(&g, net, lips, 25, 1, 1), LIMNER_OK);
    count = limner_mem_count();
    limner_generator_send(g, pcm, RATE_HZ, &used);
    limner_generator_control(g, &c);
    limner_generator_finish(g);
    while (limner_generator_receive(g, &m) == LIMNER_OK)
        continue;
    assert_int_equal(limner_mem_count(), count);
    limner_generator_close(&g);
    assert_int_equal(limner_mem_live(), live);
    for (size_t n = 1; n <= 4; n++) {
        limner_mem_fail_after(n);
        assert_int_equal(limner_generator_open(&g, net, lips, 25, 1, 1), LIMNER_E_NOMEM);
    }
    limner_mem_fail_after(0);
    assert_int_equal(limner_mem_live(), live);
    assert_int_equal(limner_generator_open(&g, net, lips, 0, 1, 1), LIMNER_E_ARG);
    assert_int_equal(limner_generator_open(&g, net, lips, 121, 1, 1), LIMNER_E_ARG);
    assert_int_equal(limner_generator_open(&g, net, lips, 1, 2, 1), LIMNER_E_ARG);
    limner_generator_close(NULL);
}

static void bad_samples_give_sane_motion(void **state)
{
    (void)state;
    for (int i = 0; i < RATE_HZ; i++)
        pcm[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30f;
    run(&a, RATE_HZ, 4000, 25, 1, NULL, 0);
    for (int k = 0; k < a.n; k++) {
        const float *x = (const float *)(const void *)&a.frame[k];

        for (size_t i = 0; i < sizeof(a.frame[k]) / sizeof(float); i++)
            assert_true(isfinite(x[i]) && fabsf(x[i]) < 60.0f);
    }
}

static void a_photo_that_smiles_and_blinks_can_close_lips_and_open_eyes(void **state)
{
    limner_motion photo = {0}, still = {.distance = 1.0f}, m;

    (void)state;
    photo.distance = 1.0f;
    photo.yaw = 12.0f;
    photo.expression[LIMNER_JAW_OPEN] = 0.4f;
    photo.expression[LIMNER_MOUTH_UPPER_UP_LEFT] = 0.5f;
    photo.expression[LIMNER_MOUTH_SMILE_LEFT] = 0.8f;
    photo.expression[LIMNER_EYE_BLINK_LEFT] = 0.95f;
    photo.expression[LIMNER_EYE_BLINK_RIGHT] = 0.2f;
    photo.expression[LIMNER_BROW_INNER_UP] = 0.3f;
    limner_motion_apply(&m, &photo, &still);
    assert_true(m.yaw == 12.0f && m.distance == 1.0f);
    assert_true(m.expression[LIMNER_JAW_OPEN] == 0.0f);
    assert_true(m.expression[LIMNER_MOUTH_UPPER_UP_LEFT] == 0.0f);
    assert_true(m.expression[LIMNER_MOUTH_SMILE_LEFT] == 0.4f);
    assert_true(m.expression[LIMNER_EYE_BLINK_LEFT] < 0.05f);
    assert_true(m.expression[LIMNER_EYE_BLINK_RIGHT] == 0.2f);
    assert_true(m.expression[LIMNER_BROW_INNER_UP] == 0.3f);
    still.expression[LIMNER_MOUTH_FROWN_LEFT] = 0.6f;
    limner_motion_apply(&m, &photo, &still);
    assert_true(m.expression[LIMNER_MOUTH_SMILE_LEFT] == 0.0f);
    still.expression[LIMNER_EYE_BLINK_RIGHT] = 1.0f;
    still.expression[LIMNER_JAW_OPEN] = 0.25f;
    still.expression[LIMNER_BROW_INNER_UP] = 0.9f;
    still.distance = 1.2f;
    limner_motion_apply(&m, &photo, &still);
    assert_true(m.expression[LIMNER_EYE_BLINK_RIGHT] == 1.0f);
    assert_true(m.expression[LIMNER_JAW_OPEN] == 0.25f);
    assert_true(m.expression[LIMNER_BROW_INNER_UP] == 1.0f && m.distance == 1.2f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_of_frames_is_exact),
        cmocka_unit_test(frames_come_within_the_latency),
        cmocka_unit_test(chunks_change_nothing),
        cmocka_unit_test(a_full_queue_takes_no_more),
        cmocka_unit_test(silence_shuts_the_lips_and_keeps_the_face_alive),
        cmocka_unit_test(the_first_frame_is_the_photo),
        cmocka_unit_test(vowels_open_and_pauses_close),
        cmocka_unit_test(long_speech_is_followed_by_a_breath),
        cmocka_unit_test(rounded_and_spread_vowels_differ),
        cmocka_unit_test(a_murmur_between_vowels_closes_the_lips),
        cmocka_unit_test(noise_does_not_make_the_mouth_chatter),
        cmocka_unit_test(a_seed_changes_the_head_and_not_the_lips),
        cmocka_unit_test(a_take_is_the_same_at_every_frame_rate),
        cmocka_unit_test(controls_are_obeyed_smoothly),
        cmocka_unit_test(nothing_is_allocated_after_opening),
        cmocka_unit_test(bad_samples_give_sane_motion),
        cmocka_unit_test(a_photo_that_smiles_and_blinks_can_close_lips_and_open_eyes),
    };

    return cmocka_run_group_tests(tests, open_net, close_net);
}
