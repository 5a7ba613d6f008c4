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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "io/motion_csv.h"
#include "run.h"

#define QUICK " -o out.mp4 --size 64 --fps 10 -q"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

/* ---- pictures ---- */

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
    test_copy(test_data("../../assets/demo.jpg"), "cut.jpg", 3000);
    test_copy(test_data("cmyk.jpg"), "cmyk.jpg", 0);
    test_copy(test_data("animated.gif"), "animated.gif", 0);
    test_copy(test_data("grey16.png"), "grey16.png", 0);
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
    run_assert_refused(&r, "faces found; choose one by its number, 0 the largest: --face N");
    assert_int_equal(sscanf(r.err, "limner: crowd.png: %d faces", &n), 1);
    assert_true(n > 10);
    make_crowd(test_path("four.png"), 2, 256);
    run_limner(&r, NULL, "portrait four.png --face 31");
    run_assert_refused(&r, "face 31 asked for, but only");
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
    test_copy(test_path("whole.wav"), "cut.wav", 9000);
    test_wav(test_path("nan.wav"), TEST_FLOAT, 32, 16000, 1, 1, -1);
    test_copy(test_data("cmyk.jpg"), "cmyk.jpg", 0);
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
    test_copy(test_path("whole.ogg"), "cut.ogg", 1000);
    run_expect("speak demo.portrait whole.ogg" QUICK, 0, "", "");
    run_expect("speak demo.portrait cut.ogg" QUICK, 0, "", said);
    run_expect("info whole.ogg", 0, NULL, "");
    run_expect("info cut.ogg", 0, NULL, said);
    run_expect("listen cut.ogg -q --csv", 0, NULL, said);
    unlink(test_path("out.mp4"));
}

/* ---- takes ---- */

static void take_repeats_whatever_the_threads_and_the_way_in(void **state)
{
    const run_setup piped = {.input = "sound.wav"};
    char first[32], second[32], arguments[200];

    (void)state;
    run_hash(first, NULL, "speak demo.portrait sound.wav --hash --seed 5 --threads 1" QUICK);
    run_hash(second, NULL, "speak demo.portrait sound.wav --hash --seed 5 --threads 2" QUICK);
    assert_string_equal(first, second);
    run_hash(second, &piped, "speak demo.portrait - --hash --seed 5" QUICK);
    assert_string_equal(first, second);
    run_hash(second, NULL, "speak demo.portrait sound.wav --hash --seed 6" QUICK);
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
    test_copy(test_path("sound.wav"), "half.wav", 9000);
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
    run_assert_refused(&r, "espeak-ng: does not speak with the voice 'xx-none'");
    run_limner(&r, NULL, "say demo.portrait -" QUICK);
    run_assert_refused(&r, "espeak-ng: the text makes no sound; give some words");
    run_limner(&r, NULL, "say demo.portrait '  ' " QUICK);
    run_assert_refused(&r, "espeak-ng: the text makes no sound; give some words");
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
        cmocka_unit_test(pose_and_info_see_the_portrait),
        cmocka_unit_test(text_is_spoken_or_the_reason_given),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, run_make_inputs, test_clean_up)
                          : RUN_SKIPPED;
}
