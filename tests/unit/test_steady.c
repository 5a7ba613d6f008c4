/* SPDX-License-Identifier: Apache-2.0 */
/* Smoothing of measured motion: noise goes, movement stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "motion/steady.h"

enum { N = 400, HALF = LIMNER_STEADY_FRAMES };

static limner_motion motion[N], out[N];

static void smooth_all(void)
{
    const limner_motion *at[N];

    for (int i = 0; i < N; i++)
        at[i] = &motion[i];
    for (int i = 0; i < N; i++) {
        const int room = i < N - 1 - i ? i : N - 1 - i;
        limner_motion_steady(&out[i], &at[i], room < HALF ? room : HALF);
    }
}

static void parabolas_and_blinks_pass(void **state)
{
    (void)state;
    memset(motion, 0, sizeof(motion));
    for (int i = 0; i < N; i++) {
        const float t = (float)(i - 100) / 25;
        motion[i].yaw = 3 + 2 * t - 0.5f * t * t;
        motion[i].expression[LIMNER_EYE_BLINK_LEFT] = i % 25 == 3 ? 1 : 0.02f;
        motion[i].gaze_yaw = i < 200 ? 0 : 12; /* a saccade */
    }
    smooth_all();
    for (int i = HALF; i < N - HALF; i++) {
        assert_true(fabsf(out[i].yaw - motion[i].yaw) < 1e-3f);
        assert_true(fabsf(out[i].expression[LIMNER_EYE_BLINK_LEFT] -
                          motion[i].expression[LIMNER_EYE_BLINK_LEFT]) < 1e-3f);
        assert_true(fabsf(out[i].gaze_yaw - motion[i].gaze_yaw) < 1e-3f);
    }
    assert_memory_equal(&out[0], &motion[0], sizeof(out[0]));
}

/* A film that shows each frame twice: no step of the head is rounded off. */
static void jerks_stay(void **state)
{
    (void)state;
    memset(motion, 0, sizeof(motion));
    for (int i = 0; i < N; i++) {
        motion[i].yaw = (float)(i / 2 % 7) * 5;
        motion[i].x = (float)(i / 2 % 5) * 0.8f;
    }
    smooth_all();
    for (int i = HALF; i < N - HALF; i++) {
        assert_true(fabsf(out[i].yaw - motion[i].yaw) < 0.7f);
        assert_true(fabsf(out[i].x - motion[i].x) < 0.1f);
    }
}

static void noise_shrinks(void **state)
{
    double before[3] = {0}, after[3] = {0};
    limner_rng rng;

    (void)state;
    limner_rng_init(&rng, 5, 1);
    memset(motion, 0, sizeof(motion));
    for (int i = 0; i < N; i++) {
        motion[i].pitch = limner_rng_uniform(&rng) - 0.5f;
        motion[i].expression[LIMNER_JAW_OPEN] = 0.2f + 0.02f * limner_rng_uniform(&rng);
        motion[i].gaze_pitch = limner_rng_uniform(&rng) - 0.5f;
    }
    smooth_all();
    for (int i = HALF; i < N - HALF; i++) {
        const float in[3] = {motion[i].pitch, motion[i].expression[LIMNER_JAW_OPEN] - 0.21f,
                             motion[i].gaze_pitch};
        const float got[3] = {out[i].pitch, out[i].expression[LIMNER_JAW_OPEN] - 0.21f,
                              out[i].gaze_pitch};
        for (int k = 0; k < 3; k++) {
            before[k] += (double)(in[k] * in[k]);
            after[k] += (double)(got[k] * got[k]);
        }
    }
    for (int k = 0; k < 3; k++)
        assert_true(sqrt(after[k] / before[k]) < 0.8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parabolas_and_blinks_pass),
        cmocka_unit_test(jerks_stay),
        cmocka_unit_test(noise_shrinks),
    };

    return cmocka_run_group_tests_name("steady", tests, NULL, NULL);
}
