/* SPDX-License-Identifier: Apache-2.0 */
/* Motion files: what is written comes back bit by bit, foreign takes import, damage is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_csv.h"

static char err[LIMNER_IO_ERROR_SIZE];
static char text[1 << 16];

/* Every field different, most with a long fraction. */
static limner_motion motion_of(int n)
{
    limner_motion m = {.distance = 1.1f + 0.01f * (float)n};

    for (int i = 0; i < LIMNER_N_EXPRESSION; i++)
        m.expression[i] = (float)fmod(0.0137 * (i + 1) * (n + 1) + 1e-4, 1.0);
    m.tongue_up = 1 / 3.f;
    m.yaw = -12.3456f + (float)n;
    m.pitch = 7.654321f;
    m.roll = 0.1f * (float)n;
    m.x = 0.3f;
    m.y = -0.7f;
    m.z = 1e-3f;
    m.gaze_yaw = 9.87f;
    m.gaze_pitch = -6.54f;
    m.breath = -0.9f;
    m.sway = 0.123456789f;
    return m;
}

static void assert_nearly_equal(float a, float b)
{
    assert_true(fabsf(a - b) <= 2e-7f * fabsf(b));
}

static void written_motion_comes_back(void **state)
{
    const char *path = test_path("m.csv");
    limner_io_motion_writer *w;
    limner_io_motion_take take;

    (void)state;
    assert_int_equal(limner_io_motion_writer_open(&w, 30, 1, err), 0);
    for (int n = 0; n < 300; n++) {
        const limner_motion m = motion_of(n % 40);
        assert_int_equal(limner_io_motion_writer_add(w, &m, err), 0);
    }
    assert_int_equal(limner_io_motion_writer_close(&w, path, err), 0);
    assert_null(w);
    if (limner_io_motion_read(&take, path, err) < 0)
        fail_msg("%s", err);
    assert_int_equal(take.n_frames, 300);
    assert_true(fabs(take.fps - 30) < 1e-6);
    for (size_t n = 0; n < 300; n++) {
        const limner_motion m = motion_of((int)n % 40), *r = &take.motion[n];
        assert_memory_equal(r->expression, m.expression, sizeof(m.expression));
        assert_nearly_equal(r->yaw, m.yaw);
        assert_nearly_equal(r->pitch, m.pitch);
        assert_nearly_equal(r->roll, m.roll);
        assert_memory_equal(&r->x, &m.x, 3 * sizeof(float));
        assert_true(r->tongue_up == m.tongue_up && r->distance == m.distance);
        assert_true(r->gaze_yaw == m.gaze_yaw && r->gaze_pitch == m.gaze_pitch);
        assert_true(r->breath == m.breath && r->sway == m.sway);
        assert_true(fabs(take.time_s[n] - (double)n / 30) < 1e-9);
    }
    limner_io_motion_close(&take);
}

/* The text of two frames of motion at 25 frames/s. */
static size_t two_frames(void)
{
    const char *path = test_path("two.csv");
    limner_io_motion_writer *w;
    limner_io_file f;

    assert_int_equal(limner_io_motion_writer_open(&w, 25, 1, err), 0);
    for (int n = 0; n < 2; n++) {
        const limner_motion m = motion_of(n);
        assert_int_equal(limner_io_motion_writer_add(w, &m, err), 0);
    }
    assert_int_equal(limner_io_motion_writer_close(&w, path, err), 0);
    assert_int_equal(limner_io_file_read(&f, path, sizeof(text) - 1, err), 0);
    const size_t n = f.len_bytes;
    memcpy(text, f.bytes, n);
    text[n] = 0;
    limner_io_file_close(&f);
    return n;
}

static void assert_refused(const char *reason)
{
    limner_io_motion_take take;

    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), -1);
    assert_null(take.motion);
    if (strncmp(err, "m.csv: line ", 12) != 0 || !strstr(err, reason))
        fail_msg("'%s' does not say '%s'", err, reason);
}

/* Replaces the first `from` of the text by `to`. */
static void change(const char *from, const char *to)
{
    char *at = strstr(text, from);
    const size_t n_from = strlen(from), n_to = strlen(to);

    assert_non_null(at);
    memmove(at + n_to, at + n_from, strlen(at + n_from) + 1);
    memcpy(at, to, n_to);
}

static void damage_is_named_with_its_line(void **state)
{
    static const struct {
        const char *from, *to, *reason;
    } damages[] = {
        {"JawOpen", "JawOpne", "line 1: column JawOpen is missing"},
        {"JawOpen", "JawLeft", "line 1: column JawLeft is there twice"},
        {"00:00:00:00", "00:00:61:00", "line 2: '00:00:61:00.000' is no timecode"},
        {"00.000,61,", "00.000,61,x", "line 2: EyeBlinkLeft is 'x0.0137"},
        {"00.000,61,", "00.000,61,nan,", "not a number"},
        {"00.000,61,", "00.000,61,1e9,", "outside -0.5..2"},
        {",LimnerSway", "", "has more cells than the header"},
        {"00.000,61,", "00.000,", "has 72 cells, the header has 73"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        two_frames();
        change(damages[i].from, damages[i].to);
        assert_refused(damages[i].reason);
    }
    two_frames();
    *strchr(text, '\n') = 0;
    assert_refused("holds no frames");
    two_frames();
    change("LimnerSeconds", "Seconds");
    change("00:00:00:01", "00:00:00:00");
    assert_refused("line 3: its time is not after");
}

static void cut_text_never_crashes(void **state)
{
    const size_t n = two_frames();

    (void)state;
    for (size_t k = 0; k < n; k++) {
        limner_io_motion_take take;
        char *exact = malloc(k ? k : 1); /* so that reading past the end is seen */
        memcpy(exact, text, k);
        limner_io_motion_parse(&take, exact, k, "m.csv", err);
        limner_io_motion_close(&take);
        free(exact);
    }
}

static void windows_line_ends_and_a_byte_order_mark_are_fine(void **state)
{
    static char windows[sizeof(text)];
    limner_io_motion_take take;
    size_t n = 3;

    (void)state;
    two_frames();
    memcpy(windows, "\xef\xbb\xbf", 3);
    for (const char *c = text; *c; c++) {
        if (*c == '\n')
            windows[n++] = '\r';
        windows[n++] = *c;
    }
    assert_int_equal(limner_io_motion_parse(&take, windows, n, "m.csv", err), 0);
    assert_int_equal(take.n_frames, 2);
    limner_io_motion_close(&take);
}

/* Signs: the left eye looking out (EyeLookOutLeft) has a negative yaw in recorded takes, and looks
 * to the picture's right, which is a positive gaze here. */
static void foreign_eyes_become_gaze(void **state)
{
    limner_io_motion_take take;

    (void)state;
    two_frames();
    change("LimnerGazeYaw", "Other");
    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), 0);
    assert_true(fabsf(take.motion[0].gaze_yaw - 9.87f) < 1e-4f);
    assert_true(fabsf(take.motion[0].gaze_pitch + 6.54f) < 1e-4f);
    limner_io_motion_close(&take);
}

static void recorded_takes_import(void **state)
{
    static const char *const names[] = {"angry", "disgusted", "fearful", "neutral", "sad"};
    const char *folder = getenv("LIMNER_DATA");
    char path[600];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        limner_io_motion_take take;
        snprintf(path, sizeof(path), "%s/motion/livelink/%s.csv", folder ? folder : "", names[i]);
        if (!folder || access(path, R_OK) != 0)
            skip();
        if (limner_io_motion_read(&take, path, err) < 0)
            fail_msg("%s", err);
        assert_true(take.n_frames > 1500);
        assert_true(fabs(take.fps - 60) < 1);
        limner_io_motion_close(&take);
    }
}

static int clean_up(void **state)
{
    (void)state;
    test_remove_folder();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_motion_comes_back),
        cmocka_unit_test(damage_is_named_with_its_line),
        cmocka_unit_test(cut_text_never_crashes),
        cmocka_unit_test(windows_line_ends_and_a_byte_order_mark_are_fine),
        cmocka_unit_test(foreign_eyes_become_gaze),
        cmocka_unit_test(recorded_takes_import),
    };

    return cmocka_run_group_tests(tests, NULL, clean_up);
}
