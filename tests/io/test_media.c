/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and sound in, with the inputs people really have. */
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
#include "heard.h"
#include "io/media.h"

static char err[LIMNER_IO_ERROR_SIZE];

/* ---- pictures ---- */

/* 'r', 'g', 'b', 'w', 'k' (black) or '?' at a pixel near a corner: 0 upper left, 1 upper right,
 * 2 lower left, 3 lower right. */
static char colour(const limner_io_image *img, int corner)
{
    const uint32_t x = corner & 1 ? img->width_px - 3 : 2, y = corner & 2 ? img->height_px - 3 : 2;
    const uint8_t *p = img->rgb + 3 * ((size_t)y * img->width_px + x);
    const int code = (p[0] > 192) << 2 | (p[1] > 192) << 1 | (p[2] > 192);
    const int is_pure =
        (p[0] < 64 || p[0] > 192) && (p[1] < 64 || p[1] > 192) && (p[2] < 64 || p[2] > 192);

    return is_pure ? "kbg?r??w"[code] : '?';
}

static void assert_corners(const char *path, const char *expected)
{
    limner_io_image img;
    char seen[5] = "";

    if (limner_io_image_read(&img, path, err) < 0)
        fail_msg("%s", err);
    for (int i = 0; i < 4; i++)
        seen[i] = colour(&img, i);
    assert_string_equal(seen, expected);
    limner_io_image_close(&img);
}

static void pictures_of_many_kinds_become_srgb(void **state)
{
    (void)state;
    assert_corners(test_data("quadrants.jpg"), "rgbw");
    assert_corners(test_data("cmyk.jpg"), "rgbw");
    assert_corners(test_data("palette.png"), "rgbw");
    assert_corners(test_data("animated.gif"), "rgbw");
}

/* Of two pictures FFmpeg tells no mean rate: the file's own length does. */
static void short_gifs_tell_their_rate(void **state)
{
    enum { TWO_PICTURES = 544, N_MOST = 1024 };
    static uint8_t bytes[N_MOST];
    FILE *in = fopen(test_data("animated.gif"), "rb");
    limner_io_video_in *video;

    (void)state;
    assert_non_null(in);
    assert_true(fread(bytes, 1, N_MOST, in) > TWO_PICTURES);
    fclose(in);
    bytes[TWO_PICTURES] = ';'; /* the mark of the end */
    test_write(test_path("two.gif"), bytes, TWO_PICTURES + 1);
    assert_int_equal(limner_io_video_in_open(&video, test_path("two.gif"), err), 0);
    assert_float_equal(limner_io_video_in_duration_s(video), 0.2, 1e-9);
    assert_float_equal(limner_io_video_in_fps(video), 10, 1e-9);
    limner_io_video_in_close(&video);
}

static void sixteen_bit_grey_keeps_its_levels(void **state)
{
    limner_io_image img;

    (void)state;
    assert_int_equal(limner_io_image_read(&img, test_data("grey16.png"), err), 0);
    assert_int_equal(img.rgb[0], 0);
    assert_in_range(img.rgb[3 * 63], 126, 129);
    assert_int_equal(img.rgb[3 * 63], img.rgb[3 * 63 + 2]);
    limner_io_image_close(&img);
}

static void transparent_parts_lie_over_grey(void **state)
{
    const uint8_t pixels[4 * 2] = {255, 0, 0, 255, 255, 0, 0, 0};
    const char *path = test_path("alpha.png");
    limner_io_image img;

    (void)state;
    assert_int_equal(limner_io_png_write(path, pixels, 8, 2, 1, 4, "a comment", err), 0);
    assert_int_equal(limner_io_image_read(&img, path, err), 0);
    assert_int_equal(img.width_px, 2);
    assert_int_equal(img.rgb[0], 255);
    assert_int_equal(img.rgb[3], 128);
    assert_int_equal(img.rgb[4], 128);
    limner_io_image_close(&img);
}

/* quadrants.jpg with an EXIF segment that holds nothing but the orientation. */
static const char *oriented(int orientation)
{
    static const uint8_t head[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
                                   'M',  'M',  0, 42, 0,   0,   0,   8,   0, 1,
                                   0x01, 0x12, 0, 3,  0,   0,   0,   1,   0};
    const char *path = test_path("oriented.jpg");
    uint8_t bytes[2048];
    limner_io_file f;

    assert_int_equal(limner_io_file_read(&f, test_data("quadrants.jpg"), 1000, err), 0);
    memcpy(bytes, f.bytes, 2);
    memcpy(bytes + 2, head, sizeof(head));
    memset(bytes + 2 + sizeof(head), 0, 36 - sizeof(head));
    bytes[2 + sizeof(head)] = (uint8_t)orientation;
    memcpy(bytes + 38, (uint8_t *)f.bytes + 2, f.len_bytes - 2);
    test_write(path, bytes, f.len_bytes + 36);
    limner_io_file_close(&f);
    return path;
}

static void all_eight_orientations_come_upright(void **state)
{
    /* Where the stored corners (r g / b w) are to be seen: EXIF's definition of 1..8. */
    static const char *const seen[8] = {"rgbw", "grwb", "wbgr", "bwrg",
                                        "rbgw", "brwg", "wgbr", "gwrb"};

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_corners(oriented(i + 1), seen[i]);
}

static void assert_picture_refused(const char *path, const char *reason)
{
    limner_io_image img;

    assert_true(limner_io_image_read(&img, path, err) < 0);
    assert_null(img.rgb);
    if (!strstr(err, reason) || strchr(err, '\n'))
        fail_msg("'%s' does not say '%s' in one line", err, reason);
}

static void bad_pictures_are_named(void **state)
{
    static const uint8_t huge[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\2";
    limner_io_file f;

    (void)state;
    assert_picture_refused(test_path("absent.jpg"), "there is no such file");
    assert_picture_refused(test_folder(), "is a folder");
    test_write(test_path("empty.jpg"), "", 0);
    assert_picture_refused(test_path("empty.jpg"), "is empty");
    test_write(test_path("text.jpg"), "hello\n", 6);
    assert_picture_refused(test_path("text.jpg"), "unknown format");
    test_write(test_path("huge.png"), huge, sizeof(huge));
    assert_picture_refused(test_path("huge.png"), "30000 x 30000 pixels, the limit is 100 million");
    assert_int_equal(limner_io_file_read(&f, test_data("quadrants.jpg"), 1000, err), 0);
    test_write(test_path("cut.jpg"), f.bytes, f.len_bytes - 40);
    limner_io_file_close(&f);
    assert_picture_refused(test_path("cut.jpg"), "is cut short");
    assert_int_equal(limner_io_file_read(&f, test_data("palette.png"), 1000, err), 0);
    test_write(test_path("cut.png"), f.bytes, f.len_bytes - 20);
    limner_io_file_close(&f);
    assert_picture_refused(test_path("cut.png"), "is cut short");
    test_wav(test_path("sound.jpg"), TEST_PCM, 16, 16000, 1, 0.1, -1);
    assert_picture_refused(test_path("sound.jpg"), "holds no picture");
}

/* ---- sound ---- */

static void sound_comes_at_the_wanted_rate(void **state)
{
    static const int rates_hz[] = {16000, 44100, 48000, 8000};
    const char *path = test_path("rate.wav");

    (void)state;
    for (int i = 0; i < 4; i++) {
        test_wav(path, TEST_PCM, 16, rates_hz[i], 2, 0.5, 0.25);
        const heard h = hear_at(path, 16000);
        assert_int_equal(h.rate_hz, 16000);
        assert_true(fabs(h.seconds - 0.5) < 0.001);
        assert_true(fabs(h.loudest_s - 0.25) < 0.002);
    }
    assert_int_equal(hear_at(path, 1000000).rate_hz, 192000);
}

static void sound_of_any_sample_format_is_read(void **state)
{
    static const struct {
        int form, bits, rate_hz, n_channels;
        uint32_t expected_hz;
    } forms[] = {
        {TEST_PCM, 8, 11025, 1, 11025},    {TEST_PCM, 16, 44100, 2, 44100},
        {TEST_PCM, 24, 48000, 2, 48000},   {TEST_PCM, 32, 48000, 1, 48000},
        {TEST_FLOAT, 32, 22050, 1, 22050}, {TEST_PCM, 16, 192000, 1, 192000},
        {TEST_PCM, 16, 384000, 1, 192000}, {TEST_PCM, 16, 4000, 1, 8000},
        {TEST_PCM, 16, 48000, 6, 48000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *path = test_path("form.wav");
        test_wav(path, forms[i].form, forms[i].bits, forms[i].rate_hz, forms[i].n_channels, 0.5,
                 0.25);
        const heard h = hear(path);
        assert_int_equal(h.rate_hz, forms[i].expected_hz);
        assert_true(fabs(h.seconds - 0.5) < 0.001);
        assert_true(fabs(h.loudest_s - 0.25) < 0.002);
        assert_true(h.loudest > 0.5f && h.loudest < 1.2f);
    }
}

static void assert_sound_refused(const char *path, const char *reason)
{
    limner_io_audio *a = NULL;
    float pcm[1000];
    int64_t n = -1;

    err[0] = 0;
    if (limner_io_audio_open(&a, path, err) == 0) {
        while ((n = limner_io_audio_read(a, pcm, 1000, err)) > 0)
            continue;
    }
    assert_int_equal(n, -1);
    if (!strstr(err, reason) || strchr(err, '\n'))
        fail_msg("'%s' does not say '%s' in one line", err, reason);
    limner_io_audio_close(&a);
}

static void bad_sounds_are_named(void **state)
{
    const char *path = test_path("bad.wav");
    const float nan_value = NAN;
    limner_io_file f;

    (void)state;
    test_write(path, "", 0);
    assert_sound_refused(path, "is empty");
    test_wav(path, TEST_PCM, 16, 16000, 1, 0, -1);
    assert_sound_refused(path, "holds no sound (0 samples)");
    assert_sound_refused(test_data("quadrants.jpg"), "has no sound");
    test_wav(path, TEST_PCM, 16, 16000, 1, 1, -1);
    assert_int_equal(limner_io_file_read(&f, path, 1 << 20, err), 0);
    test_write(test_path("cut.wav"), f.bytes, f.len_bytes / 2);
    limner_io_file_close(&f);
    assert_sound_refused(test_path("cut.wav"), "is cut short");
    test_wav(path, TEST_FLOAT, 32, 16000, 1, 1, -1);
    const int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, &nan_value, 4, 44 + 4 * 5000), 4);
    close(fd);
    assert_sound_refused(path, "NaN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_many_kinds_become_srgb),
        cmocka_unit_test(short_gifs_tell_their_rate),
        cmocka_unit_test(sixteen_bit_grey_keeps_its_levels),
        cmocka_unit_test(transparent_parts_lie_over_grey),
        cmocka_unit_test(all_eight_orientations_come_upright),
        cmocka_unit_test(bad_pictures_are_named),
        cmocka_unit_test(sound_of_any_sample_format_is_read),
        cmocka_unit_test(sound_comes_at_the_wanted_rate),
        cmocka_unit_test(bad_sounds_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
