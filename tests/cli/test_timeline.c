/* SPDX-License-Identifier: Apache-2.0 */
/* Timelines of controls: what is said of a wrong one, and what a right one asks when. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/controls_timeline.h"

static cli_timeline timeline;
static limner_controls base, asked;

static void parse(const char *text)
{
    char err[CLI_TIMELINE_ERROR_SIZE] = "";

    if (cli_timeline_parse(&timeline, "t.json", text, strlen(text), err) < 0)
        fail_msg("%s", err);
    limner_controls_init(&base, sizeof(base));
}

static const limner_controls *at(double time_s)
{
    cli_timeline_at(&asked, &timeline, &base, 0, time_s);
    return &asked;
}

static void assert_near(float got, double want)
{
    if (!(fabs((double)got - want) < 1e-5))
        fail_msg("%g instead of %g", (double)got, want);
}

static void errors_name_line_and_column(void **state)
{
    static const char *const cases[][2] = {
        {"{\"keys\": [\n  {\"at\": 1, \"distance\": 3}\n]}",
         "line 2, column 25: distance is 3, allowed is 0.5 to 2"},
        {"{\"keys\": [{\"at\": 1, \"pose\": [0, 50, 0]}]}",
         "line 1, column 33: pose is 50, allowed is -45 to 45"},
        {"{\"keys\": [{\"at\": 1, \"pose\": [0, 5]}]}",
         "line 1, column 29: pose must be [yaw, pitch, roll]"},
        {"{\"keys\": [{\"at\": 1, \"energy\": \"high\"}]}",
         "line 1, column 31: energy must be a number"},
        {"{\"keys\": [{\"at\": 1,\n\"zoom\": 1}]}",
         "line 2, column 1: there is no control 'zoom'; see doc/controls.md"},
        {"{\"keys\": [{\"at\": 1, \"emotion\": {\"fröhlich\": 1, \"sad\": 2}}]}",
         "line 1, column 33: there is no emotion 'fröhlich'; there are happy, sad, surprised, "
         "angry, afraid, disgusted and contempt"},
        {"{\"keys\": [{\"at\": 1, \"emotion\": {\"sad\": 2}}]}",
         "line 1, column 40: sad is 2, allowed is 0 to 1"},
        {"{\"keys\": [{\"at\": 1, \"emotion\": \"sad\"}]}",
         "line 1, column 32: emotion must be an object, as {\"happy\": 0.5}"},
        {"{\"keys\": [{\"at\": 1, \"gaze\": \"away\"}]}",
         "line 1, column 29: gaze must be [yaw, pitch], \"camera\" or \"photo\""},
        {"{\"keys\": [{\"at\": 1, \"look_at\": [0, 1], \"gaze\": [0, 0]}]}",
         "line 1, column 40: one of gaze and look_at is enough"},
        {"{\"keys\": [{\"at\": 1, \"still\": 1}]}",
         "line 1, column 30: still must be true or false"},
        {"{\"keys\": [{\"at\": 1, \"ease\": \"bounce\"}]}",
         "line 1, column 29: ease must be \"smooth\", \"linear\", \"in\", \"out\" or \"step\""},
        {"{\"keys\": [{\"at\": 1, \"face\": 0.5}]}",
         "line 1, column 29: face must be a whole number, 0 to 31"},
        {"{\"keys\": [{\"at\": -1}]}", "line 1, column 18: at is -1, allowed is 0 to 86400"},
        {"{\"keys\": [{\"at\": 2}, {\"at\": 1}]}",
         "line 1, column 29: at is 1, before the key frame above it at 2"},
        {"{\"keys\": [{\"at\": 2}, {}]}",
         "line 1, column 22: \"at\" is missing: the key frame's time in seconds"},
        {"{\"keys\": [{\"at\": 2}, 7]}", "line 1, column 22: a key frame must be an object, as "
                                          "{\"at\": 1.5, \"energy\": 2}"},
        {"{\"keys\": []}",
         "line 1, column 10: \"keys\" must be a list of at least one key frame"},
        {"{\"keys\": [{\"at\": 1}], \"loop\": true}",
         "line 1, column 23: there is no field 'loop'; there is \"keys\""},
        {"\n []", "line 2, column 2: a timeline is {\"keys\": [...]}; see doc/controls.md"},
        {"{\"keys\": [[[[[[[[[1]]]]]]]]]}",
         "line 1, column 17: brackets in more than 8 others"},
        {"{\"keys\": [{\"at\": 1,}]}",
         "line 1, column 20: string or '}' expected near '}'"},
        {"{\"keys\": [{\"at\": 1, \"at\": 2}]}",
         "line 1, column 24: duplicate object key near '\"at\"'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char err[CLI_TIMELINE_ERROR_SIZE], want[CLI_TIMELINE_ERROR_SIZE];

        assert_int_equal(cli_timeline_parse(&timeline, "t.json", cases[i][0], strlen(cases[i][0]),
                                            err), -1);
        assert_true(timeline.n == 0 && !timeline.key);
        snprintf(want, sizeof(want), "t.json: %s", cases[i][1]);
        assert_string_equal(err, want);
    }
}

static void too_many_key_frames_are_refused(void **state)
{
    static const char one[] = "{\"at\": 0},";
    const size_t n = CLI_TIMELINE_MAX_KEYS + 1, n_one = sizeof(one) - 1;
    char *text = malloc(n * n_one + 32), err[CLI_TIMELINE_ERROR_SIZE];
    size_t len;

    (void)state;
    strcpy(text, "{\"keys\": [");
    len = strlen(text);
    for (size_t i = 0; i < n; i++, len += n_one)
        memcpy(text + len, one, n_one);
    strcpy(text + len - 1, "]}");
    assert_int_equal(cli_timeline_parse(&timeline, "t.json", text, strlen(text), err), -1);
    assert_string_equal(err, "t.json: line 1, column 10: 10001 key frames, at most 10000 are "
                             "possible");
    free(text);
}

static void values_ease_from_key_to_key(void **state)
{
    (void)state;
    parse("{\"keys\": [{\"at\": 1, \"distance\": 2}, {\"at\": 2, \"pose\": [40, 0, 0]},"
          "{\"at\": 3, \"distance\": 1, \"ease\": \"linear\"},"
          "{\"at\": 4, \"pose\": [0, 20, 0], \"ease\": \"in\"},"
          "{\"at\": 6, \"pose\": [10, 0, 0], \"ease\": \"out\"},"
          "{\"at\": 7, \"distance\": 0.5, \"ease\": \"step\"}]}");
    base.distance = 1.5f;
    assert_near(at(0)->distance, 1.5);          /* the option's */
    assert_near(at(0.5)->distance, 1.75);       /* smooth */
    assert_near(at(0.25)->distance, 1.5 + 0.5 * 0.15625);
    assert_near(at(1)->distance, 2);
    assert_near(at(2.5)->distance, 1.25);
    assert_near(at(3)->yaw, 40 - 10);           /* in: a quarter of the way */
    assert_near(at(3)->pitch, 5);
    assert_near(at(5)->yaw, 7.5);               /* out: three quarters */
    assert_near(at(6.99)->distance, 1);
    assert_near(at(7)->distance, 0.5);
    assert_near(at(1000)->distance, 0.5);
    assert_near(at(1000)->mouth_gain, 1);
    cli_timeline_close(&timeline);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    static const char wrong[] = "\xef\xbb\xbf{\"keys\": 1}";
    char err[CLI_TIMELINE_ERROR_SIZE];

    (void)state;
    parse("\xef\xbb\xbf{\"keys\": [{\"at\": 0, \"energy\": 0.5}]}");
    assert_near(at(0)->energy, 0.5);
    cli_timeline_close(&timeline);
    assert_int_equal(cli_timeline_parse(&timeline, "t.json", wrong, strlen(wrong), err), -1);
    assert_string_equal(err, "t.json: line 1, column 10: \"keys\" must be a list of at least one "
                             "key frame");
}

static void gaze_blends_within_a_kind_only(void **state)
{
    (void)state;
    parse("{\"keys\": [{\"at\": 0, \"gaze\": [10, 0]}, {\"at\": 2, \"gaze\": [20, 4]},"
          "{\"at\": 4, \"look_at\": [0, 0]}, {\"at\": 6, \"look_at\": [1, 0.5]},"
          "{\"at\": 8, \"gaze\": \"camera\"}, {\"at\": 9, \"gaze\": \"photo\"}]}");
    assert_true(at(1)->gaze_mode == LIMNER_GAZE_ANGLE);
    assert_near(at(1)->gaze_yaw, 15);
    assert_near(at(1)->gaze_pitch, 2);
    assert_true(at(3.9)->gaze_mode == LIMNER_GAZE_ANGLE);
    assert_near(at(3.9)->gaze_yaw, 20);
    assert_true(at(5)->gaze_mode == LIMNER_GAZE_POINT);
    assert_near(at(5)->gaze_x, 0.5);
    assert_near(at(5)->gaze_y, 0.25);
    assert_true(at(8.5)->gaze_mode == LIMNER_GAZE_CAMERA);
    assert_true(at(9)->gaze_mode == LIMNER_GAZE_PHOTO);
    cli_timeline_close(&timeline);
}

static void faces_have_their_own_key_frames(void **state)
{
    (void)state;
    parse("{\"keys\": [{\"at\": 0, \"energy\": 0.5}, {\"at\": 1, \"energy\": 2, \"face\": 1},"
          "{\"at\": 1, \"emotion\": {\"sad\": 1}, \"ease\": \"step\"},"
          "{\"at\": 2, \"emotion\": {\"happy\": 1}}]}");
    assert_near(at(5)->energy, 0.5);
    cli_timeline_at(&asked, &timeline, &base, 1, 5);
    assert_near(asked.energy, 2);
    assert_near(at(1.5)->emotion[LIMNER_SAD], 0.5);     /* a mix is the whole mix */
    assert_near(at(2)->emotion[LIMNER_SAD], 0);
    assert_near(at(2)->emotion[LIMNER_HAPPY], 1);
    cli_timeline_close(&timeline);
}

static void switches_wait_for_their_time(void **state)
{
    (void)state;
    parse("{\"keys\": [{\"at\": 1, \"blink_rate\": 30, \"still\": true},"
          "{\"at\": 3, \"blink_rate\": 10}, {\"at\": 5, \"blink_rate\": null, \"still\": false}]}");
    assert_true(at(0.9)->blink_rate < 0 && !asked.is_still);
    assert_true(at(1)->blink_rate == 30 && asked.is_still);
    assert_near(at(2)->blink_rate, 20);
    assert_true(at(4.9)->blink_rate == 10 && asked.is_still);
    assert_true(at(5)->blink_rate < 0 && !asked.is_still);
    cli_timeline_close(&timeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(too_many_key_frames_are_refused),
        cmocka_unit_test(values_ease_from_key_to_key),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(gaze_blends_within_a_kind_only),
        cmocka_unit_test(faces_have_their_own_key_frames),
        cmocka_unit_test(switches_wait_for_their_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
