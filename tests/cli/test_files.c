/* SPDX-License-Identifier: Apache-2.0 */
/* The real program on real and bad files, end to end, with the demo portrait: EVALUATION's list of
 * bad inputs, and that a take repeats. Skipped where the nets that
 * tools/fetch-models gets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_csv.h"
#include "run.h"

#define QUICK " -o out.mp4 --size 64 --fps 10 -q"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

static void assert_one_line(const char *what)
{
    if (r.status != 1 || run_lines(r.err) != 1 || !strstr(r.err, what) || *r.out)
        fail_msg("status %d, '%s' does not say '%s' in one line", r.status, r.err, what);
    assert_int_equal(test_count("out.mp4"), 0);
}

/* ---- pictures ---- */

static void copy_cut(const char *from, const char *to, size_t n_missing)
{
    limner_io_file f;

    assert_int_equal(limner_io_file_read(&f, from, 1 << 26, err), 0);
    test_write(test_path(to), f.bytes, f.len_bytes - n_missing);
    limner_io_file_close(&f);
}

static void bad_pictures_are_refused(void **state)
{
    static const uint8_t huge[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x2e\xe0\0\0\x2e\xe0\x08\2";
    static const uint8_t heic[24] = "\0\0\0\x18" "ftypmif1" "\0\0\0\0" "miafheic";
    static const uint8_t moving[30] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\2";
    static const struct {
        const char *name, *says;
    } cases[] = {
        {"absent.jpg", "limner: absent.jpg: there is no such file; check the name\n"},
        {"empty.jpg", "limner: empty.jpg: is empty (0 bytes); give another file\n"},
        {"cut.jpg", "limner: cut.jpg: is cut short: its end is missing; copy it again\n"},
        {"huge.png", "limner: huge.png: has 12000 x 12000 pixels, the limit is 100 million and "
                     "16384 a side; make it smaller first\n"},
        {"text.jpg", "limner: text.jpg: the data is damaged, cut short or of an unknown format; "
                     "give a common format such as JPEG, PNG, WAV, MP3 or MP4\n"},
        {"sound.wav", "limner: sound.wav: holds no picture that can be read; give a JPEG, PNG or "
                      "WebP\n"},
        {"phone.jpg", "limner: phone.jpg: is a HEIC picture, which is not read; save it as "
                      "JPEG\n"},
        {"moving.webp", "limner: moving.webp: is an animated WebP, which is not read; save a "
                        "picture of it as PNG\n"},
        {".", "limner: .: is a folder; give a file\n"},
        {"dot.png", "limner: dot.png: 1 x 1 pixels; at least 32 on a side are needed; give a "
                    "larger picture\n"},
        /* These are read; the picture just shows four coloured squares. */
        {"cmyk.jpg", "limner: cmyk.jpg: no face found in the picture; give a picture with a face "
                     "seen from the front\n"},
        {"animated.gif", "limner: animated.gif: no face found in the picture; give a picture with "
                         "a face seen from the front\n"},
        {"grey16.png", "limner: grey16.png: no face found in the picture; give a picture with a "
                       "face seen from the front\n"},
        {"damaged.portrait", "limner: damaged.portrait: is damaged or was made by another version "
                             "of limner; make it again with limner portrait\n"},
    };
    char arguments[128];

    (void)state;
    test_write(test_path("empty.jpg"), "", 0);
    test_write(test_path("text.jpg"), "no picture", 10);
    test_write(test_path("huge.png"), huge, sizeof(huge));
    test_write(test_path("phone.jpg"), heic, sizeof(heic));
    test_write(test_path("moving.webp"), moving, sizeof(moving));
    assert_int_equal(
        limner_io_png_write(test_path("dot.png"), huge, 3, 1, 1, 3, NULL, err), 0);
    test_write(test_path("damaged.portrait"), "no portrait", 11);
    copy_cut(test_data("../../assets/demo.jpg"), "cut.jpg", 3000);
    copy_cut(test_data("cmyk.jpg"), "cmyk.jpg", 0);
    copy_cut(test_data("animated.gif"), "animated.gif", 0);
    copy_cut(test_data("grey16.png"), "grey16.png", 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments), "speak %s sound.wav" QUICK, cases[i].name);
        run_expect(arguments, 1, "", cases[i].says);
        assert_int_equal(test_count("out.mp4"), 0);
    }
}

/* n x n copies of the demo portrait, each of side_px. */
static void make_crowd(const char *path, uint32_t n, uint32_t side_px)
{
    limner_io_image demo;
    const uint32_t side = n * side_px;
    uint8_t *pixels = malloc((size_t)side * side * 3);

    assert_non_null(pixels);
    assert_int_equal(limner_io_image_read(&demo, test_data("../../assets/demo.jpg"), err), 0);
    for (uint32_t y = 0; y < side; y++) {
        for (uint32_t x = 0; x < side; x++) {
            const uint32_t from_x = x % side_px * demo.width_px / side_px;
            const uint32_t from_y = y % side_px * demo.height_px / side_px;
            memcpy(pixels + 3 * ((size_t)y * side + x),
                   demo.rgb + 3 * ((size_t)from_y * demo.width_px + from_x), 3);
        }
    }
    assert_int_equal(
        limner_io_png_write(path, pixels, (ptrdiff_t)side * 3, side, side, 3, NULL, err), 0);
    limner_io_image_close(&demo);
    free(pixels);
}

static void many_faces_must_be_chosen_from(void **state)
{
    int n = 0;

    (void)state;
    make_crowd(test_path("crowd.png"), 5, 256);
    run_limner(&r, NULL, "portrait crowd.png");
    assert_one_line("faces found; choose one by its number, 0 the largest: --face N");
    assert_int_equal(sscanf(r.err, "limner: crowd.png: %d faces", &n), 1);
    assert_true(n > 10);
    make_crowd(test_path("four.png"), 2, 256);
    run_limner(&r, NULL, "portrait four.png --face 31");
    assert_one_line("face 31 asked for, but only");
}

/* ---- sound ---- */

static void bad_sounds_are_refused(void **state)
{
    static const struct {
        const char *name, *says;
    } cases[] = {
        {"absent.wav", "limner: absent.wav: there is no such file; check the name\n"},
        {"empty.wav", "limner: empty.wav: is empty (0 bytes); give another file\n"},
        {"none.wav", "limner: none.wav: holds no sound (0 samples); give another file\n"},
        {"cut.wav", "limner: cut.wav: is cut short: its header promises more sound than there is; "
                    "copy it again\n"},
        {"nan.wav", "limner: nan.wav: its sound holds values that are not numbers (NaN or "
                    "infinite); export it again\n"},
        {"demo.portrait", "limner: demo.portrait: is a portrait, not a sound; the portrait comes "
                          "first, then the sound\n"},
        {"cmyk.jpg", "limner: cmyk.jpg: has no sound; give a sound file or a video with sound\n"},
    };
    const float nan_value = NAN;
    char arguments[128];

    (void)state;
    test_write(test_path("empty.wav"), "", 0);
    test_wav(test_path("none.wav"), TEST_PCM, 16, 16000, 1, 0, -1);
    test_wav(test_path("whole.wav"), TEST_PCM, 16, 16000, 1, 1, -1);
    copy_cut(test_path("whole.wav"), "cut.wav", 9000);
    test_wav(test_path("nan.wav"), TEST_FLOAT, 32, 16000, 1, 1, -1);
    copy_cut(test_data("cmyk.jpg"), "cmyk.jpg", 0);
    const int fd = open(test_path("nan.wav"), O_WRONLY);
    assert_int_equal(pwrite(fd, &nan_value, 4, 44 + 4 * 15000), 4);
    close(fd);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments), "speak demo.portrait %s" QUICK, cases[i].name);
        run_expect(arguments, 1, "", cases[i].says);
        assert_int_equal(test_count("out.mp4"), 0);
    }
}

static void odd_sounds_are_taken(void **state)
{
    static const struct {
        int form, bits, rate_hz, n_channels;
    } forms[] = {
        {TEST_PCM, 8, 8000, 1},    {TEST_PCM, 24, 48000, 2}, {TEST_FLOAT, 32, 44100, 1},
        {TEST_PCM, 16, 192000, 1}, {TEST_PCM, 16, 48000, 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        limner_io_audio *audio;
        test_wav(test_path("odd.wav"), forms[i].form, forms[i].bits, forms[i].rate_hz,
                 forms[i].n_channels, 0.55, -1);
        run_limner(&r, NULL, "speak demo.portrait odd.wav --json" QUICK);
        if (r.status != 0)
            fail_msg("%s", r.err);
        assert_non_null(strstr(r.out, "\"frames\": 6, \"sound_s\": 0.55"));
        assert_int_equal(limner_io_audio_open(&audio, test_path("out.mp4"), err), 0);
        assert_true(fabs(limner_io_audio_duration_s(audio) - 0.55) < 0.1);
        limner_io_audio_close(&audio);
        unlink(test_path("out.mp4"));
    }
}

/* Nothing in an Ogg file tells a recorded broadcast from a file whose end is missing. */
static void sound_without_an_end_is_taken_and_said(void **state)
{
    static const char said[] = "limner: cut.ogg: stops without an end, as if cut short; taken as "
                               "far as it goes\n";
    char command[512];

    (void)state;
    if (system("command -v ffmpeg >/dev/null 2>&1") != 0)
        skip();
    test_wav(test_path("whole.wav"), TEST_PCM, 16, 16000, 1, 4, -1);
    snprintf(command, sizeof(command),
             "cd '%s' && ffmpeg -v error -y -i whole.wav -c:a libopus whole.ogg",
             test_folder());
    assert_int_equal(system(command), 0);
    copy_cut(test_path("whole.ogg"), "cut.ogg", 1000);
    run_expect("speak demo.portrait whole.ogg" QUICK, 0, "", "");
    run_expect("speak demo.portrait cut.ogg" QUICK, 0, "", said);
    run_expect("info whole.ogg", 0, NULL, "");
    run_expect("info cut.ogg", 0, NULL, said);
    run_expect("listen cut.ogg -q --csv", 0, NULL, said);
    unlink(test_path("out.mp4"));
}

/* ---- takes ---- */

static void hash_of(char hash[32], const run_setup *setup, const char *arguments)
{
    run_limner(&r, setup, arguments);
    if (r.status != 0)
        fail_msg("%s: %s", arguments, r.err);
    assert_int_equal(strlen(r.out), 17);
    snprintf(hash, 32, "%.16s", r.out);
}

static void take_repeats_whatever_the_threads_and_the_way_in(void **state)
{
    const run_setup piped = {.input = "sound.wav"};
    char first[32], second[32], arguments[200];

    (void)state;
    hash_of(first, NULL, "speak demo.portrait sound.wav --hash --seed 5 --threads 1" QUICK);
    hash_of(second, NULL, "speak demo.portrait sound.wav --hash --seed 5 --threads 2" QUICK);
    assert_string_equal(first, second);
    hash_of(second, &piped, "speak demo.portrait - --hash --seed 5" QUICK);
    assert_string_equal(first, second);
    hash_of(second, NULL, "speak demo.portrait sound.wav --hash --seed 6" QUICK);
    assert_string_not_equal(first, second);
    snprintf(arguments, sizeof(arguments),
             "speak demo.portrait sound.wav --seed 5 --verify %s" QUICK, first);
    run_expect(arguments, 0, "", "");
    run_limner(&r, NULL, "speak demo.portrait sound.wav --seed 5 --verify 0123" QUICK);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "expected was 0123\n"));
    unlink(test_path("out.mp4"));
}

static void every_format_and_frame_is_written(void **state)
{
    static const char *const cases[] = {
        "o.mp4",
        "o.mp4 --frame full",
        "o.mov",
        "o.mov --frame alpha",
        "o.webm --frame alpha",
        "o.png --frame alpha",
        "o.y4m",
        "o.yuv",
        "o.bin --format raw",
    };
    char arguments[200];

    (void)state;
    test_wav(test_path("short.wav"), TEST_PCM, 16, 16000, 1, 0.25, -1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments),
                 "speak demo.portrait short.wav --size 96 --fps 10 -q -o %s", cases[i]);
        run_expect(arguments, 0, "", "");
    }
    assert_int_equal(test_count("o-00000"), 3);
    assert_int_equal(test_count("partial"), 0);
}

/* Read as pictures, transparent parts lie over neutral grey; a WebM names its second picture. */
static void transparency_is_in_the_files(void **state)
{
    static const char *const pictures[] = {"see.mov", "see-000001.png"};
    static const uint8_t alpha_mode[] = {0x53, 0xC0, 0x81, 1};
    static const char *const outputs[] = {"see.mov", "see.png", "see.webm"};
    limner_io_file f;
    bool is_named = false;
    char arguments[200];

    (void)state;
    test_wav(test_path("blink.wav"), TEST_PCM, 16, 16000, 1, 0.1, -1);
    for (int i = 0; i < 3; i++) {
        snprintf(arguments, sizeof(arguments), "speak demo.portrait blink.wav --frame alpha "
                 "--size 96 --fps 10 -q -o %s", outputs[i]);
        run_expect(arguments, 0, "", "");
    }
    for (int i = 0; i < 2; i++) {
        limner_io_image img;

        assert_int_equal(limner_io_image_read(&img, test_path(pictures[i]), err), 0);
        const uint8_t *face = img.rgb + 3 * (60 * 96 + 48);
        for (int c = 0; c < 3; c++)
            assert_in_range(img.rgb[c], 127, 129); /* beside the head */
        assert_true(face[0] > face[2] + 20); /* skin */
        limner_io_image_close(&img);
    }
    assert_int_equal(limner_io_file_read(&f, test_path("see.webm"), 1 << 24, err), 0);
    for (size_t i = 0; i + sizeof(alpha_mode) <= f.len_bytes; i++)
        is_named = is_named || !memcmp((const char *)f.bytes + i, alpha_mode, sizeof(alpha_mode));
    assert_true(is_named);
    limner_io_file_close(&f);
}

static void motion_is_written_beside_the_video(void **state)
{
    limner_io_motion_take take;

    (void)state;
    run_expect("speak demo.portrait sound.wav --motion-out m.csv --pose 10,0,0 --still" QUICK, 0,
               "", "");
    if (limner_io_motion_read(&take, test_path("m.csv"), err) < 0)
        fail_msg("%s", err);
    assert_int_equal(take.n_frames, 10);
    assert_true(fabs(take.fps - 10) < 1e-6);
    limner_io_motion_close(&take);
    unlink(test_path("out.mp4"));
}

/* ---- motion files ---- */

/* What a portrait said, written as a motion file, makes it say the same again. */
static void own_motion_file_repeats_the_take(void **state)
{
    const run_setup piped = {.input = "m.csv"};
    char said[32], driven[32];

    (void)state;
    hash_of(said, NULL, "speak demo.portrait sound.wav --motion-out m.csv --hash" QUICK);
    hash_of(driven, NULL, "drive demo.portrait m.csv --audio sound.wav --hash" QUICK);
    assert_string_equal(said, driven);
    hash_of(driven, &piped, "drive demo.portrait - --motion-out again.csv --hash" QUICK);
    assert_string_equal(said, driven);
    hash_of(driven, NULL, "drive demo.portrait again.csv --hash" QUICK);
    assert_string_equal(said, driven);
    hash_of(driven, NULL, "drive demo.portrait m.csv --mouth-gain 2 --hash" QUICK);
    assert_string_not_equal(said, driven);
    hash_of(driven, NULL, "drive demo.portrait m.csv --absolute --hash" QUICK);
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
    hash_of(ahead, NULL, "drive demo.portrait ahead.csv --hash" QUICK);
    hash_of(turned, NULL, "drive demo.portrait turned.csv --motion-out m.csv --hash" QUICK);
    assert_string_equal(ahead, turned); /* how the other one holds the head does not matter ... */
    hash_of(turned, NULL, "drive demo.portrait turned.csv --absolute --hash" QUICK);
    hash_of(ahead, NULL, "drive demo.portrait ahead.csv --absolute --hash" QUICK);
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
    copy_cut(test_path("ahead.csv"), "cut.csv", 40);
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
    hash_of(as_file, NULL, "drive demo.portrait v.csv --absolute --hash" QUICK);
    hash_of(as_video, NULL, "drive demo.portrait v.mp4 --absolute --hash" QUICK);
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
    copy_cut(test_data("../../assets/demo.jpg"), "demo.jpg", 0);
    run_expect("track demo.jpg -o p.csv -q", 0, "", "");
    assert_int_equal(limner_io_motion_read(&take, test_path("p.csv"), err), 0);
    assert_int_equal(take.n_frames, 1);
    limner_io_motion_close(&take);
    run_limner(&r, NULL, "info demo.jpg");
    assert_non_null(strstr(r.out, "photo      1024 x 1024 pixels, 1 face\n"));
    copy_cut(test_data("cmyk.jpg"), "cmyk.jpg", 0);
    run_expect("track cmyk.jpg -o none.csv -q", 1, "",
               "limner: cmyk.jpg: no face found in its picture; give one of a face seen from the "
               "front\n");
    test_write(test_path("moving.webp"), moving, sizeof(moving));
    run_expect("track moving.webp -o none.csv -q", 1, "",
               "limner: moving.webp: is an animated WebP, which is not read; save a picture of it "
               "as PNG\n");
    assert_int_equal(test_count("none.csv"), 0);
}

/* ---- other commands ---- */

static void pose_and_info_see_the_portrait(void **state)
{
    limner_io_image image;

    (void)state;
    run_expect("pose demo.portrait -o p.png --size 128 --yaw 10 --set jawOpen=0.5", 0, "", "");
    assert_int_equal(limner_io_image_read(&image, test_path("p.png"), err), 0);
    assert_int_equal(image.width_px, 128);
    limner_io_image_close(&image);
    run_limner(&r, NULL, "info demo.portrait --json");
    assert_non_null(strstr(r.out, "{\"kind\": \"portrait\", \"width_px\": "));
    run_limner(&r, NULL, "info sound.wav --json");
    assert_non_null(strstr(r.out, "{\"kind\": \"sound\", \"seconds\": 1.0000, "));
    copy_cut(test_path("sound.wav"), "half.wav", 9000);
    run_expect("info half.wav", 1, "",
               "limner: half.wav: is cut short: its header promises more sound than there is; copy "
               "it again\n");
    run_limner(&r, NULL, "info --json");
    assert_int_equal(r.status, 0);
}

static void text_is_spoken_or_the_reason_given(void **state)
{
    (void)state;
    if (system("command -v espeak-ng >/dev/null 2>&1") != 0)
        skip();
    run_expect("say demo.portrait '-- Hello' --voice en-gb" QUICK, 2, "",
               "limner: say: there is no option -- Hello; see limner say --help\n");
    run_expect("say demo.portrait Hello --voice en-gb" QUICK, 0, "", "");
    unlink(test_path("out.mp4"));
    run_limner(&r, NULL, "say demo.portrait Hello --voice xx-none" QUICK);
    assert_one_line("espeak-ng: does not speak with the voice 'xx-none'");
    run_limner(&r, NULL, "say demo.portrait -" QUICK);
    assert_one_line("espeak-ng: the text makes no sound; give some words");
    run_limner(&r, NULL, "say demo.portrait '  ' " QUICK);
    assert_one_line("espeak-ng: the text makes no sound; give some words");
}

/* ---- the group ---- */

static int make_inputs(void **state)
{

    (void)state;
    test_wav(test_path("sound.wav"), TEST_PCM, 16, 16000, 1, 1, -1);
    run_make_portrait();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_pictures_are_refused),
        cmocka_unit_test(many_faces_must_be_chosen_from),
        cmocka_unit_test(bad_sounds_are_refused),
        cmocka_unit_test(odd_sounds_are_taken),
        cmocka_unit_test(sound_without_an_end_is_taken_and_said),
        cmocka_unit_test(take_repeats_whatever_the_threads_and_the_way_in),
        cmocka_unit_test(every_format_and_frame_is_written),
        cmocka_unit_test(transparency_is_in_the_files),
        cmocka_unit_test(motion_is_written_beside_the_video),
        cmocka_unit_test(own_motion_file_repeats_the_take),
        cmocka_unit_test(foreign_take_drives_relative_to_its_own_neutral),
        cmocka_unit_test(bad_motion_files_are_refused),
        cmocka_unit_test(video_is_followed_and_drives),
        cmocka_unit_test(photo_is_a_video_of_one_frame),
        cmocka_unit_test(pose_and_info_see_the_portrait),
        cmocka_unit_test(text_is_spoken_or_the_reason_given),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, make_inputs, test_clean_up) : RUN_SKIPPED;
}
