/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of limner drive do to a motion, seen in the motion it writes; recorded takes;
 * what it refuses. Skipped where the nets are not there. */
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
#include "io/motion_take.h"
#include "run.h"

enum { N_FRAMES = 20 };

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];
static limner_motion made[N_FRAMES];

/* ---- motions ---- */

/* A person who rests with a turned head, a slight smile and the lips apart. */
static void make_motion(void)
{
    for (int n = 0; n < N_FRAMES; n++) {
        limner_motion *m = &made[n];
        const float rise = n < 10 ? 0 : 0.03f * (float)(n - 10);
        *m = (limner_motion){.distance = 1.2f, .yaw = 10 + 20 * rise, .pitch = -4, .roll = 2};
        m->gaze_yaw = 10;
        m->gaze_pitch = -4;
        m->expression[LIMNER_JAW_OPEN] = 0.1f + rise;
        m->expression[LIMNER_MOUTH_SMILE_LEFT] = 0.2f + 0.5f * rise;
        m->expression[LIMNER_BROW_INNER_UP] = rise;
        m->expression[LIMNER_EYE_BLINK_LEFT] = n == 15 ? 1 : 0.05f;
    }
}

static void write_motion(const char *name, int is_relative)
{
    limner_io_motion_writer *w;

    assert_int_equal(limner_io_motion_writer_open(&w, 10, 1, is_relative, err), 0);
    for (int n = 0; n < N_FRAMES; n++)
        assert_int_equal(limner_io_motion_writer_add(w, &made[n], err), 0);
    assert_int_equal(limner_io_motion_writer_close(&w, test_path(name), err), 0);
}

static void drive(limner_io_motion_take *out, const char *arguments)
{
    char text[300];

    snprintf(text, sizeof(text),
             "drive demo.portrait %s --motion-out out.csv -o out.mp4 --size 64 --fps 10 -q",
             arguments);
    run_limner(&r, NULL, text);
    if (r.status != 0)
        fail_msg("%s: %s", text, r.err);
    if (limner_io_motion_read(out, test_path("out.csv"), err) < 0)
        fail_msg("%s", err);
}

static void assert_near(float a, float b)
{
    if (!(fabsf(a - b) < 1e-4f))
        fail_msg("%g is not %g", (double)a, (double)b);
}

/* The header and the rows that `keeps`; at most 180 of them. */
static void copy_rows(const char *from_path, const char *name, int (*keeps)(int row))
{
    FILE *from = fopen(from_path, "r"), *to = fopen(test_path(name), "w");
    char line[8192];

    assert_true(from && to);
    for (int row = -1; row < 180 && fgets(line, sizeof(line), from); row++)
        if (row < 0 || keeps(row))
            fputs(line, to);
    fclose(from);
    fclose(to);
}

/* ---- tests ---- */

static void relative_motion_starts_at_rest(void **state)
{
    limner_io_motion_take take;

    (void)state;
    drive(&take, "m.csv");
    assert_true(take.is_relative);
    assert_near(take.motion[5].expression[LIMNER_JAW_OPEN], 0);
    assert_near(take.motion[5].distance, 1);
    assert_near(take.motion[5].pitch, 0);
    assert_near(take.motion[19].yaw - take.motion[5].yaw, 20 * 0.27f);
    assert_near(take.motion[19].expression[LIMNER_JAW_OPEN], 0.27f / 0.9f);
    assert_near(take.motion[19].expression[LIMNER_MOUTH_SMILE_LEFT], 0.135f / 0.8f);
    assert_near(take.motion[15].expression[LIMNER_EYE_BLINK_LEFT], 1); /* lids still close */
    limner_io_motion_close(&take);
}

static void absolute_motion_is_shown_as_it_is(void **state)
{
    limner_io_motion_take take;

    (void)state;
    drive(&take, "m.csv --absolute");
    assert_false(take.is_relative);
    for (int n = 0; n < N_FRAMES; n++)
        assert_memory_equal(&take.motion[n], &made[n], sizeof(made[n]));
    limner_io_motion_close(&take);
}

/* Each gain scales its own and nothing else; lids and gaze belong to none. */
static void gains_scale_their_own(void **state)
{
    static const struct {
        const char *arguments;
        float head, brows, mouth;
    } cases[] = {
        {"relative.csv", 1, 1, 1},
        {"relative.csv --head-gain 2", 2, 1, 1},
        {"relative.csv --head-gain 0", 0, 1, 1},
        {"relative.csv --expression-gain 0.5", 1, 0.5f, 1},
        {"relative.csv --mouth-gain 1.5", 1, 1, 1.5f},
        {"relative.csv --head-gain 0.5 --expression-gain 2 --mouth-gain 0", 0.5f, 2, 0},
    };
    limner_io_motion_take take;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        drive(&take, cases[i].arguments);
        assert_int_equal(take.n_frames, N_FRAMES);
        for (int n = 0; n < N_FRAMES; n++) {
            const limner_motion *got = &take.motion[n], *was = &made[n];
            assert_near(got->yaw, cases[i].head * was->yaw);
            assert_near(got->roll, cases[i].head * was->roll);
            assert_near(got->distance, powf(was->distance, cases[i].head));
            assert_near(got->expression[LIMNER_MOUTH_SMILE_LEFT],
                        cases[i].brows * was->expression[LIMNER_MOUTH_SMILE_LEFT]);
            assert_near(got->expression[LIMNER_BROW_INNER_UP],
                        cases[i].brows * was->expression[LIMNER_BROW_INNER_UP]);
            assert_near(got->expression[LIMNER_JAW_OPEN],
                        cases[i].mouth * was->expression[LIMNER_JAW_OPEN]);
            assert_near(got->expression[LIMNER_EYE_BLINK_LEFT],
                        was->expression[LIMNER_EYE_BLINK_LEFT]);
            assert_near(got->gaze_yaw, was->gaze_yaw);
        }
        limner_io_motion_close(&take);
    }
}

/* The first second is rest, the whole take is not: its last frames are the second rest. */
static void the_neutral_face_can_be_taken_from_the_start(void **state)
{
    limner_io_motion_take whole, start, first;

    (void)state;
    for (int n = 0; n < N_FRAMES; n++)
        made[n].yaw = n < 5 ? 3 : 11;
    write_motion("moved.csv", 0);
    drive(&whole, "moved.csv");
    drive(&start, "moved.csv --neutral 0.5");
    drive(&first, "moved.csv --neutral 0");
    assert_near(whole.motion[0].yaw, -8);
    assert_near(whole.motion[19].yaw, 0);
    assert_near(start.motion[0].yaw, 0);
    assert_near(start.motion[19].yaw, 8);
    assert_near(first.motion[19].yaw, 8);
    limner_io_motion_close(&whole);
    limner_io_motion_close(&start);
    limner_io_motion_close(&first);
    make_motion();
}

static int keeps_all(int row)
{
    return row >= 0;
}

/* Five takes of an iPhone at 60 frames/s. */
static void recorded_takes_drive_a_portrait(void **state)
{
    static const char *const names[] = {"angry", "disgusted", "fearful", "neutral", "sad"};
    const char *folder = getenv("LIMNER_DATA");
    limner_io_motion_take take, shown;
    char path[600];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), "%s/motion/livelink/%s.csv", folder ? folder : "", names[i]);
        if (!folder || access(path, R_OK) != 0)
            skip();
        assert_int_equal(limner_io_motion_read(&take, path, err), 0);
        copy_rows(path, "take.csv", keeps_all);
        drive(&shown, "take.csv --absolute");
        assert_true(shown.n_frames >= 30 && shown.n_frames <= 31); /* of 3 s */
        for (size_t n = 0; n < 30; n++) {
            limner_motion want;
            limner_io_motion_at(&want, &take, (double)n / 10);
            assert_near(shown.motion[n].yaw, want.yaw);
            assert_near(shown.motion[n].gaze_pitch, want.gaze_pitch);
            for (int k = 0; k < LIMNER_N_EXPRESSION; k++)
                assert_near(shown.motion[n].expression[k], want.expression[k]);
        }
        limner_io_motion_close(&shown);
        drive(&shown, "take.csv"); /* relative: it must at least be shown */
        limner_io_motion_close(&shown);
        limner_io_motion_close(&take);
    }
}

static int has_gaps(int row)
{
    return row != 4 && (row < 10 || row > 14);
}

static void missing_frames_are_told(void **state)
{
    (void)state;
    copy_rows(test_path("m.csv"), "gaps.csv", has_gaps);
    run_limner(&r, NULL, "drive demo.portrait gaps.csv -o out.mp4 --size 64 --fps 10");
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.err, "gaps.csv: 6 frames are missing in 2 places, for 0.60 s at most; "
                                  "the motion is interpolated there\n"));
}

static void what_is_no_motion_is_refused(void **state)
{
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"header.csv", "limner: header.csv: line 1: the file holds no frames\n"},
        {"nan.csv", "limner: nan.csv: line 4, column 20: JawOpen is 'nan', not a number\n"},
        {"faceless.y4m", "limner: faceless.y4m: no face found in its picture; give one of a face "
                         "seen from the front\n"},
        {"frameless.y4m", "limner: frameless.y4m: holds no pictures; give another video\n"},
        {"sound.wav", "limner: sound.wav: has no pictures; give a video or a photo\n"},
        {"demo.portrait", "limner: demo.portrait: is a portrait, not a motion; the portrait comes "
                          "first, then the motion\n"},
    };
    const char y4m[] = "YUV4MPEG2 W64 H64 F25:1 Ip A1:1 Cmono\nFRAME\n";
    static char grey[sizeof(y4m) - 1 + 64 * 64];
    char arguments[200];
    limner_io_file f;

    (void)state;
    assert_int_equal(limner_io_file_read(&f, test_path("m.csv"), 1 << 20, err), 0);
    char *text = malloc(f.len_bytes + 1);
    assert_non_null(text);
    memcpy(text, f.bytes, f.len_bytes);
    text[f.len_bytes] = 0;
    const size_t n = f.len_bytes;
    limner_io_file_close(&f);
    test_write(test_path("header.csv"), text, (size_t)(strchr(text, '\n') - text) + 1);
    char *at = text;
    for (int line = 1; line < 4; line++)
        at = strchr(at, '\n') + 1;
    for (int column = 1; column < 20; column++)
        at = strchr(at, ',') + 1;
    memcpy(at, "nan", 3);
    memmove(at + 3, strchr(at, ','), strlen(strchr(at, ',')) + 1);
    test_write(test_path("nan.csv"), text, strlen(text));
    assert_true(n > strlen(text));
    free(text);
    memset(grey, 90, sizeof(grey));
    memcpy(grey, y4m, sizeof(y4m) - 1);
    test_write(test_path("faceless.y4m"), grey, sizeof(grey));
    test_write(test_path("frameless.y4m"), y4m, sizeof(y4m) - 1 - 6);
    test_wav(test_path("sound.wav"), TEST_PCM, 16, 16000, 1, 1, -1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unlink(test_path("out.mp4"));
        snprintf(arguments, sizeof(arguments), "drive demo.portrait %s -o out.mp4 --size 64 -q",
                 cases[i].arguments);
        run_expect(arguments, 1, "", cases[i].says);
        assert_int_equal(test_count("out.mp4"), 0);
    }
}

/* ---- the group ---- */

static int make_inputs(void **state)
{
    (void)state;
    make_motion();
    write_motion("m.csv", 0);
    write_motion("relative.csv", 1);
    run_make_portrait();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relative_motion_starts_at_rest),
        cmocka_unit_test(absolute_motion_is_shown_as_it_is),
        cmocka_unit_test(gains_scale_their_own),
        cmocka_unit_test(the_neutral_face_can_be_taken_from_the_start),
        cmocka_unit_test(recorded_takes_drive_a_portrait),
        cmocka_unit_test(missing_frames_are_told),
        cmocka_unit_test(what_is_no_motion_is_refused),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, make_inputs, test_clean_up) : RUN_SKIPPED;
}
