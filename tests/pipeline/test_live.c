/* SPDX-License-Identifier: Apache-2.0 */
/* Clocked sessions on the demo portrait: frames on time, late sound, idling, controls, threads. The
 * clock is a count, so that every run is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fixture.h"

enum { RATE_HZ = 16000, MAX_FRAMES = 300, SIDE_PX = 128, N_THREADS = 4 };

static float voice[8 * RATE_HZ];        /* silence to 2 s, speech to 5 s, silence */

static void make_voice(void)
{
    for (int i = 2 * RATE_HZ; i < 5 * RATE_HZ; i++) {
        const double t = (double)i / RATE_HZ, phase = fmod(t * 120, 1);
        const double gate = fmax(0, sin(2 * 3.14159265 * 4 * t));

        voice[i] = (float)(0.3 * gate * exp(-4 * phase) *
                           (sin(2 * 3.14159265 * 700 * t) + 0.5 * sin(2 * 3.14159265 * 1200 * t)));
    }
}

static limner_settings standard(void)
{
    limner_settings set;

    limner_settings_init(&set, sizeof(set));
    set.rate_hz = RATE_HZ;
    set.width_px = set.height_px = SIDE_PX;
    set.n_threads = 1;
    set.seed = 7;
    set.is_clocked = 1;
    return set;
}

static limner_session *open_session(fixture *fix, const limner_settings *set)
{
    limner_session *s;

    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, set, NULL), LIMNER_OK);
    return s;
}

typedef struct take {
    uint64_t hash;                      /* of pixels, motion and time */
    int n;
    limner_motion motion[MAX_FRAMES];
    uint8_t luma[MAX_FRAMES][SIDE_PX * SIDE_PX];
} take;

static take a, b;

static void fnv(uint64_t *h, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *h = (*h ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

static void add(take *t, limner_frame *f)
{
    assert_true(t->n < MAX_FRAMES);
    for (int y = 0; y < SIDE_PX; y++)
        memcpy(t->luma[t->n] + y * SIDE_PX, f->plane[0] + y * f->stride[0], SIDE_PX);
    fnv(&t->hash, t->luma[t->n], sizeof(t->luma[0]));
    fnv(&t->hash, &f->motion, sizeof(f->motion));
    fnv(&t->hash, &f->pts_samples, sizeof(f->pts_samples));
    t->motion[t->n++] = f->motion;
    limner_frame_unref(f);
}

static void take_due(limner_session *s, int64_t now, take *t)
{
    limner_frame f;

    while (limner_session_receive_due(s, now, &f) == LIMNER_OK)
        add(t, &f);
}

/* All that is left, a millisecond after another. */
static void end_clocked(limner_session *s, int64_t now, take *t)
{
    limner_frame f;
    limner_status st;

    assert_int_equal(limner_session_finish(s), LIMNER_OK);
    while ((st = limner_session_receive_due(s, now, &f)) != LIMNER_EOS) {
        if (st == LIMNER_OK)
            add(t, &f);
        else
            now += 16;
    }
    limner_session_close(&s);
}

static void run_unclocked(fixture *fix, limner_settings set, const float *pcm, size_t n, take *t)
{
    limner_session *s;
    limner_frame f;
    size_t used;

    memset(t, 0, sizeof(*t));
    set.is_clocked = 0;
    s = open_session(fix, &set);
    for (size_t at = 0; at < n; at += used) {
        assert_true(limner_session_send(s, pcm + at, n - at, &used) >= 0);
        while (limner_session_receive(s, &f) == LIMNER_OK)
            add(t, &f);
    }
    limner_session_finish(s);
    while (limner_session_receive(s, &f) == LIMNER_OK)
        add(t, &f);
    limner_session_close(&s);
}

/* Sound as it is recorded, in packets, frames asked for at each. */
static void run_live(limner_session *s, const float *pcm, size_t n, size_t packet, take *t)
{
    for (size_t at = 0; at < n; at += packet) {
        const size_t k = packet < n - at ? packet : n - at;

        assert_int_equal(limner_session_send_live(s, (int64_t)(at + k), pcm + at, k), LIMNER_OK);
        assert_int_equal(limner_session_sound_samples(s), at + k);
        take_due(s, (int64_t)(at + k), t);
    }
}

static void on_time_the_clock_changes_nothing(void **state)
{
    static const struct {
        uint32_t rate_hz, fps_num, fps_den;
        size_t packet;
    } with[] = {{16000, 25, 1, 160}, {16000, 25, 1, 1}, {48000, 30000, 1001, 960},
                {22050, 60, 1, 441}};
    const size_t n = RATE_HZ * 3 / 2;

    for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++) {
        limner_settings set = standard();

        set.rate_hz = with[i].rate_hz;
        set.fps_num = with[i].fps_num;
        set.fps_den = with[i].fps_den;
        run_unclocked(*state, set, voice + 2 * RATE_HZ, n, &a);
        memset(&b, 0, sizeof(b));
        limner_session *s = open_session(*state, &set);
        run_live(s, voice + 2 * RATE_HZ, n, with[i].packet, &b);
        end_clocked(s, (int64_t)n, &b);
        assert_int_equal(a.n, b.n);
        assert_true(a.hash == b.hash);
    }
}

/* Speech that comes faster than it is spoken waits for its time. */
static void sound_ahead_of_its_time_waits(void **state)
{
    const limner_settings set = standard();
    const size_t n = RATE_HZ * 3;
    limner_session *s = open_session(*state, &set);
    size_t at = 0, used;
    int64_t now = 0;

    run_unclocked(*state, set, voice + RATE_HZ, n, &a);
    memset(&b, 0, sizeof(b));
    for (; at < n; now += 160) {
        const limner_status st = limner_session_send(s, voice + RATE_HZ + at, n - at, &used);

        at += used;
        assert_true(st == LIMNER_OK || (st == LIMNER_AGAIN && !used));
        assert_true((int64_t)at <= now + RATE_HZ + 160);
        take_due(s, now, &b);
        assert_true(limner_session_due_samples(s) > now);
    }
    end_clocked(s, now, &b);
    assert_int_equal(a.n, b.n);
    assert_true(a.hash == b.hash);
}

/* Both modes: the sound up to a frame's time and the latency, no less than 15 ms less. */
static void latency_is_what_a_frame_waits_for(void **state)
{
    static const uint32_t rates[] = {8000, 16000, 22050, 44100, 48000, 192000};
    static const uint32_t fps[] = {24, 25, 40, 60};
    limner_frame f;
    size_t used;

    for (size_t i = 0; i < 6 * 4; i++) {
        limner_settings set = standard();
        limner_session *s;
        int64_t latency, most = 0;

        set.rate_hz = rates[i / 4];
        set.fps_num = fps[i % 4];
        set.is_clocked = 0;
        s = open_session(*state, &set);
        latency = limner_session_latency_samples(s);
        assert_true(latency > 0 && latency <= (int64_t)set.rate_hz * 170 / 1000 + 300);
        for (int64_t sent = 0; sent < set.rate_hz / 2;) {
            const int64_t due = limner_session_due_samples(s);

            if (limner_session_receive(s, &f) == LIMNER_OK) {
                most = sent - f.pts_samples > most ? sent - f.pts_samples : most;
                assert_true(sent <= due);
                limner_frame_unref(&f);
                continue;
            }
            limner_session_send(s, voice, set.rate_hz / 1000, &used);
            sent += (int64_t)used;
        }
        assert_true(most > latency - (int64_t)set.rate_hz * 15 / 1000);
        limner_session_close(&s);
    }
}

static double step_between(const take *t, int k)
{
    double sum = 0;

    for (int i = 0; i < SIDE_PX * SIDE_PX; i++)
        sum += abs(t->luma[k][i] - t->luma[k - 1][i]);
    return sum / (SIDE_PX * SIDE_PX);
}

static double most_between(const take *t, int from, int to)
{
    double most = 0;

    for (int k = from; k < to; k++)
        most = fmax(most, step_between(t, k));
    return most;
}

/* Nothing is sent while nobody speaks. */
static void idling_and_talking_join_without_a_jump(void **state)
{
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    size_t used;
    double elsewhere;

    memset(&a, 0, sizeof(a));
    for (int64_t now = 0; now < 8 * RATE_HZ; now += 320) {
        if (now >= 2 * RATE_HZ && now < 5 * RATE_HZ)
            assert_int_equal(limner_session_send(s, voice + now, 320, &used), LIMNER_OK);
        take_due(s, now, &a);
    }
    limner_session_close(&s);
    assert_true(a.n > 190);
    elsewhere = fmax(most_between(&a, 56, 118), fmax(most_between(&a, 1, 46),
                                                     most_between(&a, 132, a.n)));
    assert_true(most_between(&a, 46, 56) <= elsewhere);
    assert_true(most_between(&a, 118, 132) <= elsewhere);
    for (int k = 25; k < a.n; k += 25)          /* alive all the time */
        assert_true(most_between(&a, k - 24, k) > 0);
}

/* A network stutters in the midst of speech: 120 ms of it come late. */
static void late_sound_is_shown_after_silence_and_caught_up(void **state)
{
    enum { GAP_AT = 3 * RATE_HZ, LATE = RATE_HZ * 12 / 100, PACKET = 160 };
    static float heard[8 * RATE_HZ + LATE];
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    int64_t behind = 0, at_gap = 0, lost;
    size_t at = 0;

    memset(&a, 0, sizeof(a));
    for (int64_t now = PACKET; now <= 8 * RATE_HZ; now += PACKET) {
        const bool is_late = now > GAP_AT && now <= GAP_AT + LATE;

        for (; !is_late && (int64_t)at < now; at += PACKET)
            limner_session_send_live(s, now, voice + at, PACKET);
        take_due(s, now, &a);
        behind = limner_session_sound_samples(s) - now;
        if (now == GAP_AT + LATE + PACKET)
            at_gap = behind;
        assert_true(behind <= RATE_HZ * LIMNER_MAX_BEHIND_MS / 1000);
        if (now > GAP_AT + LATE && now < 4 * RATE_HZ)
            assert_int_equal(behind, at_gap);   /* nothing is lost, all is as late */
    }
    assert_true(at_gap > LATE / 2 && at_gap <= LATE);
    assert_int_equal(behind, 0);                /* caught up in the pause */
    end_clocked(s, 8 * RATE_HZ, &a);
    /* To the bit what is shown of the sound with that silence in it, as long as it is the same. */
    lost = at_gap;
    memcpy(heard, voice, GAP_AT * sizeof(float));
    memcpy(heard + GAP_AT + lost, voice + GAP_AT, (5 * RATE_HZ - GAP_AT) * sizeof(float));
    run_unclocked(*state, set, heard, 8 * RATE_HZ, &b);
    assert_int_equal(a.n, b.n);
    for (int k = 0; k < 5 * 25; k++)
        assert_memory_equal(&a.motion[k], &b.motion[k], sizeof(a.motion[k]));
    run_unclocked(*state, set, voice, 8 * RATE_HZ, &b);
    assert_true(most_between(&a, 70, 90) <= most_between(&b, 1, b.n));
}

/* A second comes at once after a stall: the delay stays within bounds. */
static void a_stall_loses_sound_rather_than_time(void **state)
{
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    const int64_t most = RATE_HZ * LIMNER_MAX_BEHIND_MS / 1000;

    memset(&a, 0, sizeof(a));
    take_due(s, RATE_HZ, &a);
    for (int64_t at = 2 * RATE_HZ; at < 3 * RATE_HZ; at += 320)
        limner_session_send_live(s, RATE_HZ, voice + at, 320);
    assert_int_equal(limner_session_sound_samples(s), RATE_HZ + most);
    limner_session_send_live(s, RATE_HZ, voice + 2 * RATE_HZ, 3 * RATE_HZ);
    assert_int_equal(limner_session_sound_samples(s), RATE_HZ + most);
    limner_session_close(&s);
}

static void controls_act_on_the_next_frame_and_smoothly(void **state)
{
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    limner_controls c;
    size_t used;
    int64_t now = 0;

    limner_controls_init(&c, sizeof(c));
    memset(&a, 0, sizeof(a));
    limner_session_send(s, voice + 2 * RATE_HZ, RATE_HZ, &used);     /* does not stand in the way */
    for (; a.n < 30; now += 160)
        take_due(s, now, &a);
    c.is_still = 1;
    c.yaw = 20;
    assert_int_equal(limner_session_control(s, &c), LIMNER_OK);
    for (; a.n < 70; now += 160)
        take_due(s, now, &a);
    limner_session_close(&s);
    assert_true(fabsf(a.motion[31].yaw - a.motion[29].yaw) > 0.1f);
    assert_true(a.motion[69].yaw - a.motion[29].yaw > 10);
    for (int k = 1; k < 70; k++)
        assert_true(fabsf(a.motion[k].yaw - a.motion[k - 1].yaw) < 5);
}

static void frames_passed_over_change_no_motion(void **state)
{
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    limner_frame f;

    run_unclocked(*state, set, voice + 2 * RATE_HZ, RATE_HZ, &a);
    s = (limner_session_close(&s), open_session(*state, &set));
    limner_session_send_live(s, RATE_HZ, voice + 2 * RATE_HZ, RATE_HZ);
    for (int k = 0; k < 20; k++) {
        if (k % 3)
            assert_int_equal(limner_session_receive_due(s, RATE_HZ, NULL), LIMNER_OK);
        else {
            assert_int_equal(limner_session_receive_due(s, RATE_HZ, &f), LIMNER_OK);
            assert_int_equal(f.pts_samples, k * RATE_HZ / 25);
            assert_memory_equal(&f.motion, &a.motion[k], sizeof(f.motion));
            limner_frame_unref(&f);
        }
    }
    limner_session_close(&s);
}

static void a_clocked_session_allocates_nothing(void **state)
{
    const limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    const size_t before = limner_mem_count();
    limner_controls c;
    size_t used;

    limner_controls_init(&c, sizeof(c));
    memset(&a, 0, sizeof(a));
    take_due(s, RATE_HZ, &a);
    limner_session_control(s, &c);
    limner_session_send(s, voice + 2 * RATE_HZ, RATE_HZ / 2, &used);
    limner_session_send_live(s, 2 * RATE_HZ, voice + 2 * RATE_HZ, RATE_HZ);
    take_due(s, 3 * RATE_HZ, &a);
    assert_int_equal(limner_session_receive_due(s, 4 * RATE_HZ, NULL), LIMNER_OK);
    limner_session_finish(s);
    take_due(s, 5 * RATE_HZ, &a);
    assert_int_equal(limner_mem_count(), before);
    limner_session_close(&s);
}

typedef struct talker {
    fixture *fix;
    uint32_t n_threads;
    take *t;
} talker;

static void *talk(void *arg)
{
    talker *k = arg;
    limner_settings set = standard();

    set.n_threads = k->n_threads;
    limner_session *s = open_session(k->fix, &set);
    run_live(s, voice + 2 * RATE_HZ, RATE_HZ, 160, k->t);
    end_clocked(s, RATE_HZ, k->t);
    return NULL;
}

static void sessions_on_threads_share_a_model(void **state)
{
    pthread_t thread[N_THREADS];
    talker who[N_THREADS];
    take *t = calloc(N_THREADS, sizeof(*t));

    assert_non_null(t);
    for (int i = 0; i < N_THREADS; i++) {
        who[i] = (talker){*state, 1 + (uint32_t)i % 2, &t[i]};
        assert_int_equal(pthread_create(&thread[i], NULL, talk, &who[i]), 0);
    }
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(thread[i], NULL);
    run_unclocked(*state, standard(), voice + 2 * RATE_HZ, RATE_HZ, &a);
    for (int i = 0; i < N_THREADS; i++)
        assert_true(t[i].hash == a.hash);
    free(t);
}

static void the_modes_do_not_mix(void **state)
{
    fixture *fix = *state;
    limner_settings set = standard();
    limner_session *s = open_session(fix, &set);
    limner_motion m;
    limner_frame f;

    limner_portrait_motion(fix->portrait, &m);
    assert_int_equal(limner_session_send_motion(s, &m), LIMNER_E_STATE);
    assert_int_equal(limner_session_receive(s, &f), LIMNER_E_STATE);
    assert_int_equal(limner_session_send_live(s, 0, NULL, 1), LIMNER_E_ARG);
    assert_int_equal(limner_session_finish(s), LIMNER_OK);
    assert_int_equal(limner_session_send_live(s, 0, voice, 1), LIMNER_E_STATE);
    assert_int_equal(limner_session_receive_due(s, RATE_HZ, &f), LIMNER_EOS);
    limner_session_close(&s);
    set.struct_size = (uint32_t)offsetof(limner_settings, is_clocked);  /* an older caller's */
    s = open_session(fix, &set);
    assert_int_equal(limner_session_receive_due(s, RATE_HZ, &f), LIMNER_E_STATE);
    assert_int_equal(limner_session_send_live(s, 0, voice, 1), LIMNER_E_STATE);
    limner_session_close(&s);
    set.struct_size--;
    assert_int_equal(limner_session_open(&s, fix->model, fix->portrait, &set, NULL), LIMNER_E_ARG);
}

/* Calls by chance, with a clock that also stands, jumps and runs backwards. */
static void any_order_of_calls_is_survived(void **state)
{
    limner_settings set = standard();
    limner_controls c;
    limner_frame f;
    size_t used;

    set.width_px = set.height_px = 64;
    limner_controls_init(&c, sizeof(c));
    srand(1);
    for (int run = 0; run < 4; run++) {
        limner_session *s = open_session(*state, &set);
        int64_t now = 0, pts = -1;

        for (int i = 0; i < 200; i++) {
            const size_t from = (size_t)rand() % RATE_HZ, n = (size_t)rand() % 4000;
            limner_status st = LIMNER_OK;

            now += rand() % 1500 - (rand() % 20 ? 0 : 3000);
            c.yaw = (float)(rand() % 40) - 20;
            switch (rand() % 8) {
            case 0: st = limner_session_send(s, voice + 2 * RATE_HZ + from, n, &used); break;
            case 1: st = limner_session_send_live(s, now, voice + RATE_HZ + from, n); break;
            case 2: st = limner_session_control(s, &c); break;
            case 3: st = limner_session_receive_due(s, now, NULL); break;
            case 4: st = i > 180 ? limner_session_finish(s) : LIMNER_OK; break;
            default:
                st = limner_session_receive_due(s, now, &f);
                if (st == LIMNER_OK) {
                    assert_true(f.pts_samples > pts && f.pts_samples <= now);
                    pts = f.pts_samples;
                    limner_frame_unref(&f);
                }
            }
            assert_true(st >= 0 || (i > 180 && st == LIMNER_E_STATE));
            assert_true(limner_session_due_samples(s) > pts);
        }
        limner_session_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_time_the_clock_changes_nothing),
        cmocka_unit_test(sound_ahead_of_its_time_waits),
        cmocka_unit_test(latency_is_what_a_frame_waits_for),
        cmocka_unit_test(idling_and_talking_join_without_a_jump),
        cmocka_unit_test(late_sound_is_shown_after_silence_and_caught_up),
        cmocka_unit_test(a_stall_loses_sound_rather_than_time),
        cmocka_unit_test(controls_act_on_the_next_frame_and_smoothly),
        cmocka_unit_test(frames_passed_over_change_no_motion),
        cmocka_unit_test(a_clocked_session_allocates_nothing),
        cmocka_unit_test(sessions_on_threads_share_a_model),
        cmocka_unit_test(any_order_of_calls_is_survived),
        cmocka_unit_test(the_modes_do_not_mix)
    };

    make_voice();
    return cmocka_run_group_tests_name("live", tests, fixture_open, fixture_close);
}
