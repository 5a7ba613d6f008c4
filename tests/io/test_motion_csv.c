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
#include "io/motion_take.h"

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
    assert_int_equal(limner_io_motion_writer_open(&w, 30, 1, false, err), 0);
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

    assert_int_equal(limner_io_motion_writer_open(&w, 25, 1, false, err), 0);
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
        {"JawOpen", "JawLeft", "line 1, column 20: JawLeft is there twice"},
        {"LimnerRelative", "\"LimnerRelative", "line 1, column 74: the quote is not closed"},
        {"JawOpen", "\"Jaw\"Open", "line 1, column 20: something stands behind the closing quote"},
        {"00:00:00:00", "00:00:61:00", "line 2, column 1: '00:00:61:00.000' is no timecode"},
        {"00.000,61,", "00.000,61,x", "line 2, column 3: EyeBlinkLeft is 'x0.0137"},
        {"61,0.0137999998", "61,nan", "line 2, column 3: EyeBlinkLeft is 'nan', not a number"},
        {"61,0.0137999998", "61,1e9", "outside -0.5..2"},
        {"61,0.0137999998", "61,", "line 2, column 3: EyeBlinkLeft is '', not a number"},
        {"61,0.0137999998", "61,\"0,5\"", "is '0,5', not a number; numbers have a point"},
        {"00.000,61,", "00.000,61,0,5", "has 75 cells, the header has 74; numbers have a point"},
        {",LimnerSway", "", "line 2: has 74 cells, the header has 73"},
        {"00.000,61,", "00.000,", "line 2: has 73 cells, the header has 74"},
        {"Timecode,BlendshapeCount,EyeBlinkLeft", "a;b", "line 1: column EyeBlinkLeft is missing"},
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

static void a_file_says_whether_it_is_relative(void **state)
{
    limner_io_motion_writer *w;
    limner_io_motion_take take;
    const limner_motion m = motion_of(1);

    (void)state;
    for (int is_relative = 0; is_relative < 2; is_relative++) {
        assert_int_equal(limner_io_motion_writer_open(&w, 25, 1, is_relative, err), 0);
        assert_int_equal(limner_io_motion_writer_add(w, &m, err), 0);
        assert_int_equal(limner_io_motion_writer_close(&w, test_path("r.csv"), err), 0);
        assert_int_equal(limner_io_motion_read(&take, test_path("r.csv"), err), 0);
        assert_int_equal(take.is_relative, is_relative);
        limner_io_motion_close(&take);
    }
    two_frames();
    change("LimnerRelative", "Other");
    assert_int_equal(limner_io_motion_parse(&take, text, strlen(text), "m.csv", err), 0);
    assert_false(take.is_relative);
    limner_io_motion_close(&take);
}

/* ---- takes ---- */

enum { N_TAKE = 200 };

static limner_motion frames[N_TAKE];
static double times[N_TAKE];

/* Jaw opening of frame i: syllables over a mouth that never quite closes. */
static float jaw_of(int i)
{
    return 0.1f + 0.4f * fmaxf(0, sinf(0.7f * (float)i));
}

/* About 60 frames/s, unevenly, with a gap of half a second. */
static limner_io_motion_take make_take(void)
{
    for (int i = 0; i < N_TAKE; i++) {
        times[i] = i / 60.0 + 0.004 * sin(3.0 * i) + (i >= 120 ? 0.5 : 0);
        frames[i] = (limner_motion){.distance = 1.25f, .yaw = 8 + 4 * sinf(0.1f * (float)i)};
        frames[i].pitch = i % 50 == 49 ? 60 : -3; /* a few frames are wild */
        frames[i].gaze_yaw = -6;
        frames[i].expression[LIMNER_JAW_OPEN] = jaw_of(i);
        frames[i].expression[LIMNER_EYE_BLINK_LEFT] = i % 60 < 6 ? 1 : 0.15f;
        frames[i].expression[LIMNER_MOUTH_SMILE_LEFT] = 0.3f;
    }
    return (limner_io_motion_take){frames, times, N_TAKE, 60, false};
}

static void interpolation_meets_frames_and_never_overshoots(void **state)
{
    const limner_io_motion_take take = make_take();
    const int jaw = LIMNER_JAW_OPEN;
    limner_motion m;

    (void)state;
    for (int i = 0; i < N_TAKE; i++) {
        limner_io_motion_at(&m, &take, times[i]);
        assert_memory_equal(&m, &frames[i], sizeof(m));
    }
    for (int i = 0; i + 1 < N_TAKE; i++) {
        const float a = jaw_of(i), b = jaw_of(i + 1), low = fminf(a, b), high = fmaxf(a, b);
        float last = a;
        for (int k = 1; k < 8; k++) {
            limner_io_motion_at(&m, &take, times[i] + k * (times[i + 1] - times[i]) / 8);
            const float v = m.expression[jaw];
            assert_true(v >= low - 1e-6f && v <= high + 1e-6f);
            assert_true((v - last) * (b - a) >= -1e-6f); /* monotone */
            last = v;
        }
    }
    limner_io_motion_at(&m, &take, -5);
    assert_memory_equal(&m, &frames[0], sizeof(m));
    limner_io_motion_at(&m, &take, 1e6);
    assert_memory_equal(&m, &frames[N_TAKE - 1], sizeof(m));
}

/* A cubic follows a sine sampled at 60 frames/s far better than straight lines do. */
static void interpolation_is_smooth(void **state)
{
    limner_io_motion_take take = make_take();
    double worst = 0, worst_line = 0;
    limner_motion m;

    (void)state;
    for (int i = 0; i < N_TAKE; i++) {
        times[i] = i / 60.0;
        frames[i].yaw = 10 * sinf((float)(20 * times[i]));
    }
    for (int i = 1; i + 2 < N_TAKE; i++) {
        const double t = times[i] + 0.5 / 60, truth = 10 * sin(20 * t);
        const double line = 0.5 * ((double)frames[i].yaw + (double)frames[i + 1].yaw);
        if (cos(20 * (t - 1.6 / 60)) * cos(20 * (t + 1.6 / 60)) <= 0)
            continue; /* at an extreme the curve is flat by design */
        limner_io_motion_at(&m, &take, t);
        worst = fmax(worst, fabs((double)m.yaw - truth));
        worst_line = fmax(worst_line, fabs(line - truth));
    }
    assert_true(worst < 0.25 * worst_line);
}

static void neutral_face_is_where_the_take_rests(void **state)
{
    limner_io_motion_take take = make_take();
    limner_motion n;

    (void)state;
    assert_int_equal(limner_io_motion_neutral(&n, &take, INFINITY, err), 0);
    assert_true(fabsf(n.expression[LIMNER_JAW_OPEN] - 0.1f) < 1e-6f);
    assert_true(fabsf(n.expression[LIMNER_EYE_BLINK_LEFT] - 0.15f) < 1e-6f);
    assert_true(fabsf(n.yaw - 8) < 1 && n.pitch == -3 && n.gaze_yaw == -6);
    limner_io_motion_make_relative(&take, &n);
    assert_true(take.is_relative);
    for (int i = 0; i < N_TAKE; i++) {
        const limner_motion *m = &frames[i];
        assert_true(m->expression[LIMNER_EYE_BLINK_LEFT] == (i % 60 < 6 ? 1.f : 0.f));
        assert_true(m->expression[LIMNER_JAW_OPEN] >= 0 && m->expression[LIMNER_JAW_OPEN] <= 1);
        assert_true(m->expression[LIMNER_MOUTH_SMILE_LEFT] == 0);
        assert_true(fabsf(m->yaw) < 5 && m->distance == 1 && m->gaze_yaw == 0);
    }
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
        cmocka_unit_test(a_file_says_whether_it_is_relative),
        cmocka_unit_test(interpolation_meets_frames_and_never_overshoots),
        cmocka_unit_test(interpolation_is_smooth),
        cmocka_unit_test(neutral_face_is_where_the_take_rests),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
