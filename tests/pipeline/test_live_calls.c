/* SPDX-License-Identifier: Apache-2.0 */
/* Clocked sessions on the demo portrait, call by call: controls, frames passed over, memory,
 * threads, what is refused, and any order of calls. */
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
#include "live_take.h"

enum { N_THREADS = 4 };

static take a;

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
        cmocka_unit_test(controls_act_on_the_next_frame_and_smoothly),
        cmocka_unit_test(frames_passed_over_change_no_motion),
        cmocka_unit_test(a_clocked_session_allocates_nothing),
        cmocka_unit_test(sessions_on_threads_share_a_model),
        cmocka_unit_test(any_order_of_calls_is_survived),
        cmocka_unit_test(the_modes_do_not_mix)
    };

    make_voice();
    return cmocka_run_group_tests_name("live_calls", tests, fixture_open, fixture_close);
}
