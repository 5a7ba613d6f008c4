/* SPDX-License-Identifier: Apache-2.0 */
/* The server's parts that know no socket: messages, access, metrics, rings, the recorder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "server/access.h"
#include "server/metrics.h"
#include "server/protocol.h"
#include "server/recorder.h"
#include "server/ring.h"

static char why[SERVER_WHY_SIZE];
static server_message message;

static int parse(const char *text)
{
    limner_controls now;

    limner_controls_init(&now, sizeof(now));
    now.yaw = 7;
    return server_protocol_parse(&message, (const uint8_t *)text, strlen(text), false, &now, why);
}

static void a_hello_has_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"type\":\"hello\"}"), 0);
    assert_int_equal(message.kind, SERVER_HELLO);
    assert_int_equal(message.as.hello.size_px, 512);
    assert_int_equal(message.as.hello.fps, 25);
    assert_int_equal(message.as.hello.rate_hz, 16000);
    assert_int_equal(message.as.hello.codec, SERVER_CODEC_AUTO);
    assert_false(message.as.hello.has_echo);
}

static void controls_not_named_stay(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"type\":\"controls\",\"gaze\":[1,-2],\"emotion\":{\"angry\":0.5}}"),
                     0);
    assert_true(message.as.controls.yaw == 7);
    assert_true(message.as.controls.gaze_yaw == 1 && message.as.controls.gaze_pitch == -2);
    assert_true(message.as.controls.emotion[LIMNER_ANGRY] == 0.5f);
    assert_int_equal(parse("{\"type\":\"controls\",\"blink_rate\":null,\"gaze_mode\":\"camera\"}"),
                     0);
    assert_true(message.as.controls.blink_rate < 0);
    assert_int_equal(message.as.controls.gaze_mode, LIMNER_GAZE_CAMERA);
}

static void what_is_wrong_is_named(void **state)
{
    static const char *const cases[][2] = {
        {"{\"type\":\"hello\",\"size\":513}", "size must be even"},
        {"{\"type\":\"hello\",\"fps\":100}", "fps must be 5 to 40"},
        {"{\"type\":\"hello\",\"colour\":1}", "no field 'colour'"},
        {"{\"type\":\"controls\",\"distance\":9}", "distance must be a number, 0.5 to 2"},
        {"{\"type\":\"controls\",\"pose\":[1]}", "pose must be 3 numbers, -45 to 45"},
        {"{\"type\":\"say\",\"text\":\"x\",\"voice\":\"../x\"}", "voice must be a name"},
        {"{\"type\":\"record\"}", "on is missing"},
        {"{\"type\":\"x\"}", "no type 'x'"},
        {"{}", "type is missing"},
        {"{\"type\":\"stop\"", "no JSON"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i][0]), -1);
        assert_non_null(strstr(why, cases[i][1]));
    }
}

static void headers_are_little_endian(void **state)
{
    static const uint8_t wanted[SERVER_HEADER_BYTES] = {
        'V', 1, 0, 0, 4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint8_t out[SERVER_HEADER_BYTES];

    (void)state;
    server_protocol_header(out, 'V', true, 0x01020304, -2);
    assert_memory_equal(out, wanted, sizeof(out));
}

static void only_own_pages_connect(void **state)
{
    (void)state;
    assert_true(server_access_origin(NULL, "a:1", NULL));
    assert_true(server_access_origin("http://a:1", "a:1", NULL));
    assert_true(server_access_origin("https://A:1", "a:1", NULL));
    assert_true(server_access_origin("https://b", "a:1", "https://b"));
    assert_false(server_access_origin("http://a:2", "a:1", NULL));
    assert_false(server_access_origin("http://a:1.b", "a:1", NULL));
    assert_false(server_access_origin("null", "null", NULL));
    assert_false(server_access_origin("http://", "", NULL));
}

static void loopback_answers_to_its_names_only(void **state)
{
    (void)state;
    assert_true(server_access_host("localhost:80", true) && server_access_host("127.0.0.1", true));
    assert_true(server_access_host("[::1]:80", true) && server_access_host("b:80", false));
    assert_false(server_access_host("b:80", true) || server_access_host("127.0.0.1.b", true));
    assert_false(server_access_host("", false) || server_access_host(NULL, true));
    assert_true(server_access_is_loopback("127.0.0.2") && server_access_is_loopback("::1"));
    assert_false(server_access_is_loopback("0.0.0.0"));
}

static void tokens_must_be_equal(void **state)
{
    (void)state;
    assert_true(server_access_token("", NULL) && server_access_token("abc", "abc"));
    assert_false(server_access_token("", "abc") || server_access_token("ab", "abc"));
    assert_false(server_access_token("abcd", "abc") || server_access_token("abd", "abc"));
}

static void metrics_fit_their_text(void **state)
{
    static server_metrics m;
    static char text[SERVER_METRICS_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < SERVER_N_METRICS; i++)
        server_metrics_add(&m, (server_metric)i, UINT64_MAX);
    server_metrics_add_frame(&m, 3);
    const size_t n = server_metrics_print(&m, 4, text);
    assert_true(n == strlen(text) && n < SERVER_METRICS_TEXT_SIZE - 500);
    assert_non_null(strstr(text, "limner_frame_delay_seconds_bucket{le=\"0.005\"} 1\n"));
    assert_non_null(strstr(text, "limner_frame_delay_seconds_bucket{le=\"0.002\"} 0\n"));
    assert_int_equal(text[n - 1], '\n');
}

static void rings_keep_order_and_limit(void **state)
{
    static int items[SERVER_RING_SIZE];
    server_ring r;

    (void)state;
    assert_int_equal(server_ring_init(&r), 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++)
            assert_true(server_ring_put(&r, &items[i], 100));
        assert_false(server_ring_put(&r, &items[0], 100));
        assert_int_equal(server_ring_count(&r), 100);
        for (int i = 0; i < 100; i++)
            assert_ptr_equal(server_ring_take(&r), &items[i]);
        assert_null(server_ring_take(&r));
    }
    server_ring_clear(&r);
}

/* Ten frames a second at 1000 samples a second; the key frame comes late, as after a request. */
static void recordings_begin_with_a_key(void **state)
{
    server_recorder r = {.rate_hz = 1000, .fps = 10, .size_px = 64};
    const uint8_t unit[4] = {0, 0, 1, 0x65};
    limner_io_live_packet p = {unit, sizeof(unit), false};

    (void)state;
    assert_true(server_recorder_begin(&r, (limner_blob){unit, sizeof(unit)}, 950));
    assert_false(server_recorder_wants(&r, 900));
    assert_true(server_recorder_wants(&r, 1000) && server_recorder_wants_key(&r));
    server_recorder_see(&r, 1000, &p);
    assert_int_equal(r.n_units, 0);
    p.is_key = true;
    server_recorder_see(&r, 1100, &p);
    p.is_key = false;
    server_recorder_see(&r, 1300, &p);
    assert_int_equal(r.n_units, 2);
    assert_int_equal(r.unit[1].frame - r.unit[0].frame, 2);
    assert_false(server_recorder_is_complete(&r, 1300));
    server_recorder_end(&r, 1350);
    assert_false(server_recorder_wants(&r, 1400));
    assert_true(server_recorder_is_complete(&r, 1400) && !r.is_on);
    assert_true(server_recorder_seconds(&r) > 0.29 && server_recorder_seconds(&r) < 0.31);
    server_recorder_clear(&r);
}

static void sound_between_pieces_is_silence(void **state)
{
    server_recorder r = {.rate_hz = 1000, .fps = 10, .size_px = 64};
    const int16_t pcm[3] = {5, 6, 7};

    (void)state;
    assert_true(server_recorder_begin(&r, (limner_blob){pcm, 2}, 100));
    server_recorder_hear(&r, 90, pcm, 3); /* before the start */
    assert_int_equal(r.n_samples, 0);
    server_recorder_hear(&r, 102, pcm, 3);
    server_recorder_hear(&r, 103, pcm, 3); /* over what is there */
    server_recorder_hear(&r, 106, pcm, 1);
    assert_int_equal(r.n_samples, 7);
    const int16_t wanted[7] = {0, 0, 5, 6, 7, 0, 5};
    assert_memory_equal(r.pcm, wanted, sizeof(wanted));
    server_recorder_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_has_defaults),
        cmocka_unit_test(controls_not_named_stay),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(headers_are_little_endian),
        cmocka_unit_test(only_own_pages_connect),
        cmocka_unit_test(loopback_answers_to_its_names_only),
        cmocka_unit_test(tokens_must_be_equal),
        cmocka_unit_test(metrics_fit_their_text),
        cmocka_unit_test(rings_keep_order_and_limit),
        cmocka_unit_test(recordings_begin_with_a_key),
        cmocka_unit_test(sound_between_pieces_is_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
