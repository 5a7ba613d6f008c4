/* SPDX-License-Identifier: Apache-2.0 */
/* Several faces with voices of their own in one picture, and the whole photo at its own size: the
 * real program on the demo portrait beside itself. Skipped without the nets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "io/media.h"
#include "run.h"

#define FAST " --fps 10 --size 320 -q"

enum { W = 1025, H = 513 };             /* of the photo: odd */

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

/* The demo picture twice, half as large, the right one mirrored. */
static int make_pair(void **state)
{
    const char *source = getenv("LIMNER_SOURCE");
    static uint8_t rgb[W * H * 3];
    limner_io_image one;
    char path[4096];

    (void)state;
    if (!run_has_nets())
        return 0;
    snprintf(path, sizeof(path), "%s/assets/demo.jpg", source ? source : ".");
    if (limner_io_image_read(&one, path, err) < 0)
        return -1;
    for (size_t y = 0; y < H; y++) {
        for (size_t x = 0; x < W; x++) {
            const size_t u = 2 * x * one.width_px / W % one.width_px;
            const size_t at = (y * one.height_px / H) * one.width_px +
                              (x < W / 2 ? u : one.width_px - 1 - u);
            memcpy(rgb + 3 * (y * W + x), one.rgb + 3 * at, 3);
        }
    }
    limner_io_image_close(&one);
    test_wav(test_path("short.wav"), TEST_PCM, 16, 16000, 1, 0.4, -1);
    test_wav(test_path("long.wav"), TEST_PCM, 16, 22050, 1, 1.2, -1);
    return limner_io_png_write(test_path("pair.png"), rgb, 3 * W, W, H, 3, NULL, err);
}

static void hash_of(const char *arguments, char hash[32])
{
    char line[512];

    snprintf(line, sizeof(line), "speak pair.png -o o.mp4 --hash" FAST " %s", arguments);
    run_limner(&r, NULL, line);
    if (r.status != 0 || strlen(r.out) != 17)
        fail_msg("%s: status %d, '%s'", line, r.status, r.err);
    memcpy(hash, r.out, 17);
    hash[17] = 0;
}

static void two_voices_speak_in_one_picture(void **state)
{
    limner_io_audio *sound;
    float pcm[2048];
    int64_t n, total = 0;

    (void)state;
    run_limner(&r, NULL, "speak pair.png --face 1 short.wav --face 0 long.wav -o pair.mp4 --json"
                         FAST);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "\"width_px\": 320, \"height_px\": 160"));
    assert_non_null(strstr(r.out, "\"frames\": 12,"));          /* the longest counts */
    assert_non_null(strstr(r.out, "\"sound_s\": 1.2"));
    assert_int_equal(limner_io_audio_open_at(&sound, test_path("pair.mp4"), 16000, err), 0);
    while ((n = limner_io_audio_read(sound, pcm, 2048, err)) > 0)
        total += n;
    limner_io_audio_close(&sound);
    assert_in_range(total, 16000 * 115 / 100, 16000 * 135 / 100);
}

static void takes_of_a_group_repeat(void **state)
{
    char first[32], again[32], other[32];

    (void)state;
    hash_of("--face 0 short.wav --face 1 long.wav --seed 5", first);
    hash_of("short.wav long.wav --face 0 --face 1 --seed 5 --threads 1", again);
    assert_string_equal(first, again);
    hash_of("--face 1 long.wav --idle 0 --seed 5", other);
    assert_string_not_equal(first, other);
}

static void motions_move_several_faces(void **state)
{
    (void)state;
    run_limner(&r, NULL, "speak demo.portrait long.wav -o a.mp4 --motion-out a.csv" FAST);
    assert_int_equal(r.status, 0);
    run_limner(&r, NULL, "drive pair.png --face 0 a.csv --face 1 a.csv -o c.mp4 --json" FAST);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "\"frames\": 12,"));
}

static void whom_there_is_not_is_said(void **state)
{
    (void)state;
    run_expect("speak pair.png --face 0 short.wav --face 5 long.wav -o o.mp4", 1, "",
               "limner: pair.png: face 5 asked for, but only 2 found (counted from 0); limner "
               "info FILE lists the faces\n");
    run_expect("speak demo.portrait --face 0 short.wav --face 1 long.wav -o o.mp4", 1, "",
               "limner: demo.portrait: holds one face; give the photo instead\n");
    run_expect("pose demo.portrait --face 1 -o p.png", 1, "",
               "limner: demo.portrait: holds one face; give the photo instead\n");
    run_expect("speak pair.png - - --face 0 --face 1 -o o.mp4", 2, "",
               "limner: only one of PORTRAIT and AUDIO can be standard input\n");
}

static void the_whole_photo_is_as_large_as_it_is(void **state)
{
    limner_io_image img;

    (void)state;
    run_limner(&r, NULL, "pose pair.png --face 0 --frame full -o full.png --yaw 10");
    assert_int_equal(r.status, 0);
    assert_int_equal(limner_io_image_read(&img, test_path("full.png"), err), 0);
    assert_true(img.width_px == (W & ~1) && img.height_px == (H & ~1));
    limner_io_image_close(&img);
    run_expect("pose pair.png --face 0 -o o.png --size 2050", 1, "",
               "limner: size 2050 x 2050; even, 64 to 2048 pixels are possible for a crop\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_voices_speak_in_one_picture),
        cmocka_unit_test(takes_of_a_group_repeat),
        cmocka_unit_test(motions_move_several_faces),
        cmocka_unit_test(whom_there_is_not_is_said),
        cmocka_unit_test(the_whole_photo_is_as_large_as_it_is),
    };

    if (!run_has_nets())
        return RUN_SKIPPED;
    run_make_portrait();
    return cmocka_run_group_tests_name("faces", tests, make_pair, test_clean_up);
}
