/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of blinks and gaze over many minutes, against those measured on real people. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "motion/blink.h"
#include "motion/gaze.h"
#include "talking_voice.h"

typedef struct blinks {
    double per_minute, length_s, shortest_gap_s, interval_variation;
    double share_again;         /* of gaps from onset to onset, below 0.75 s */
} blinks;

/* Blinks of seed 1 over MINUTES; length is measured as on real eyes, lid below 72 % open. */
static blinks count_blinks(float per_minute, int with_events)
{
    limner_blink b;
    blinks out = {.shortest_gap_s = 1e9};
    double open_steps = 0.0, sum = 0.0, sum2 = 0.0;
    int n = 0, last = -1, is_shut = 0;

    limner_blink_init(&b, 1);
    for (int k = 0; k < N_STEPS; k++) {
        limner_blink_step(&b, per_minute, with_events && k % 360 == 315 ? 0.8f : 0.0f);
        assert_true(b.left >= 0.0f && b.left <= 1.0f && b.right >= 0.0f && b.right <= 1.0f);
        assert_true(fabsf(b.left - b.right) < 0.5f);
        if (b.left > 0.28f && !is_shut) {
            double gap = (double)(k - last) / STEPS_PER_S;

            if (last >= 0) {
                out.shortest_gap_s = fmin(out.shortest_gap_s, gap);
                sum += gap;
                sum2 += gap * gap;
                out.share_again += gap < 0.75;
            }
            last = k;
            n++;
        }
        is_shut = b.left > 0.28f;
        open_steps += is_shut;
    }
    out.per_minute = (double)n / MINUTES;
    if (n > 2) {
        out.share_again /= n - 1;
        sum /= n - 1;
        out.length_s = open_steps / n / STEPS_PER_S;
        out.interval_variation = sqrt(sum2 / (n - 1) - sum * sum) / sum;
    }
    return out;
}

static void blinks_keep_their_rate_and_length(void **state)
{
    (void)state;
    for (int events = 0; events < 2; events++) {
        blinks b = count_blinks(18.0f, events);

        assert_true(fabs(b.per_minute - 18.0) < 2.0);
        assert_true(b.length_s > 0.15 && b.length_s < 0.22);
        assert_true(b.shortest_gap_s > 0.2);
        assert_true(b.interval_variation > 0.4 && b.interval_variation < 0.9);
    }
    assert_true(fabs(count_blinks(40.0f, 0).per_minute - 40.0) < 3.0);
    assert_true(count_blinks(0.0f, 1).per_minute == 0.0);
}

/* People: 0.31 of 113 gaps; a renewal process without second blinks 0.05 to 0.1. */
static void blinks_come_in_pairs(void **state)
{
    (void)state;
    for (int events = 0; events < 2; events++) {
        const blinks b = count_blinks(23.0f, events);

        print_message("again within 0.75 s %.2f\n", b.share_again);
        assert_true(b.share_again > 0.18 && b.share_again < 0.36);
    }
}

static void blinks_prefer_phrase_ends(void **state)
{
    limner_blink b;
    int near = 0, n = 0, was = 0;

    (void)state;
    limner_blink_init(&b, 3);
    for (int k = 0; k < N_STEPS; k++) {
        limner_blink_step(&b, 18.0f, k % 360 == 315 ? 0.8f : 0.0f);
        if (b.left > 0.28f && !was) {
            n++;
            near += k % 360 >= 315 && k % 360 < 345;
        }
        was = b.left > 0.28f;
    }
    assert_true((double)near / n > 2.0 * 30.0 / 360.0);
}

static void gaze_stays_near_its_target(void **state)
{
    static const float TARGET[2] = {0.0f, 20.0f};
    limner_gaze g;

    (void)state;
    for (int t = 0; t < 2; t++) {
        int near = 0, jumps = 0;

        limner_gaze_init(&g, 1);
        for (int k = 0; k < N_STEPS; k++) {
            limner_prosody v = voice_at(k);

            limner_gaze_step(&g, TARGET[t], -TARGET[t] / 2.0f, 1.0f, &v);
            if (k < 100)
                continue;
            near += fabsf(g.yaw - TARGET[t]) < 2.5f && fabsf(g.pitch + TARGET[t] / 2.0f) < 2.5f;
            jumps += g.jump_deg > 4.0f;
            assert_true(fabsf(g.yaw - TARGET[t]) < 13.0f);
        }
        print_message("on target %.2f, jumps a minute %.1f\n", (double)near / N_STEPS,
                      (double)jumps / MINUTES);
        assert_true((double)near / N_STEPS > 0.85);
        assert_true(jumps > 4 * MINUTES && jumps < 30 * MINUTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blinks_keep_their_rate_and_length),
        cmocka_unit_test(blinks_come_in_pairs),
        cmocka_unit_test(blinks_prefer_phrase_ends),
        cmocka_unit_test(gaze_stays_near_its_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
