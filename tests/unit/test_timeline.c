/* SPDX-License-Identifier: Apache-2.0 */
/* audio/timeline: sound and silence in order, room, lateness, pauses. A clock of 8 kHz. */
#include "audio/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { RATE_HZ = 8000, MOST_BEHIND = RATE_HZ * LIMNER_MAX_BEHIND_MS / 1000 };

static float loud[3 * RATE_HZ], quiet[3 * RATE_HZ], heard[3 * RATE_HZ];

static limner_timeline *open_timeline(void)
{
    limner_timeline *t;

    assert_int_equal(limner_timeline_open(&t, RATE_HZ), LIMNER_OK);
    return t;
}

static size_t pull_all(limner_timeline *t, int64_t to)
{
    const float *pcm;
    size_t n = 0, k;

    while ((k = limner_timeline_pull(t, to, &pcm)) > 0) {
        memcpy(heard + n, pcm, k * sizeof(float));
        n += k;
    }
    return n;
}

static void sound_comes_out_in_order_and_silence_after_it(void **state)
{
    limner_timeline *t = open_timeline();
    size_t at = 0;

    (void)state;
    for (int turn = 0; turn < 50; turn++) {     /* often around the ring */
        assert_int_equal(limner_timeline_push(t, loud + at, 700), 700);
        assert_int_equal(pull_all(t, limner_timeline_end(t) - 3), turn ? 700 : 697);
        assert_memory_equal(heard + (turn ? 3 : 0), loud + at, 697 * sizeof(float));
        at = (at + 700) % RATE_HZ;
    }
    assert_int_equal(limner_timeline_end(t), 50 * 700);
    assert_int_equal(pull_all(t, 50 * 700 + 1000), 1003);
    for (int i = 3; i < 1003; i++)
        assert_true(heard[i] == 0);
    assert_int_equal(limner_timeline_end(t), 50 * 700 + 1000);
    assert_int_equal(pull_all(t, 100), 0);
    limner_timeline_close(&t);
    assert_null(t);
}

static void a_second_fits(void **state)
{
    limner_timeline *t = open_timeline();

    (void)state;
    assert_int_equal(limner_timeline_push(t, loud, 3 * RATE_HZ), RATE_HZ);
    assert_int_equal(limner_timeline_push(t, loud, 1), 0);
    assert_int_equal(pull_all(t, 10), 10);
    assert_int_equal(limner_timeline_push(t, loud, 100), 10);
    limner_timeline_close(&t);
}

static void what_is_too_late_loses_its_oldest_part(void **state)
{
    limner_timeline *t = open_timeline();
    const int n = 3000;

    (void)state;
    limner_timeline_push_live(t, n, loud, (size_t)n);           /* on time: all of it */
    assert_int_equal(limner_timeline_end(t), n);
    limner_timeline_push_live(t, n + 10, loud, (size_t)n);      /* as much as is allowed */
    assert_int_equal(limner_timeline_end(t), n + 10 + MOST_BEHIND);
    assert_int_equal(pull_all(t, n + 10 + MOST_BEHIND), n + 10 + MOST_BEHIND);
    assert_memory_equal(heard + n, loud + n - MOST_BEHIND - 10, (MOST_BEHIND + 10) * sizeof(float));
    limner_timeline_push_live(t, 0, loud, 100);                 /* all of it is too late */
    assert_int_equal(limner_timeline_end(t), n + 10 + MOST_BEHIND);
    limner_timeline_close(&t);
}

static void a_pause_catches_up_and_a_closure_does_not(void **state)
{
    limner_timeline *t = open_timeline();
    int64_t now = 0;

    (void)state;
    pull_all(t, 500);                                           /* silence assumed */
    for (int i = 0; i < 10; i++, now += 80)
        limner_timeline_push_live(t, now + 80, loud, 80);
    assert_int_equal(limner_timeline_end(t) - now, 500);
    for (int i = 0; i < 19; i++, now += 80)                     /* 190 ms of quiet */
        limner_timeline_push_live(t, now + 80, quiet, 80);
    assert_int_equal(limner_timeline_end(t) - now, 500);
    for (int i = 0; i < 8; i++, now += 80)                      /* 80 ms more */
        limner_timeline_push_live(t, now + 80, quiet, 80);
    assert_int_equal(limner_timeline_end(t), now);
    limner_timeline_push_live(t, now + 80, loud, 80);
    assert_int_equal(limner_timeline_end(t), now + 80);
    limner_timeline_close(&t);
}

static void opening_may_fail(void **state)
{
    const size_t live = limner_mem_live();
    limner_timeline *t;

    (void)state;
    for (size_t n = 1; n <= 2; n++) {
        limner_mem_fail_after(n);
        assert_int_equal(limner_timeline_open(&t, RATE_HZ), LIMNER_E_NOMEM);
        assert_null(t);
    }
    limner_mem_fail_after(0);
    assert_int_equal(limner_mem_live(), live);
    limner_timeline_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_comes_out_in_order_and_silence_after_it),
        cmocka_unit_test(a_second_fits),
        cmocka_unit_test(what_is_too_late_loses_its_oldest_part),
        cmocka_unit_test(a_pause_catches_up_and_a_closure_does_not),
        cmocka_unit_test(opening_may_fail),
    };

    for (int i = 0; i < 3 * RATE_HZ; i++) {
        loud[i] = 0.1f + 0.8f * (float)(i % 1009) / 1009;
        quiet[i] = 0.005f;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
