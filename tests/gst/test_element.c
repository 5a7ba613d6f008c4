/* SPDX-License-Identifier: Apache-2.0 */
/* The GStreamer element in a harness: caps, time, draining, flushing, latency, late frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* after those four */
#include <cmocka.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "io/models.h"

enum { RATE_HZ = 16000, CHUNK = 160, MESON_SKIP = 77 };

static char portrait[] = "limner-XXXXXX.portrait"; /* of the demo photo: encoded once */

static GstHarness *open_harness(const char *out_caps)
{
    GstHarness *h = gst_harness_new("limner");

    gst_harness_set(h, "limner", "portrait", portrait, "size", 128, "threads", 1, NULL);
    if (out_caps)
        gst_harness_set_sink_caps_str(h, out_caps);
    gst_harness_set_src_caps_str(
        h, "audio/x-raw, format=F32LE, layout=interleaved, channels=1, rate=16000");
    return h;
}

/* A voice-like buzz of 120 Hz that comes and goes. */
static GstBuffer *sound(gint64 from, int n)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, (gsize)n * sizeof(float), NULL);
    GstMapInfo map;

    gst_buffer_map(buffer, &map, GST_MAP_WRITE);
    for (int i = 0; i < n; i++) {
        const double t = (double)(from + i) / RATE_HZ;
        ((float *)(void *)map.data)[i] =
            (float)(0.3 * fmod(t * 120, 1) * (0.5 + 0.5 * sin(t * 20)));
    }
    gst_buffer_unmap(buffer, &map);
    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale((guint64)from, GST_SECOND, RATE_HZ);
    GST_BUFFER_DURATION(buffer) = gst_util_uint64_scale((guint64)n, GST_SECOND, RATE_HZ);
    return buffer;
}

/* Sends [from, from + n) in pieces of 10 ms. */
static void send(GstHarness *h, int from, int n)
{
    for (int i = 0; i < n; i += CHUNK)
        assert_int_equal(gst_harness_push(h, sound(from + i, CHUNK)), GST_FLOW_OK);
}

/* Takes all frames that came; the last one's time into *last. */
static int take_frames(GstHarness *h, GstClockTime *last)
{
    GstBuffer *frame;
    int n = 0;

    while ((frame = gst_harness_try_pull(h))) {
        *last = GST_BUFFER_PTS(frame);
        gst_buffer_unref(frame);
        n++;
    }
    return n;
}

static void a_second_of_sound_gives_a_second_of_frames(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstClockTime last = 0;
    GstVideoInfo info;
    GstCaps *caps;

    (void)state;
    send(h, 0, RATE_HZ);
    gst_harness_push_event(h, gst_event_new_eos());
    assert_int_equal(take_frames(h, &last), 25);
    assert_int_equal(last, 24 * 40 * GST_MSECOND);
    caps = gst_pad_get_current_caps(h->sinkpad);
    assert_true(gst_video_info_from_caps(&info, caps));
    assert_int_equal(GST_VIDEO_INFO_WIDTH(&info), 128);
    assert_int_equal(GST_VIDEO_INFO_HEIGHT(&info), 128);
    assert_int_equal(GST_VIDEO_INFO_FPS_N(&info), 25);
    gst_caps_unref(caps);
    gst_harness_teardown(h);
}

static void frames_are_labelled_as_synthetic(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstTagList *tags;
    gchar *comment;

    (void)state;
    send(h, 0, CHUNK);
    GstEvent *event = gst_pad_get_sticky_event(h->sinkpad, GST_EVENT_TAG, 0);
    assert_non_null(event);
    gst_event_parse_tag(event, &tags);
    assert_int_equal(gst_tag_list_get_scope(tags), GST_TAG_SCOPE_GLOBAL);
    assert_true(gst_tag_list_get_string(tags, GST_TAG_COMMENT, &comment));
    assert_non_null(strstr(comment, "Synthetic video made by Limner"));
    g_free(comment);
    gst_event_unref(event);
    gst_harness_teardown(h);
}

static void downstream_decides_on_size_rate_and_format(void **state)
{
    GstHarness *h = open_harness("video/x-raw, format=RGBA, width=96, framerate=30/1");
    GstVideoInfo info;
    GstClockTime last;
    GstCaps *caps;

    (void)state;
    send(h, 0, RATE_HZ / 2);
    gst_harness_push_event(h, gst_event_new_eos());
    caps = gst_pad_get_current_caps(h->sinkpad);
    assert_true(gst_video_info_from_caps(&info, caps));
    assert_int_equal(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_RGBA);
    assert_int_equal(GST_VIDEO_INFO_WIDTH(&info), 96);
    assert_int_equal(GST_VIDEO_INFO_HEIGHT(&info), 96);
    assert_int_equal(take_frames(h, &last), 15);
    gst_caps_unref(caps);
    gst_harness_teardown(h);
}

static void latency_is_what_is_measured(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstClockTime last, longest = 0;

    (void)state;
    gst_harness_set_upstream_latency(h, 0);
    for (int i = 0; i < 2 * RATE_HZ; i += CHUNK) {
        gst_harness_push(h, sound(i, CHUNK));
        if (take_frames(h, &last)) {
            const GstClockTime now =
                gst_util_uint64_scale((guint64)(i + CHUNK), GST_SECOND, RATE_HZ);
            longest = MAX(longest, now - last);
        }
    }
    const GstClockTime asked = gst_harness_query_latency(h);
    const GstClockTimeDiff off = GST_CLOCK_DIFF(asked, longest);
    printf("latency asked %.1f ms, measured %.1f ms\n", (double)asked / 1e6,
           (double)longest / 1e6);
    assert_true(longest > 0 && ABS(off) <= 20 * (GstClockTimeDiff)GST_MSECOND);
    gst_harness_teardown(h);
}

static void a_flush_starts_anew_at_the_next_time(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstClockTime last;
    GstSegment segment;
    GstBuffer *frame;

    (void)state;
    send(h, 0, RATE_HZ / 2);
    gst_harness_push_event(h, gst_event_new_flush_start());
    gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
    take_frames(h, &last);
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(h, gst_event_new_segment(&segment));
    send(h, 5 * RATE_HZ, RATE_HZ / 2);
    gst_harness_push_event(h, gst_event_new_eos());
    frame = gst_harness_pull(h);
    assert_int_equal(GST_BUFFER_PTS(frame), 5 * GST_SECOND);
    assert_true(GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DISCONT));
    gst_buffer_unref(frame);
    gst_harness_teardown(h);
}

static void a_gap_is_silence_and_a_jump_a_new_start(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstClockTime last = 0;

    (void)state;
    send(h, 0, RATE_HZ / 2);
    send(h, RATE_HZ, RATE_HZ / 2); /* half a second is missing */
    gst_harness_push_event(h, gst_event_new_gap(1500 * GST_MSECOND, 500 * GST_MSECOND));
    send(h, 100 * RATE_HZ, RATE_HZ / 2);
    gst_harness_push_event(h, gst_event_new_eos());
    assert_int_equal(take_frames(h, &last), 50 + 13);
    assert_int_equal(last, 100 * GST_SECOND + 12 * 40 * GST_MSECOND);
    gst_harness_teardown(h);
}

static void late_frames_are_left_out_and_counted(void **state)
{
    GstHarness *h = open_harness(NULL);
    GstClockTime last;
    guint64 dropped, shown;

    (void)state;
    gst_harness_push_upstream_event(
        h, gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 0.5, 100 * GST_MSECOND, 200 * GST_MSECOND));
    send(h, 0, RATE_HZ);
    gst_harness_push_event(h, gst_event_new_eos());
    gst_harness_get(h, "limner", "dropped", &dropped, "shown", &shown, NULL);
    assert_int_equal(dropped, 10); /* before 400 ms */
    assert_int_equal(shown, 15);
    assert_int_equal(take_frames(h, &last), 15);
    gst_harness_teardown(h);
}

/* Sum of differences between the last frames of a second with and without a control. */
static guint64 change_by(const char *property, float value)
{
    guint64 sum = 0;
    GstBuffer *last[2] = {NULL, NULL};

    for (int k = 0; k < 2; k++) {
        GstHarness *h = open_harness(NULL);
        GstBuffer *frame;

        if (k)
            gst_harness_set(h, "limner", property, value, NULL);
        send(h, 0, RATE_HZ);
        gst_harness_push_event(h, gst_event_new_eos());
        while ((frame = gst_harness_try_pull(h))) {
            gst_clear_buffer(&last[k]);
            last[k] = frame;
        }
        gst_harness_teardown(h);
    }
    GstMapInfo a, b;
    gst_buffer_map(last[0], &a, GST_MAP_READ);
    gst_buffer_map(last[1], &b, GST_MAP_READ);
    for (gsize i = 0; i < a.size; i++)
        sum += (guint64)abs(a.data[i] - b.data[i]);
    gst_buffer_unmap(last[0], &a);
    gst_buffer_unmap(last[1], &b);
    gst_buffer_unref(last[0]);
    gst_buffer_unref(last[1]);
    return sum;
}

static void controls_change_the_picture(void **state)
{
    (void)state;
    assert_int_equal(change_by("distance", 1), 0);
    assert_true(change_by("distance", 1.2f) > 10000);
    assert_true(change_by("yaw", 15) > 10000);
}

static void a_missing_portrait_is_said(void **state)
{
    GstElement *pipeline = gst_pipeline_new(NULL), *limner;
    GstBus *bus = gst_element_get_bus(pipeline);
    GError *error = NULL;

    (void)state;
    limner = gst_element_factory_make("limner", NULL);
    g_object_set(limner, "portrait", "/nonexistent.jpg", NULL);
    gst_bin_add(GST_BIN(pipeline), limner);
    assert_int_equal(gst_element_set_state(pipeline, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    GstMessage *m = gst_bus_timed_pop_filtered(bus, GST_SECOND, GST_MESSAGE_ERROR);
    assert_non_null(m);
    gst_message_parse_error(m, &error, NULL);
    assert_non_null(strstr(error->message, "/nonexistent.jpg"));
    g_error_free(error);
    gst_message_unref(m);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
}

static int save_portrait(void **state)
{
    char path[LIMNER_IO_PATH_SIZE], err[LIMNER_IO_ERROR_SIZE];
    limner_portrait *p = NULL;
    limner_io_models models;
    limner_io_image image;
    size_t len_bytes;
    void *bytes = NULL;

    (void)state;
    if (!limner_io_asset_find("demo.jpg", path) || limner_io_image_read(&image, path, err) < 0 ||
        limner_io_models_open(&models, NULL, true, err) < 0)
        return -1;
    const limner_photo photo = limner_io_image_photo(&image);
    const int fd = mkstemps(portrait, (int)strlen(".portrait"));
    const int is_saved = fd >= 0 &&
                         limner_portrait_encode(&p, models.model, &photo, NULL, NULL) >= 0 &&
                         limner_portrait_save(p, &bytes, &len_bytes) >= 0 &&
                         write(fd, bytes, len_bytes) == (ssize_t)len_bytes && close(fd) == 0;
    limner_free(bytes);
    limner_portrait_close(&p);
    limner_io_image_close(&image);
    limner_io_models_close(&models);
    return is_saved ? 0 : -1;
}

static int remove_portrait(void **state)
{
    (void)state;
    return unlink(portrait);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_of_sound_gives_a_second_of_frames),
        cmocka_unit_test(frames_are_labelled_as_synthetic),
        cmocka_unit_test(downstream_decides_on_size_rate_and_format),
        cmocka_unit_test(latency_is_what_is_measured),
        cmocka_unit_test(a_flush_starts_anew_at_the_next_time),
        cmocka_unit_test(a_gap_is_silence_and_a_jump_a_new_start),
        cmocka_unit_test(late_frames_are_left_out_and_counted),
        cmocka_unit_test(controls_change_the_picture),
        cmocka_unit_test(a_missing_portrait_is_said),
    };
    char path[LIMNER_IO_PATH_SIZE];

    for (int i = 0; i < LIMNER_IO_N_MODEL_FILES; i++)
        if ((limner_io_model_is_needed(i, true) || i == LIMNER_IO_SPEECH_FILE) &&
            !limner_io_model_find(i, NULL, path)) {
            printf("skipped: %s is not there; run tools/fetch-models\n", limner_io_model_name(i));
            return MESON_SKIP;
        }
    gst_init(&argc, &argv);
    return cmocka_run_group_tests(tests, save_portrait, remove_portrait);
}
