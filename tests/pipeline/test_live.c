/* SPDX-License-Identifier: Apache-2.0 */
/* Clocked sessions on the demo portrait, in time: frames when they are due, late sound, idling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "live_take.h"

static take a, b;

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

/* Nothing is sent while nobody speaks. Heads turn as words end, by chance in one take more than
 * elsewhere, but not in eight. */
static void idling_and_talking_join_without_a_jump(void **state)
{
    limner_settings set = standard();
    double start = 0, end = 0, elsewhere = 0;
    size_t used;

    for (set.seed = 1; set.seed <= 8; set.seed++) {
        limner_session *s = open_session(*state, &set);

        memset(&a, 0, sizeof(a));
        for (int64_t now = 0; now < 8 * RATE_HZ; now += 320) {
            if (now >= 2 * RATE_HZ && now < 5 * RATE_HZ)
                assert_int_equal(limner_session_send(s, voice + now, 320, &used), LIMNER_OK);
            take_due(s, now, &a);
        }
        limner_session_close(&s);
        assert_true(a.n > 190);
        start += most_between(&a, 46, 56);
        end += most_between(&a, 118, 132);
        elsewhere += fmax(most_between(&a, 56, 118), fmax(most_between(&a, 1, 46),
                                                          most_between(&a, 132, a.n)));
        for (int k = 25; k < a.n; k += 25)      /* alive all the time */
            assert_true(most_between(&a, k - 24, k) > 0);
    }
    print_message("largest steps: %.2f, %.2f; elsewhere %.2f\n", start / 8, end / 8, elsewhere / 8);
    assert_true(start <= elsewhere);
    assert_true(end <= elsewhere);
}

/* A network stutters in the midst of speech: 120 ms of it come late. */
static void late_sound_is_shown_after_silence_and_caught_up(void **state)
{
    enum { GAP_AT = 3 * RATE_HZ, LATE = RATE_HZ * 12 / 100, PACKET = 160 };
    static float heard[8 * RATE_HZ + LATE];
    limner_settings set = standard();
    limner_session *s = open_session(*state, &set);
    int64_t behind = 0, at_gap = 0, lost;
    size_t at = 0;
    double most;

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
    most = 0;
    for (int seed = 7; seed <= 9; seed++) {     /* no larger a step than without a gap */
        set.seed = (uint64_t)seed;
        run_unclocked(*state, set, voice, 8 * RATE_HZ, &b);
        most = fmax(most, most_between(&b, 1, b.n));
    }
    assert_true(most_between(&a, 70, 90) <= most);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_time_the_clock_changes_nothing),
        cmocka_unit_test(sound_ahead_of_its_time_waits),
        cmocka_unit_test(latency_is_what_a_frame_waits_for),
        cmocka_unit_test(idling_and_talking_join_without_a_jump),
        cmocka_unit_test(late_sound_is_shown_after_silence_and_caught_up),
        cmocka_unit_test(a_stall_loses_sound_rather_than_time)
    };

    make_voice();
    return cmocka_run_group_tests_name("live", tests, fixture_open, fixture_close);
}
