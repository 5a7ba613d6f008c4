/* SPDX-License-Identifier: Apache-2.0 */
/* Motion files and videos through the real program: taken, repeated, refused. Skipped where the
 * nets that tools/fetch-models gets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_csv.h"
#include "run.h"

#define QUICK " -o out.mp4 --size 64 --fps 10 -q"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

/* ---- motion files ---- */

/* What a portrait said, written as a motion file, makes it say the same again. */
static void own_motion_file_repeats_the_take(void **state)
{
    const run_setup piped = {.input = "m.csv"};
    char said[32], driven[32];

    (void)state;
    run_hash(said, NULL, "speak demo.portrait sound.wav --motion-out m.csv --hash" QUICK);
    run_hash(driven, NULL, "drive demo.portrait m.csv --audio sound.wav --hash" QUICK);
    assert_string_equal(said, driven);
    run_hash(driven, &piped, "drive demo.portrait - --motion-out again.csv --hash" QUICK);
    assert_string_equal(said, driven);
    run_hash(driven, NULL, "drive demo.portrait again.csv --hash" QUICK);
    assert_string_equal(said, driven);
    run_hash(driven, NULL, "drive demo.portrait m.csv --mouth-gain 2 --hash" QUICK);
    assert_string_not_equal(said, driven);
    run_hash(driven, NULL, "drive demo.portrait m.csv --absolute --hash" QUICK);
    assert_string_not_equal(said, driven);
    unlink(test_path("out.mp4"));
}

static const char foreign_columns[] =
    "HeadRoll,JawOpen,TongueOut,NoseSneerRight,NoseSneerLeft,CheekSquintRight,CheekSquintLeft,"
    "CheekPuff,BrowOuterUpRight,BrowOuterUpLeft,BrowInnerUp,BrowDownRight,BrowDownLeft,"
    "MouthUpperUpRight,MouthUpperUpLeft,MouthLowerDownRight,MouthLowerDownLeft,MouthPressRight,"
    "MouthPressLeft,MouthShrugUpper,MouthShrugLower,MouthRollUpper,MouthRollLower,"
    "MouthStretchRight,MouthStretchLeft,MouthDimpleRight,MouthDimpleLeft,MouthFrownRight,"
    "MouthFrownLeft,MouthSmileRight,MouthSmileLeft,MouthRight,MouthLeft,MouthPucker,MouthFunnel,"
    "MouthClose,JawRight,JawLeft,JawForward,EyeWideRight,EyeSquintRight,EyeLookUpRight,"
    "EyeLookOutRight,EyeLookInRight,EyeLookDownRight,EyeBlinkRight,EyeWideLeft,EyeSquintLeft,"
    "EyeLookUpLeft,EyeLookOutLeft,EyeLookInLeft,EyeLookDownLeft,EyeBlinkLeft,HeadYaw,HeadPitch,"
    "Timecode\n";

/* A take as others write them: columns in another order, 60 frames/s, a gap of a second. The jaw
 * opens and shuts, and everything rests on a smile and a head that is turned by `yaw_rad`. */
static void write_foreign_take(const char *path, double yaw_rad)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(foreign_columns, f);
    for (int i = 0; i < 90; i++) {
        const int at = i + (i >= 50 ? 60 : 0);
        const double jaw = 0.25 - 0.25 * cos(0.2 * i);
        fprintf(f, "0,%.6f", jaw);
        for (int k = 2; k < 53; k++)
            fputs(k == 29 || k == 30 ? ",0.4" : ",0", f);
        fprintf(f, ",%.6f,0,10:20:%02d:%02d.250\n", yaw_rad, 30 + at / 60, at % 60);
    }
    fclose(f);
}

static void foreign_take_drives_relative_to_its_own_neutral(void **state)
{
    limner_io_motion_take take;
    char ahead[32], turned[32];

    (void)state;
    write_foreign_take(test_path("ahead.csv"), 0);
    write_foreign_take(test_path("turned.csv"), 0.25);
    run_hash(ahead, NULL, "drive demo.portrait ahead.csv --hash" QUICK);
    run_hash(turned, NULL, "drive demo.portrait turned.csv --motion-out m.csv --hash" QUICK);
    assert_string_equal(ahead, turned); /* how the other one holds the head does not matter ... */
    run_hash(turned, NULL, "drive demo.portrait turned.csv --absolute --hash" QUICK);
    run_hash(ahead, NULL, "drive demo.portrait ahead.csv --absolute --hash" QUICK);
    assert_string_not_equal(ahead, turned); /* ... unless it is asked for */
    assert_int_equal(limner_io_motion_read(&take, test_path("m.csv"), err), 0);
    assert_int_equal(take.n_frames, 25); /* 2.5 s at 10 frames/s */
    assert_true(take.is_relative);
    float most = 0;
    for (size_t i = 0; i < take.n_frames; i++) {
        assert_true(take.motion[i].yaw == 0);
        assert_true(take.motion[i].expression[LIMNER_MOUTH_SMILE_LEFT] == 0);
        most = fmaxf(most, take.motion[i].expression[LIMNER_JAW_OPEN]);
    }
    assert_true(most > 0.4f);
    limner_io_motion_close(&take);
    unlink(test_path("out.mp4"));
}

static void bad_motion_files_are_refused(void **state)
{
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"absent.csv", "limner: absent.csv: there is no such file; check the name\n"},
        {"empty.csv", "limner: empty.csv: is empty (0 bytes); give another file\n"},
        {"words.csv", "limner: words.csv: line 1: none of its columns is known; a motion file has "
                      "the columns of Live Link Face\n"},
        {"cut.csv", "limner: cut.csv: line 91: has 47 cells, the header has 56\n"},
        {"ahead.csv --audio absent.wav", "limner: absent.wav: there is no such file; check the "
                                         "name\n"},
        {"ahead.csv --audio ahead.csv", NULL},
    };
    char arguments[128];

    (void)state;
    write_foreign_take(test_path("ahead.csv"), 0);
    test_write(test_path("empty.csv"), "", 0);
    test_write(test_path("words.csv"), "a,b\n1,2\n", 8);
    test_copy(test_path("ahead.csv"), "cut.csv", 40);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments), "drive demo.portrait %s" QUICK, cases[i].arguments);
        run_expect(arguments, 1, "", cases[i].says);
        assert_int_equal(test_count("out.mp4"), 0);
    }
}

/* ---- videos in ---- */

static void video_is_followed_and_drives(void **state)
{
    const run_setup piped = {.input = "v.mp4"};
    limner_io_motion_take take;
    limner_io_file f;
    limner_io_audio *audio;
    char as_file[32], as_video[32];

    (void)state;
    run_expect("speak demo.portrait sound.wav -o v.mp4 --size 256 --fps 10 -q", 0, "", "");
    run_expect("track v.mp4 -o v.csv --landmarks v.f32 --report v.json -q", 0, "", "");
    assert_int_equal(limner_io_motion_read(&take, test_path("v.csv"), err), 0);
    assert_int_equal(take.n_frames, 10);
    assert_true(fabs(take.fps - 10) < 0.01 && !take.is_relative);
    assert_true(fabsf(take.motion[5].yaw) < 8 && take.motion[5].distance > 0.9f);
    limner_io_motion_close(&take);
    assert_int_equal(limner_io_file_read(&f, test_path("v.f32"), 1 << 20, err), 0);
    assert_int_equal(f.len_bytes, 10 * 478 * 2 * sizeof(float));
    const float *nose = (const float *)f.bytes + 2;
    assert_true(nose[0] > 80 && nose[0] < 176 && nose[1] > 80 && nose[1] < 200);
    limner_io_file_close(&f);
    assert_int_equal(limner_io_file_read(&f, test_path("v.json"), 1 << 20, err), 0);
    assert_memory_equal(f.bytes, "{\"frames\": 10, \"found\": 10, \"lost\": 0,", 38);
    limner_io_file_close(&f);
    run_limner(&r, NULL, "info v.mp4");
    assert_non_null(strstr(r.out, "video      256 x 256 pixels, 10 frames/s, 1.00 s, 1 face in its "
                                  "first frame\nface 0     at "));
    run_limner(&r, NULL, "info v.mp4 --json");
    assert_non_null(strstr(r.out, "{\"kind\": \"video\", \"width_px\": 256, \"height_px\": 256, "
                                  "\"fps\": 10, \"seconds\": 1.0000, \"faces\": [{\"face\": 0, "));
    run_hash(as_file, NULL, "drive demo.portrait v.csv --absolute --hash" QUICK);
    run_hash(as_video, NULL, "drive demo.portrait v.mp4 --absolute --hash" QUICK);
    assert_string_equal(as_file, as_video);
    /* The video's own sound came along. */
    assert_int_equal(limner_io_audio_open(&audio, test_path("out.mp4"), err), 0);
    limner_io_audio_close(&audio);
    unlink(test_path("out.mp4"));
    run_limner(&r, &piped, "track - -o - -q");
    assert_int_equal(r.status, 0);
    assert_int_equal(run_lines(r.out), 11);
    run_expect("track sound.wav -o v.csv", 1, "",
               "limner: sound.wav: has no pictures; give a video or a photo\n");
}

static void photo_is_a_video_of_one_frame(void **state)
{
    static const uint8_t moving[30] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\2";
    limner_io_motion_take take;

    (void)state;
    test_copy(test_data("../../assets/demo.jpg"), "demo.jpg", 0);
    run_expect("track demo.jpg -o p.csv -q", 0, "", "");
    assert_int_equal(limner_io_motion_read(&take, test_path("p.csv"), err), 0);
    assert_int_equal(take.n_frames, 1);
    limner_io_motion_close(&take);
    run_limner(&r, NULL, "info demo.jpg");
    assert_non_null(strstr(r.out, "photo      1024 x 1024 pixels, 1 face\n"));
    test_copy(test_data("cmyk.jpg"), "cmyk.jpg", 0);
    run_expect("track cmyk.jpg -o none.csv -q", 1, "",
               "limner: cmyk.jpg: no face found in its picture; give one of a face seen from the "
               "front\n");
    test_write(test_path("moving.webp"), moving, sizeof(moving));
    run_expect("track moving.webp -o none.csv -q", 1, "",
               "limner: moving.webp: is an animated WebP, which is not read; save a picture of it "
               "as PNG\n");
    assert_int_equal(test_count("none.csv"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_motion_file_repeats_the_take),
        cmocka_unit_test(foreign_take_drives_relative_to_its_own_neutral),
        cmocka_unit_test(bad_motion_files_are_refused),
        cmocka_unit_test(video_is_followed_and_drives),
        cmocka_unit_test(photo_is_a_video_of_one_frame),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, run_make_inputs, test_clean_up)
                          : RUN_SKIPPED;
}
