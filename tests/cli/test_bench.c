/* SPDX-License-Identifier: Apache-2.0 */
/* limner bench --live, its clock not waited for: every frame is there, what was measured is said,
 * and sound reaches its frame no sooner than it was sent. The machine's speed is not judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "run.h"

static run_result r;

/* The number after "group": {... "name":, or after "name": where group is NULL. */
static double value(const char *group, const char *name)
{
    char key[64];
    const char *at = r.out;

    if (group) {
        snprintf(key, sizeof(key), "\"%s\": {", group);
        at = strstr(at, key);
        assert_non_null(at);
    }
    snprintf(key, sizeof(key), "\"%s\": ", name);
    at = strstr(at, key);
    assert_non_null(at);
    return atof(at + strlen(key));
}

static void live_faces_are_measured(void **state)
{
    (void)state;
    run_make_portrait();
    run_limner(&r, NULL, "bench --live --fast --json --portrait demo.portrait --size 64 "
                         "--seconds 4 --fps 25 --streams 2 --threads 2");
    assert_int_equal(r.status, 0);
    assert_true(value(NULL, "streams") == 2 && value(NULL, "seconds") == 4);
    /* Two times as many frames as are due in 4 s less the latency, which is less than 0.2 s. */
    assert_true(value(NULL, "frames") > 2 * 95 && value(NULL, "frames") <= 2 * 100);
    assert_true(value(NULL, "late_frames") <= value(NULL, "frames"));
    assert_true(value(NULL, "behind_ms") >= 0 && value(NULL, "behind_ms") <= 10);
    assert_true(value("sound_to_frame_ms", "n") >= 8);
    assert_true(value("sound_to_frame_ms", "p50") > 50);
    assert_true(value("sound_to_frame_ms", "p95") >= value("sound_to_frame_ms", "p50"));
    assert_true(value("sound_to_lips_ms", "n") >= 4);
    assert_true(value("frame_ms", "p99") > 0);
    assert_true(value(NULL, "last_rss_mib") < value(NULL, "early_rss_mib") + 1);
}

static void live_faces_are_measured_in_real_time(void **state)
{
    (void)state;
    run_limner(&r, NULL, "bench --live --portrait demo.portrait --size 64 --seconds 2");
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "sound to its frame "));
    assert_non_null(strstr(r.out, "first sound to first frame "));
    run_expect("bench --live --streams 0", 2, "", NULL);
    run_expect("bench --live --portrait none.jpg", 1, "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_faces_are_measured),
        cmocka_unit_test(live_faces_are_measured_in_real_time),
    };

    if (!run_has_nets())
        return RUN_SKIPPED;
    return cmocka_run_group_tests_name("bench", tests, NULL, test_clean_up);
}
