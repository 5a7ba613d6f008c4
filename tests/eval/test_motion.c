/* SPDX-License-Identifier: Apache-2.0 */
/* The report of eval motion over clips made by hand, and the judge on a photo and a missing file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../io/files.h"
#include "eval/eval.h"
#include "eval/motion.h"
#include "fixture.h"

enum { N_CLIPS = 6 };

static char err[LIMNER_IO_ERROR_SIZE];

/* The JSON of a report; valid until the next call. */
static const char *json_of(eval_report *report)
{
    static char text[1 << 20];
    const char *path = test_path("report.json");
    limner_io_file f;

    if (eval_report_json(report, path, err) < 0 ||
        limner_io_file_read(&f, path, sizeof(text) - 1, err) < 0)
        fail_msg("%s", err);
    memcpy(text, f.bytes, f.len_bytes);
    text[f.len_bytes] = '\0';
    limner_io_file_close(&f);
    return text;
}

/* The number of member `key` in the row `name` of table `table`; NaN for null. */
static double cell(const char *json, const char *table, const char *name, const char *key)
{
    char want[128];

    snprintf(want, sizeof(want), "\"%s\": [", table);
    const char *at = strstr(json, want);
    snprintf(want, sizeof(want), "\"name\": \"%s\"", name);
    at = at ? strstr(at, want) : NULL;
    const char *end = at ? strchr(at, '}') : NULL;
    snprintf(want, sizeof(want), "\"%s\": ", key);
    at = at ? strstr(at, want) : NULL;
    if (!at || !end || at > end)
        fail_msg("no %s of %s in %s", key, name, table);
    at += strlen(want);
    return strncmp(at, "null", 4) == 0 ? (double)NAN : strtod(at, NULL);
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-4))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* Three clips of 10 s of source "long", two of 1 s of "short", one that could not be used. Yaw, and
 * a blink of 160 ms in each, more in the third. */
static void make_clips(eval_motion_clip clips[N_CLIPS], double *blink_ms)
{
    memset(clips, 0, N_CLIPS * sizeof(*clips));
    for (int i = 0; i < N_CLIPS; i++) {
        eval_motion_clip *c = &clips[i];

        snprintf(c->source, sizeof(c->source), "%s", i < 3 ? "long" : "short");
        snprintf(c->name, sizeof(c->name), "%s/%d.mp4", c->source, i);
        for (int f = 0; f < eval_n_talk_fields; f++)
            *(double *)((char *)&c->talk + eval_talk_fields[f].offset) = (double)NAN;
        c->talk.seconds = i < 3 ? 10 : 1;
        c->talk.found = i == 0 ? 0.9 : 1;
        c->talk.yaw_std = i < 3 ? 1 + i : (double)NAN;
        c->blink_ms = blink_ms;
        c->n_blinks = i == 2 ? 4 : 1;
        c->power[4] = i < 3 ? 2 : 0;
        for (int k = 0; k < EVAL_N_SHIFTS; k++) /* best with the sound read 60 ms later */
            c->sound_r[k] = i < 3 ? 0.5 - 0.01 * (k - 13) * (k - 13) : (double)NAN;
    }
    snprintf(clips[5].reason, sizeof(clips[5].reason), "it is damaged");
}

static void clips_are_pooled_by_source(void **state)
{
    static eval_motion_clip clips[N_CLIPS];
    double blink_ms[] = {160, 160, 160, 240};
    eval_report *report = eval_report_open("limner eval motion", "0", "none", "here", "test");

    (void)state;
    make_clips(clips, blink_ms);
    assert_int_equal(eval_motion_report(report, clips, N_CLIPS), 0);
    const char *json = json_of(report);
    assert_near(cell(json, "sources", "all", "clips"), 3);
    assert_near(cell(json, "sources", "short", "clips"), 2);
    assert_near(cell(json, "sources", "long", "lost"), 0.1 / 3);
    assert_near(cell(json, "sources", "long", "blinks_per_min"), 12);
    assert_near(cell(json, "sources", "short", "blinks_per_min"), 60);
    assert_near(cell(json, "sources", "long", "lips_behind_ms"), -60);
    assert_true(isnan(cell(json, "sources", "short", "lips_behind_ms")));
    assert_near(cell(json, "people", "long: median", "yaw_std"), 2);
    assert_near(cell(json, "people", "all: 90 %", "yaw_std"), 2.8);
    assert_near(cell(json, "people", "short: clips", "yaw_std"), 0);
    assert_near(cell(json, "spectrum", "1", "long"), 4);
    assert_near(cell(json, "spectrum", "2", "long"), 0);
    assert_near(cell(json, "blinks", "160", "all"), 5.0 / 6);
    assert_near(cell(json, "blinks", "240", "all"), 1.0 / 6);
    assert_near(cell(json, "clips", "long/2.mp4", "yaw_std"), 3);
    assert_true(isnan(cell(json, "clips", "short/5.mp4", "seconds")));
    assert_non_null(strstr(json, "it is damaged"));
    eval_report_close(&report);
}

typedef struct heard {
    size_t n_calls, n_notes;
} heard;

static void hear(void *user, size_t n_done, const char *note)
{
    heard *h = user;

    (void)n_done;
    h->n_calls++;
    h->n_notes += note != NULL;
}

static void bad_input_is_a_row(void **state)
{
    const fixture *fix = *state;
    const char *source = getenv("LIMNER_SOURCE");
    char photo[4096];
    const char *paths[] = {photo, "absent/no.mp4"};
    heard h = {0, 0};
    eval_report *report = eval_report_open("limner eval motion", "0", "none", "here", "test");
    eval_job job = {.model = fix->model,
                    .paths = paths,
                    .n_paths = 2,
                    .n_threads = 1,
                    .report = report,
                    .progress = hear,
                    .user = &h};

    snprintf(photo, sizeof(photo), "%s/assets/demo.jpg", source ? source : ".");
    assert_int_equal(eval_motion(&job, err), 0);
    assert_int_equal(h.n_calls, 2);
    assert_int_equal(h.n_notes, 1);
    assert_near(cell(json_of(report), "clips", "assets/demo.jpg", "found"), 1);
    job.paths = paths + 1;
    job.n_paths = 1;
    assert_int_equal(eval_motion(&job, err), -1);
    assert_non_null(strstr(err, "no.mp4"));
    eval_report_close(&report);
    test_remove_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_are_pooled_by_source),
        cmocka_unit_test(bad_input_is_a_row),
    };

    return cmocka_run_group_tests_name("eval motion", tests, fixture_open, fixture_close);
}
